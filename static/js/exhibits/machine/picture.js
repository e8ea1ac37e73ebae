// What is painted over the sheet: the rivers, the pipes of the open block and of the candidates, and what is lit.
// `slide(name, values, columns)` gives values on their way to new ones, or as they are where nothing moves.

import { addedRow } from "./anatomy.js";
import * as attention from "./attention.js";
import { paintCandidates, paintSummary } from "./ends.js";
import * as feed from "./feed.js";
import { laneOf, laneY } from "./layout.js";
import { movedOf, paintMoved } from "./moved.js";
import { paintGate, paintStream } from "./stream.js";

/** `arriving`, 0 to 1, is how far the newest lane has come. */
export function paintPicture(context, view, slide, arriving, tint) {
  const { machine, place, stack, layer, measured, frame, candidates } = view;
  const rivers = {};
  for (const { name } of machine.stacks) {
    const { norms, added } = measured.rivers[name];
    const { count } = place.rivers[name].lanes;
    rivers[name] = { norms: slide(`norms.${name}`, norms, count), added: slide(`added.${name}`, added, count) };
  }
  const now = { ...measured.rivers[stack.name], ...rivers[stack.name], stack, layer };
  paintRivers(context, view, rivers, arriving, tint);
  paintAttentions(context, view, now, slide, tint);
  paintFeed(context, view, now, slide, tint);
  if (machine.summary) paintSummary(context, place, tint);
  if (candidates.length) {
    paintCandidates(context, place, laneY(place.spoken, laneOf(place.spoken, frame.position)), candidates, tint);
  }
}

/** The rivers and the norms that stand in them. */
function paintRivers(context, { machine, place, stack, measured, lit }, rivers, arriving, tint) {
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
function paintAttentions(context, { machine, place, rows, measured, lit, labels }, now, slide, tint) {
  for (const part of place.attentions) {
    const { kind, queries } = part;
    const at = lit.parts[kind];
    const reads = machine.reads_normed && !(machine.first_raw && place.open.layer === 0);
    if (!machine.post_norm && reads) attention.paintNorm(context, part, tint);
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
    if (machine.adds_normed) attention.paintNormBehind(context, part, tint);
  }
}

/** What feeds forward in the open block. */
function paintFeed(context, { machine, place, layer, measured, lit }, now, slide, tint) {
  const part = place.attentions.at(-1);
  const shown = place.feed.river === place.read ? lit.read : lit.written;
  const at = { query: lit.parts[part.kind].query, hover: shown.hover };
  const route = measured.routes.get(layer);
  if (!machine.post_norm && machine.reads_normed) feed.paintNorm(context, place.feed, tint);
  if (!route) feed.paintMLP(context, place.feed, now, machine, measured, at, tint);
  else {
    const probabilities = slide("gates", route.probabilities, route.probabilities.length);
    feed.paintExperts(context, place.feed, now, { ...route, probabilities }, machine, measured, at, tint);
  }
  if (machine.adds_normed) feed.paintNormBehind(context, place.feed, tint);
}
