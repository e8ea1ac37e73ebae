// The machine: one drawing on one canvas, with words and things to press over it. What changes with a frame only
// (slabs, miniatures, matrix, legends) is painted once on a sheet of its own; lanes, pipes and what is lit are painted
// over it.

import { colours } from "../color.js";
import { fit } from "../dom.js";
import { fulfil } from "../settings.js";
import { lit as lights } from "../tokenrow.js";
import * as attention from "../machine/attention.js";
import * as captions from "../machine/captions.js";
import { mountCard } from "../machine/card.js";
import { paintCandidates } from "../machine/ends.js";
import { paintExperts, paintMLP } from "../machine/feed.js";
import { layout, NARROWEST } from "../machine/layout.js";
import { paintLegend } from "../machine/legend.js";
import { measure } from "../machine/measure.js";
import { mountParts } from "../machine/parts.js";
import { paintLoads, paintMinis, paintSlabs } from "../machine/slabs.js";
import { paintCells, paintStream, stations } from "../machine/stream.js";
import { progress, Tween } from "../machine/tween.js";
import { mountWords } from "../machine/words.js";
import { widthOf } from "../size.js";
import { strongestKey } from "./attention.js";

const SLOWEST_MS = 50; // between two pictures of a movement
const ABOVE = 64; // px that the pipes to the first candidates may rise above the stage

/** The parts of the state that its numbers depend on, besides those of every exhibit. */
export const asks = [];

