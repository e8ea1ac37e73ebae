// What stands beside the field: how alike two places are, for vectors that are added; what a distance costs, for numbers
// that are added to scores.

import { ticks } from "../../draw/scale.js";
import { axes, box, dots, stroke } from "../../draw/chart.js";
import { bucketBias, bucketHeads, headOf, valueAt } from "./schemes.js";
import { AXIS } from "./words.js";

export const HEIGHT = { alike: 190, bias: 230 };

/** The cosine of the angle between the vectors of two rows; null where it is not known. */
export function alike({ cols, value, alike: known }, a, b) {
  if (known) return known(a, b);
  let [dot, aa, bb] = [0, 0, 0];
  for (let col = 0; col < cols; col++) {
    const [left, right] = [value(a, col), value(b, col)];
    if (left === null || right === null) return null;
    dot += left * right;
    aa += left * left;
    bb += right * right;
  }
  return dot / Math.sqrt(aa * bb);
}

/** How alike every place's vector is to that of the lit one. */
export function paintAlike(context, width, field, { query, key }, tint) {
  const values = Array.from({ length: field.rows }, (_, row) => alike(field, query, row));
  const known = values.flatMap((value, row) => (value === null ? [] : [[row, value]]));
  const low = Math.min(0, ...known.map(([, value]) => value));
  const size = { width, height: HEIGHT.alike };
  const chart = box(context, tint, size, [0, Math.max(1, field.rows - 1)], [low, 1]);
  axes(chart, {
    xTicks: ticks(0, Math.max(1, field.rows - 1)).filter(Number.isInteger),
    yTicks: ticks(low, 1),
    xName: AXIS.place,
    yName: AXIS.cosine,
  });
  stroke(chart, known, tint.residual);
  dots(chart, known, tint.residual, field.rows > 60 ? 1 : 2.25);
  if (values[query] != null) dots(chart, [[query, values[query]]], tint.query, 4.5);
  if (values[key] != null) dots(chart, [[key, values[key]]], tint.key, 4.5);
}

/** Each head's bias over the distances as [[relative, bias]], those of T5's buckets in steps. */
export function courses(scheme, frame) {
  const { positions, tokens } = frame;
  if (scheme === "alibi") {
    const reach = Math.max(tokens.length, 128);
    return positions.alibi.slopes.map((slope) => [
      [0, 0],
      [reach, -slope * reach],
    ]);
  }
  const { reach, sees } = positions.t5;
  const from = 1 - reach;
  const to = sees === "both" ? reach - 1 : 0;
  return Array.from({ length: bucketHeads(frame) }, (_, head) => {
    const bias = bucketBias(frame, head);
    const points = [];
    for (let relative = from; relative <= to; relative++) {
      points.push([relative - 0.5, bias(relative)], [relative + 0.5, bias(relative)]);
    }
    return sees === "both" ? points : points.map(([at, value]) => [-at, value]).reverse();
  });
}

/** What each head adds at each distance; the line of the `chosen` head is violet. */
export function paintBias(context, width, frame, chosen, { query, key }, tint) {
  const { scheme } = frame.positions;
  const lines = courses(scheme, frame);
  const head = headOf(chosen, lines.length);
  const all = lines.flat();
  const xs = [Math.min(...all.map(([at]) => at)), Math.max(...all.map(([at]) => at))];
  const ys = [Math.min(0, ...all.map(([, value]) => value)), Math.max(0.001, ...all.map(([, value]) => value))];
  const chart = box(context, tint, { width, height: HEIGHT.bias }, xs, ys);
  const { x, top, bottom } = chart;
  const both = scheme === "t5" && frame.positions.t5.sees === "both";
  const reach = frame.tokens.length - 1;
  context.fillStyle = tint["gold-ground"];
  const [first, last] = [x(Math.max(xs[0], both ? -reach : 0)), x(Math.min(xs[1], reach))];
  context.fillRect(first, top, Math.max(1, last - first), bottom - top);
  if (scheme === "t5") edges(chart, frame, both);
  axes(chart, {
    xTicks: ticks(...xs, 5),
    yTicks: ticks(...ys),
    xName: both ? AXIS.relative : AXIS.distance,
    yName: AXIS.added,
  });
  lines.forEach((points, index) => index !== head && stroke(chart, points, tint.residual, 1));
  stroke(chart, lines[head], tint.attention, 2.5);
  const at = both ? key - query : query - key;
  const value = valueAt(scheme, frame, head, key - query);
  if (at >= xs[0] && at <= xs[1] && (both || at >= 0)) dots(chart, [[at, value]], tint.key, 4.5);
}

/** A tick at the foot of the chart where a bucket ends. */
function edges({ context, tint, x, bottom }, { arrays, positions }, both) {
  const { reach } = positions.t5;
  context.fillStyle = tint.quiet;
  for (let relative = 1 - reach; relative < (both ? reach - 1 : 0); relative++) {
    const index = relative + reach - 1;
    if (arrays.t5_buckets[index] === arrays.t5_buckets[index + 1]) continue;
    context.fillRect(Math.round(x(both ? relative + 0.5 : -relative - 0.5)), bottom - 5, 1, 5);
  }
}
