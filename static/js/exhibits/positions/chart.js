// The few strokes that the charts of this exhibit share: a box with two scales, its axes, and lines in it.

import { colours } from "../../page/theme.js";
import { fit } from "../../page/canvas.js";

export const SMALL = "400 11px Inter, sans-serif";

/**
 * A box for a chart: context, colours, and x(value), y(value). `xs`, `ys` are [low, high]; `log` makes y logarithmic.
 */
export function box(canvas, width, height, xs, ys, { left = 44, right = 10, top = 10, bottom = 34, log = false } = {}) {
  const context = fit(canvas, width, height);
  const tint = colours();
  const [right_, bottom_] = [width - right, height - bottom];
  const scale = log ? Math.log : (value) => value;
  const part = (value, [low, high]) => (value - low) / (high - low || 1);
  const x = (value) => left + part(value, xs) * (right_ - left);
  const y = (value) => bottom_ - part(scale(value), ys.map(scale)) * (bottom_ - top);
  return { context, tint, x, y, left, right: right_, top, bottom: bottom_ };
}

/** Round values between two, about `count` of them. */
export function rounds(low, high, count = 4) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((unit) => unit * power).find((size) => size >= raw * 0.99);
  const values = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step)
    values.push(Number(value.toPrecision(8)));
  return values;
}

/** Hairlines and numbers of both axes, and what each is. */
export function axes(chart, { xTicks, yTicks, xName, yName, say = String }) {
  const { context, tint, x, y, left, right, bottom } = chart;
  context.font = SMALL;
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
  for (const tick of xTicks) context.fillText(tick.label ?? String(tick), x(tick.at ?? tick), bottom + 15);
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
  sorted.forEach((end, index) => {
    end.at = Math.max(end.y, index ? sorted[index - 1].at + line : low);
  });
  let limit = high;
  for (const end of sorted.reverse()) {
    end.at = Math.min(end.at, limit);
    limit = end.at - line;
  }
  context.font = "550 11.5px Inter, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const { text, y, at, x, colour, ink } of sorted) {
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
