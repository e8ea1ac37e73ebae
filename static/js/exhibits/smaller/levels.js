// The line of levels: above the weights as they were, below each on the level that it has moved to.

import { linear, ticks } from "../../draw/scale.js";
import { sans } from "../../draw/type.js";
import { decimal } from "../../format.js";
import { AFTER, BEFORE } from "./words.js";

export const HEIGHT = 132;
const [LEFT, RIGHT, ABOVE, BELOW, FOOT] = [54, 14, 26, 82, 104];
const CLOSEST = 3; // px between two levels; where they stand closer they are one band
const RADIUS = { one: 2.6, looked: 4.5 };

function dot(context, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
}

function lines(context, tint, x, { step, levels }) {
  const [first, last] = [x(-step * levels), x(step * levels)];
  if (x(step) - x(0) < CLOSEST) {
    context.fillStyle = tint.hairline;
    context.fillRect(first, ABOVE - 12, last - first, BELOW - ABOVE + 24);
    return;
  }
  context.strokeStyle = tint.hairline;
  context.lineWidth = 1;
  context.beginPath();
  for (let level = -levels; level <= levels; level++) {
    context.moveTo(x(level * step), ABOVE - 12);
    context.lineTo(x(level * step), BELOW + 12);
  }
  context.stroke();
}

/** `looked` is which of the weights is looked at. */
export function paintLevels(context, tint, width, { before, after, step, levels }, looked) {
  const most = Math.max(1e-9, ...before.map(Math.abs), step * levels);
  const x = linear([-most, most], [LEFT, width - RIGHT]);
  if (levels) lines(context, tint, x, { step, levels });
  context.font = sans(11, 450);
  context.fillStyle = tint.quiet;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(BEFORE, 0, ABOVE);
  context.fillText(AFTER, 0, BELOW);
  context.textAlign = "center";
  for (const tick of ticks(-most, most, width > 560 ? 8 : 4)) context.fillText(decimal(tick, 2), x(tick), FOOT + 12);
  context.lineWidth = 1;
  context.strokeStyle = tint.quiet;
  context.globalAlpha = 0.45;
  context.beginPath();
  before.forEach((value, index) => {
    context.moveTo(x(value), ABOVE);
    context.lineTo(x(after[index]), BELOW);
  });
  context.stroke();
  context.globalAlpha = 1;
  before.forEach((value, index) => {
    dot(context, x(value), ABOVE, RADIUS.one, tint.residual);
    dot(context, x(after[index]), BELOW, RADIUS.one, tint.residual);
  });
  context.strokeStyle = tint.gold;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x(before[looked]), ABOVE);
  context.lineTo(x(after[looked]), BELOW);
  context.stroke();
  dot(context, x(before[looked]), ABOVE, RADIUS.looked, tint.gold);
  dot(context, x(after[looked]), BELOW, RADIUS.looked, tint.gold);
  context.textBaseline = "alphabetic";
}
