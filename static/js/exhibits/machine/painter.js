// Everything that is painted: the sheet with what changes with a frame only, and over it, in each picture of a movement,
// what is lit and what moves. A movement gives way to typing: while an answer is on its way the processor is the model's.

import { fit } from "../../page/canvas.js";
import { progress, Tween } from "../../page/motion.js";
import * as attention from "./attention.js";
import { paintCells } from "./cells.js";
import { paintCandidates, paintSummary } from "./ends.js";
import * as feed from "./feed.js";
import { addedRow } from "./anatomy.js";
import { laneOf, laneY } from "./layout.js";
import { paintLegend } from "./legend.js";
import { movedOf, paintMoved, paintMovedScale } from "./moved.js";
import { mountMinis, paintLoads, paintSlabs } from "./slabs.js";
import { paintGate, paintStream } from "./stream.js";

const SLOWEST_MS = 50; // between two pictures of a movement
const ABOVE = 64; // px that the pipes to the first candidates may rise above the stage

export function mountPainter(canvas, stage, next, store) {
  const sheet = document.createElement("canvas");
  const paintMinis = mountMinis();
  const tweens = new Map();
  let arrival = -Infinity; // when the newest lane came
  let painted = {};
  let view = null; // what is painted
  let turn = null; // the animation frame of the movement
  let awake = 0; // when the movement had its last turn
  let rowsAt = { key: "", places: [] };

  /** The values on their way to new ones, by what they are. */
  function slide(name, values, columns) {
    if (!tweens.has(name)) tweens.set(name, new Tween());
    tweens.get(name).to(values, columns);
    return tweens.get(name).now();
  }

  /** Paints what changes with a frame, a head, a size or a theme only. */
  function paintSheet({ frame, machine, place, placed, head, layer, patterns, rows, measured, tint }) {
    const theme = document.documentElement.dataset.theme;
    const now = { frame, placed, head, theme, ratio: devicePixelRatio };
    if (Object.keys(now).every((part) => painted[part] === now[part])) return;
    painted = now;
    const context = fit(sheet, place.width, place.height);
    const { x, width, top, bottom } = place.block;
    context.beginPath();
    context.roundRect(x + 0.5, top + 0.5, width - 1, bottom - top - 1, 9);
    context.fillStyle = tint.card;
    context.fill();
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.stroke();
    const minis = paintSlabs(context, place, patterns, machine, tint);
    for (const part of place.attentions) {
      minis.push(...attention.paintAtlas(context, part, patterns[part.kind], layer, machine, tint));
    }
    paintMinis(context, minis, tint);
    for (const part of place.attentions) attention.paintMatrix(context, part, rows[part.kind], tint);
    for (const { name, prefix } of machine.stacks) {
      const groups = name === "decoder" ? 1 : machine.embeddings.length;
      paintCells(context, place.rivers[name], frame.arrays[`${prefix}embed`], groups, tint);
    }
    paintLoads(context, place, measured, tint);
    paintLegend(context, place, measured, tint);
    if (movedOf(measured, place.read)) paintMovedScale(context, place, tint);
  }

  /** Where the rows of the shared column stand, seen from the stage; asked once for each width. */
  function candidatesAt({ frame, place }) {
    const shown = [...next.querySelectorAll(".candidate")].filter((row) => !row.hidden);
    const key = `${place.width} ${place.height} ${place.below} ${innerWidth} ${shown.length}`;
    if (rowsAt.key !== key) {
      const from = stage.getBoundingClientRect();
      const places = shown.map((row) => row.getBoundingClientRect());
      rowsAt = {
        key,
        places: places.map(({ left, top, height }) => ({ x: left - from.left - 5, y: top + height / 2 - from.top })),
      };
    }
    return rowsAt.places.map(({ x, y }, index) => ({ x, y, ...frame.next.top[index] }));
  }

  /** The rivers and the norms that stand in them. */
  function paintRivers(context, view, rivers, arriving) {
    const { machine, place, stack, measured, lit, tint } = view;
    for (const { name } of machine.stacks) {
      const [river, end] = [place.rivers[name], place.final[name]];
      const shown = river === place.read ? lit.read : lit.written;
      const lanes = { selected: shown.lane, hover: shown.hover };
      const late = river === place.read ? arriving : 1;
      paintStream(context, river, place.stations[name], rivers[name].norms, measured, lanes, late, tint);
      const moved = movedOf(measured, river);
      if (moved) paintMoved(context, river, place.stations[name], moved, tint);
      if (end) paintGate(context, river, end, tint);
      if (machine.post_norm && stack.name === name) {
        for (const part of [...place.attentions, place.feed]) paintGate(context, river, part.normX, tint);
      }
    }
  }

  /** The kinds of attention of the open block. */
  function paintAttentions(context, view, now) {
    const { machine, place, rows, measured, lit, labels, tint } = view;
    for (const part of place.attentions) {
      const { kind, queries } = part;
      const at = lit.parts[kind];
      if (!machine.post_norm) attention.paintNorm(context, part, tint);
      attention.paintWires(context, part, rows[kind], at, tint);
      attention.paintLit(context, part, rows[kind], at, tint);
      if (part.leads) {
        const [row] = labels.get(kind);
        attention.paintLeader(context, part, row.x + 3 + attention.labelWidth(row), row.y, tint);
      }
      const share = attention.weightsOf(rows[kind], at.query, part.keys);
      const weights = slide(`weights.${kind}`, share, share.length);
      const row = addedRow(now.stack, now.layer, part.part);
      const length = now.added[row * queries.lanes.count + laneOf(queries, at.query)];
      attention.paintValues(context, part, length, weights, measured, at, tint);
    }
  }

  /** What feeds forward in the open block. */
  function paintFeed(context, view, now) {
    const { machine, place, layer, measured, lit, tint } = view;
    const part = place.attentions.at(-1);
    const shown = place.feed.river === place.read ? lit.read : lit.written;
    const at = { query: lit.parts[part.kind].query, hover: shown.hover };
    const route = measured.routes.get(layer);
    if (!machine.post_norm) feed.paintNorm(context, place.feed, tint);
    if (!route) return feed.paintMLP(context, place.feed, now, machine, measured, at, tint);
    const probabilities = slide("gates", route.probabilities, route.probabilities.length);
    feed.paintExperts(context, place.feed, now, { ...route, probabilities }, machine, measured, at, tint);
  }

  /** One picture of a movement, or the only one, part by part. */
  function paintPicture() {
    const { machine, place, stack, layer, measured, frame, candidates, tint } = view;
    const width = place.below ? place.width : Math.ceil((candidates[0]?.x ?? place.width) + 1);
    const context = fit(canvas, width, place.height + ABOVE);
    context.translate(0, ABOVE);
    context.drawImage(sheet, 0, 0, place.width, place.height);
    const rivers = {};
    for (const { name } of machine.stacks) {
      const { norms, added } = measured.rivers[name];
      const { count } = place.rivers[name].lanes;
      rivers[name] = { norms: slide(`norms.${name}`, norms, count), added: slide(`added.${name}`, added, count) };
    }
    const now = { ...measured.rivers[stack.name], ...rivers[stack.name], stack, layer };
    paintRivers(context, view, rivers, progress(arrival));
    paintAttentions(context, view, now);
    paintFeed(context, view, now);
    if (machine.summary) paintSummary(context, place, tint);
    if (candidates.length) {
      paintCandidates(context, place, laneY(place.spoken, laneOf(place.spoken, frame.position)), candidates, tint);
    }
    awake = performance.now();
    turn = isMoving() ? requestAnimationFrame(move) : null;
  }

  /** Whether there is more to come. */
  function isMoving() {
    return progress(arrival) < 1 || [...tweens.values()].some((tween) => tween.moving);
  }

  /** The movement's next picture, or its last where the browser is too busy to show one smoothly. */
  function move() {
    const now = performance.now();
    if (now - awake > SLOWEST_MS) {
      arrival = -Infinity;
      for (const tween of tweens.values()) tween.finish();
    }
    awake = now;
    if (store.inFlight && isMoving()) turn = requestAnimationFrame(move);
    else paintPicture();
  }

  return {
    paint(shown) {
      cancelAnimationFrame(turn);
      view = { ...shown, candidates: candidatesAt(shown) };
      paintSheet(view);
      paintPicture();
    },
    /** A lane has come. */
    arrive: () => {
      arrival = performance.now();
    },
  };
}