export function mount(root, store) {
  const [box, stage, canvas] = [".stage-box", ".stage", ".drawing"].map((selector) => root.querySelector(selector));
  const wide = matchMedia("(min-width: 1280px)"); // the candidates stand beside the exhibit, as app.css has it
  const sheet = document.createElement("canvas");
  const write = mountWords(root.querySelector(".words"));
  const parts = mountParts(root.querySelector(".parts"), store);
  const card = mountCard(stage, store);
  const next = document.querySelector(".next");
  const tweens = { norms: new Tween(), added: new Tween(), weights: new Tween(), gates: new Tween() };
  let place = null;
  let placed = "";
  let painted = {};
  let measured = null;
  let arrival = -Infinity; // when the newest lane came
  let moving = false;
  let lastPaint = 0;
  let rows = { key: "", places: [] };

  box.addEventListener("scroll", () => parts.follow(box.scrollLeft), { passive: true });
  next.addEventListener("click", (event) => {
    if (store.state.exhibit === "machine" && event.target.closest(".candidate")) store.open("sampling");
  });

  /** Lays the drawing out anew if a size changed. */
  function arrange(config, state, tokens) {
    const width = Math.max(NARROWEST, widthOf(box));
    const below = !wide.matches;
    const key = `${config.name} ${state.layer} ${tokens} ${width} ${below}`;
    if (key === placed) return;
    if (place && tokens === place.tokens + 1) arrival = performance.now();
    placed = key;
    place = layout(config, tokens, width, state.layer, below);
    place.stations = stations(place);
    stage.style.cssText = `width:${width}px;height:${place.height}px`;
    parts.arrange(place, config);
    write("fixed", captions.fixedWords(place, config));
  }

  /** What is lit: tokens, and the lanes they are in. */
  function light({ state, frame }, attended) {
    const roles = lights({ state, frame });
    const last = frame.tokens.length - 1;
    const queryToken = Math.min(state.hover?.query ?? roles.selected, last);
    const chosen = state.hover?.key ?? (queryToken === roles.selected ? state.key : null);
    const keyToken = Math.min(chosen ?? strongestKey(attended, queryToken, frame.tokens), queryToken);
    const laneOf = (token) => (token === null ? null : Math.floor(Math.min(token, last) / place.lanes.group));
    return {
      selectedToken: roles.selected,
      selected: laneOf(roles.selected),
      hover: laneOf(state.hover?.token ?? state.hover?.query ?? null),
      queryToken,
      keyToken,
      query: laneOf(queryToken),
      key: laneOf(keyToken),
    };
  }

  /** Paints what changes with a frame, a head, a size or a theme only. */
  function paintSheet({ state, frame }, tint) {
    const theme = document.documentElement.dataset.theme;
    const now = { frame, placed, head: state.head, theme, ratio: devicePixelRatio };
    if (Object.keys(now).every((part) => painted[part] === now[part])) return;
    painted = now;
    const { pattern, embed } = frame.arrays;
    const context = fit(sheet, place.width, place.height);
    const { x, width } = place.block;
    context.beginPath();
    context.roundRect(x + 0.5, 0.5, width - 1, place.height - 1, 9);
    context.fillStyle = tint.card;
    context.fill();
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.stroke();
    const slabs = paintSlabs(context, place, pattern, tint);
    paintMinis(context, [...slabs, ...attention.paintAtlas(context, place, pattern, tint)], tint);
    attention.paintMatrix(context, place, pattern.head(state.layer, state.head));
    paintCells(context, place, { embed, tokens: frame.tokens.length }, tint);
    paintLoads(context, place, measured, tint);
    paintLegend(context, place, measured, tint);
  }

  /** Where the rows of the shared column stand, seen from the stage; asked once for each width. */
  function rowPlaces() {
    const key = `${place.width} ${place.below} ${innerWidth}`;
    if (rows.key !== key) {
      const from = stage.getBoundingClientRect();
      const shown = [...next.querySelectorAll(".candidate")].filter((row) => !row.hidden);
      const places = shown.map((row) => row.getBoundingClientRect());
      rows = {
        key,
        places: places.map(({ left, top, height }) => ({ x: left - from.left - 5, y: top + height / 2 - from.top })),
      };
    }
    return rows.places;
  }

  /** The candidates, and where their rows stand. */
  function targets({ frame }) {
    return rowPlaces().map(({ x, y }, index) => ({ x, y, ...frame.next.top[index] }));
  }

  function draw(view) {
    const { state, frame, catalog } = view;
    const { pattern } = frame.arrays;
    if (!frame.arrays.norms) return;
    fulfil(store);
    const config = catalog.models[frame.model];
    const tokens = frame.tokens.length;
    arrange(config, state, tokens);
    const attended = pattern.head(state.layer, state.head);
    const lit = light(view, attended);
    const tint = colours();
    if (painted.frame !== frame || painted.placed !== placed) {
      measured = measure(frame, config, place.lanes);
    }
    paintSheet(view, tint);
    const labels = captions.matrixWords(place, frame.tokens, lit);
    paint(view, config, attended, labels[0], lit, tint);
    words(view, config, labels, lit);
    parts.draw(view, lit);
    const cell = { layer: state.layer, head: state.head, query: lit.queryToken, key: lit.keyToken };
    card({ text: frame.text, model: frame.model, ...cell }, frame.tokens, place.attention);
  }

  /** One picture, part by part. */
  function paint(view, config, attended, rowLabel, lit, tint) {
    const { lanes } = place;
    const candidates = targets(view);
    const width = place.below ? place.width : Math.ceil(candidates[0].x + 1);
    const context = fit(canvas, width, place.height + ABOVE);
    context.translate(0, ABOVE);
    context.drawImage(sheet, 0, 0, place.width, place.height);
    const route = measured.routes.get(place.open);
    tweens.norms.to(measured.norms, lanes.count);
    tweens.added.to(measured.added, lanes.count);
    const now = { ...measured, norms: tweens.norms.now(), added: tweens.added.now() };
    tweens.weights.to(attention.weightsOf(attended, lit.queryToken, lanes), lanes.count);
    const arriving = progress(arrival);
    paintStream(context, place, now, lit, arriving, tint);
    attention.paintWires(context, place, lit, tint);
    attention.paintLit(context, place, lit, tint);
    attention.paintLeader(context, place, rowLabel, lit, tint);
    if (route) tweens.gates.to(route.probabilities, route.probabilities.length);
    if (route) paintExperts(context, place, now, { ...route, probabilities: tweens.gates.now() }, config, lit, tint);
    else paintMLP(context, place, now, lit, tint);
    attention.paintValues(context, place, now, tweens.weights.now(), lit, tint);
    paintCandidates(context, place, candidates, tint);
    move(arriving);
  }

  /** Asks for the next picture of a movement; ends it where the browser is too busy to show one smoothly. */
  function move(arriving) {
    const now = performance.now();
    const late = moving && now - lastPaint > SLOWEST_MS;
    moving = arriving < 1 || Object.values(tweens).some((tween) => tween.moving);
    lastPaint = now;
    if (!moving) return;
    if (late) {
      arrival = -Infinity;
      for (const tween of Object.values(tweens)) tween.finish();
    }
    store.changed();
  }

  function words({ state, frame }, config, labels, lit) {
    const route = measured.routes.get(place.open);
    write("diagonal", labels);
    write("numbers", captions.attentionWords(place, config, state, measured, lit, frame));
    write("feed", captions.feedWords(place, config, route, measured, lit, frame));
    write("legend", captions.legendWords(place, config, measured, frame.arrays.embed_scale[0]));
  }

  return { draw };
}
