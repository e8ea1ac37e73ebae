// The clock: what the newest token took, with the cache and without it, at every length that was timed on this page.

import { linear } from "../../draw/scale.js";
import { mono, sans } from "../../draw/type.js";
import { count, decimal } from "../../format.js";
import { TOKENS_AXIS, milliseconds } from "./words.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [38, 66, 14, 34];
export const HEIGHT = 196;

/** A round number of at least `value`, whose half is one too. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

/** What a chart of the clock holds of one answer. */
export const times = ({ n_tokens, cached_ms, uncached_ms }) => ({ n_tokens, cached_ms, uncached_ms });

/** The middle one of some numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Axes with a hairline at each quarter of the height, and the numbers of tokens below. */
export function axes(context, { width, height, left, right, top, bottom, most, unit, longest }, tint) {
  const x = linear([0, longest], [left, width - right]);
  const y = linear([0, most], [height - bottom, top]);
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (let part = 0; part <= 2; part++) {
    const value = (most * part) / 2;
    context.fillStyle = tint.hairline;
    context.fillRect(left, Math.round(y(value)), width - left - right, 1);
    context.fillStyle = tint.quiet;
    context.fillText(unit(value), left - 7, y(value));
  }
  context.textBaseline = "top";
  for (let part = 0; part <= 4; part++) {
    context.textAlign = part === 0 ? "left" : "center";
    context.fillText(count(Math.round((longest * part) / 4)), x((longest * part) / 4), height - bottom + 6);
  }
  context.textAlign = "left";
  context.fillText(TOKENS_AXIS, left, height - 13);
  return { x, y };
}

/** Draws the measured points {n_tokens, cached_ms, uncached_ms}; the one of `now` tokens is the newest. */
export function paint(context, width, points, now, longest, tint) {
  const most = roundUp(Math.max(1, ...points.map((point) => Math.max(point.uncached_ms, point.cached_ms))));
  const size = { width, height: HEIGHT, left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM, most, longest };
  const { x, y } = axes(
    context,
    { ...size, unit: (value) => decimal(value, Number.isInteger(most / 2) ? 0 : 1) },
    tint,
  );
  if (!points.length) return;
  const newest = points.find((point) => point.n_tokens === now);
  const series = [
    { name: "uncached_ms", colour: tint.residual, filled: false },
    { name: "cached_ms", colour: tint.gold, filled: true },
  ];
  if (newest) {
    context.fillStyle = tint.hairline;
    context.fillRect(Math.round(x(now)), y(newest.uncached_ms), 1, y(newest.cached_ms) - y(newest.uncached_ms));
  }
  for (const { name, colour, filled } of series) {
    context.strokeStyle = context.fillStyle = colour;
    for (const point of points) {
      context.globalAlpha = point === newest ? 1 : 0.55;
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(x(point.n_tokens), y(point[name]), point === newest ? 4.5 : 2.75, 0, 2 * Math.PI);
      if (filled) context.fill();
      else context.stroke();
    }
    context.globalAlpha = 1;
  }
  if (newest) figures(context, x(now) + 9, y, newest, tint);
}

/** The newest point's two numbers, beside it and apart from each other. */
function figures(context, x, y, { cached_ms: cached, uncached_ms: uncached }, tint) {
  context.font = mono(12, 600);
  context.textAlign = "left";
  context.textBaseline = "middle";
  const apart = Math.max(0, 15 - Math.abs(y(cached) - y(uncached))) / 2;
  const up = uncached >= cached ? -apart : apart;
  context.fillStyle = tint.ink;
  context.fillText(milliseconds(uncached), x, y(uncached) + up);
  context.fillStyle = tint["gold-ink"];
  context.fillText(milliseconds(cached), x, y(cached) - up);
}
