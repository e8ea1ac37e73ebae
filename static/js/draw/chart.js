// The strokes that charts share: a box with two scales, its axes, and lines in it.

import { apart } from "./labels.js";
import { linear } from "./scale.js";
import { sans } from "./type.js";

/**
 * A box for a chart: context, colours, and the scales x(value), y(value). `size` is {width, height}; `xs`, `ys` are
 * [low, high]; `room` what stays free around the box, `scale` the kind of y's scale.
 */
export function box(context, tint, { width, height }, xs, ys, room = {}, scale = linear) {
  const { left = 44, right = 10, top = 10, bottom = 34 } = room;
  const ends = { left, right: width - right, top, bottom: height - bottom };
  const x = linear(xs, [ends.left, ends.right]);
  return { context, tint, x, y: scale(ys, [ends.bottom, ends.top]), ...ends };
}

/** A number of an axis, with the minus sign that stands everywhere else. */
const plain = (value) => String(value).replace("-", "\u2212");

/**
 * Hairlines and numbers of both axes, and what each is.
 *
 * @param {ReturnType<typeof box>} chart
 * @param {{xTicks: any[], yTicks: number[], xName: string, yName: string, say?: (value: number) => string}} axis
 */
export function axes(chart, { xTicks, yTicks, xName, yName, say = plain }) {
  const { context, tint, x, y, left, right, bottom } = chart;
  context.font = sans(11, 400);
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of yTicks) {
    context.strokeStyle = tint.hairline;
    context.beginPath();
    context.moveTo(left, Math.round(y(tick)) + 0.5);
    context.lineTo(right, Math.round(y(tick)) + 0.5);
    context.stroke();
    context.fillStyle = tint.quiet;
    context.fillText(say(tick), left - 6, y(tick));
  }
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  context.fillStyle = tint.quiet;
  for (const tick of xTicks) context.fillText(tick.label ?? plain(tick), x(tick.at ?? tick), bottom + 15);
  context.textAlign = "right";
  context.fillText(xName, right, bottom + 30);
  context.textAlign = "left";
  context.fillText(yName, left, bottom + 30);
}

/** A line through points [x, y] in the chart's units. */
export function stroke({ context, x, y }, points, colour, width = 1.75, dash = []) {
  context.beginPath();
  for (const [at, value] of points) context.lineTo(x(at), y(value));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/** Points where lines cross the chart. */
export function dots({ context, x, y }, points, colour, radius = 2.5) {
  context.fillStyle = colour;
  for (const [at, value] of points) {
    context.beginPath();
    context.arc(x(at), y(value), radius, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Labels at the right ends of lines, kept apart; `ends` = [{text, y (px), colour}]. */
export function endLabels(context, left, ends, low, high, line = 14) {
  const sorted = [...ends].sort((a, b) => a.y - b.y);
  const heights = sorted.map((end) => end.y);
  const places = apart(heights, line, low, high);
  context.font = sans(11.5, 550);
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const [index, { text, y, x, colour, ink }] of sorted.entries()) {
    const at = places[index];
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x + 3, y);
    context.lineTo(left - 4, at);
    context.stroke();
    context.fillStyle = ink;
    context.fillText(text, left, at);
  }
  context.textBaseline = "alphabetic";
}
