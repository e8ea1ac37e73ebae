// The two charts of the neurons: each where it stands on the activation function, and how much the first of them carry
// together.

import { axes, box, dots, stroke } from "../../draw/chart.js";
import { ticks } from "../../draw/scale.js";
import { sans } from "../../draw/type.js";
import { wholePercent } from "../../format.js";
import * as words from "./words.js";

export const HEIGHT = 210;
const RADIUS = 2.2;
const [LISTED, CHOSEN] = [4, 6]; // radii of the neurons that are listed, and of the one that is looked at

/** Where things stand on the activation's chart; `at(left, top)` finds the nearest neuron within reach, or -1. */
export function curveBox(context, tint, width, { before, after, curve }) {
  const xs = /** @type {[number, number]} */ ([Math.min(-4, ...before), Math.max(4, ...before)]);
  const ys = /** @type {[number, number]} */ ([Math.min(0, ...curve), Math.max(...curve)]);
  const chart = box(context, tint, { width, height: HEIGHT }, xs, ys, { left: 40, right: 12 });
  const at = (left, top) => {
    let [nearest, found] = [12 ** 2, -1];
    before.forEach((value, index) => {
      const distance = (chart.x(value) - left) ** 2 + (chart.y(after[index]) - top) ** 2;
      if (distance < nearest) [nearest, found] = [distance, index];
    });
    return found;
  };
  return { ...chart, xs, ys, at };
}

/** `top` are the neurons that are listed, `chosen` which of them is looked at, `pointed` the neuron under the pointer. */
export function paintCurve(chart, { before, after, curve }, { activation, top, chosen, pointed }) {
  const { tint, xs, ys } = chart;
  axes(chart, {
    xTicks: ticks(...xs, 6),
    yTicks: ticks(...ys, 4),
    xName: words.GIVEN,
    yName: words.activated(activation),
  });
  const step = (xs[1] - xs[0]) / (curve.length - 1);
  stroke(
    chart,
    Array.from(curve, (value, index) => [xs[0] + index * step, value]),
    tint.quiet,
    1.25,
  );
  const points = Array.from(before, (value, index) => /** @type {[number, number]} */ ([value, after[index]]));
  dots(chart, points, tint.value, RADIUS);
  dots(
    chart,
    top.map((index) => points[index]),
    tint.gold,
    LISTED,
  );
  for (const index of [chosen, pointed]) if (index >= 0) ring(chart, points[index]);
}

function ring({ context, tint, x, y }, [at, value]) {
  context.beginPath();
  context.arc(x(at), y(value), CHOSEN, 0, 2 * Math.PI);
  context.strokeStyle = tint.ink;
  context.lineWidth = 1.5;
  context.stroke();
}

/** The shares of the neurons, the largest first, added up. */
export function paintCarried(context, tint, width, share, { half, most }) {
  const sums = [[0, 0]];
  for (const part of Array.from(share).sort((a, b) => b - a)) sums.push([sums.length, sums.at(-1)[1] + part]);
  const highest = Math.max(1, ...sums.map(([, sum]) => sum));
  const size = { width, height: HEIGHT };
  const chart = box(context, tint, size, [0, share.length], [0, highest], { left: 46, right: 12 });
  axes(chart, {
    xTicks: ticks(0, share.length, 4),
    yTicks: [0, 0.5, 0.9],
    xName: words.SORTED,
    yName: words.TOGETHER,
    say: (part) => (part ? wholePercent(part) : "0"),
  });
  stroke(chart, sums, tint.gold, 2);
  context.font = sans(12, 550);
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const [count, part, said] of [
    [half, 0.5, half === null ? "" : words.halfAfter(half)],
    [most, 0.9, most === null ? "" : words.mostAfter(most)],
  ]) {
    if (count === null) continue;
    dots(chart, [[count, sums[count][1]]], tint.ink, 3.5);
    context.fillStyle = tint.ink;
    context.fillText(said, chart.x(count) + 10, chart.y(part) + 12);
  }
  context.textBaseline = "alphabetic";
}
