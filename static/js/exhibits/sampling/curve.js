// The whole vocabulary on log axes: rank across, probability up. Grey is the model's own distribution, gold what will
// be drawn with; vertical lines show how many entries each filter has left.

import { logarithmic } from "../../draw/scale.js";
import { sans } from "../../draw/type.js";
import { count } from "../../format.js";
import { filterLeaves, probabilityTick, rankAxis } from "./words.js";

const LEFT = 54;
const BOTTOM = 34;
const TOP = 22;
const FLOOR = 1e-8;

/** How high the picture is. */
export function heightFor(width) {
  return Math.max(190, Math.min(280, width * 0.4));
}

/** The axes' mappings for `n` entries whose smallest drawn probability is `floor`. */
function axes(width, height, n, floor) {
  const y = logarithmic([1, floor], [TOP, height - BOTTOM]);
  return {
    x: logarithmic([1, Math.max(2, n)], [LEFT, width - 8]),
    y: (p) => y(Math.max(p, floor)),
    lowest: Math.log10(floor),
  };
}

/** Traces values by rank, up to one; ranks that share a pixel are drawn once. */
function trace(context, { x, y }, ranks, values, upTo) {
  let last = -1;
  let length = ranks.length;
  while (length > 1 && ranks[length - 1] > upTo) length--;
  context.beginPath();
  for (let i = 0; i < length; i++) {
    const at = x(ranks[i]);
    if (i > 0 && i < length - 1 && at - last < 0.5) continue;
    if (i === 0) context.moveTo(at, y(values[i]));
    else context.lineTo(at, y(values[i]));
    last = at;
  }
}

/**
 * Draws the curves of a frame's arrays, of a vocabulary of `n` entries, and the cuts; `cuts` is a list of {filter, left}:
 * how many entries are left after each. `former` are the arrays of the pinned state, or null.
 */
export function paint(context, width, { arrays, n, kept, cuts, former }, tint) {
  const { curve_ranks: ranks, curve, curve_chance: chances } = arrays;
  const height = heightFor(width);
  const floor = Math.max(FLOOR, 10 ** Math.floor(Math.log10(Math.max(curve[curve.length - 1], FLOOR))));
  const axis = axes(width, height, n, floor);
  grid(context, axis, width, height, n, tint);
  trace(context, axis, ranks, chances, kept);
  context.lineTo(axis.x(kept), height - BOTTOM);
  context.lineTo(LEFT, height - BOTTOM);
  context.fillStyle = tint["gold-ground"];
  context.fill();
  if (former) {
    trace(context, axis, former.curve_ranks, former.curve, n);
    context.strokeStyle = tint.ink;
    context.lineWidth = 1.25;
    context.setLineDash([1.5, 3]);
    context.stroke();
    context.setLineDash([]);
  }
  trace(context, axis, ranks, curve, n);
  context.strokeStyle = tint.residual;
  context.lineWidth = 1.5;
  context.stroke();
  trace(context, axis, ranks, chances, kept);
  context.strokeStyle = tint.gold;
  context.lineWidth = 2.5;
  context.stroke();
  marks(context, axis, width - 8, height, cuts, tint);
}

function grid(context, { x, y, lowest }, width, height, n, tint) {
  context.font = sans(11);
  context.lineWidth = 1;
  context.strokeStyle = tint.hairline;
  context.fillStyle = tint.quiet;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (let exponent = 0; exponent >= lowest; exponent--) {
    const level = Math.round(y(10 ** exponent)) + 0.5;
    context.beginPath();
    context.moveTo(LEFT, level);
    context.lineTo(width - 8, level);
    context.stroke();
    if ((height - TOP - BOTTOM) / -lowest > 14 || exponent % 2 === 0)
      context.fillText(probabilityTick(exponent), LEFT - 8, level);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  for (let rank = 1; rank <= n; rank *= 10) context.fillText(count(rank), x(rank), height - BOTTOM + 6);
  context.textAlign = "right";
  context.fillText(rankAxis(n), width - 8, height - 14);
}

/** A dashed line and a label where each filter cuts; later ones stand lower, so that labels never meet. */
function marks(context, { x }, right, height, cuts, tint) {
  context.font = sans(11, 600);
  context.textBaseline = "top";
  context.textAlign = "left";
  cuts.forEach(({ filter, left }, index) => {
    const at = x(left);
    context.strokeStyle = tint["gold-ink"];
    context.lineWidth = 1.25;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(at, TOP - 4 + index * 15);
    context.lineTo(at, height - BOTTOM);
    context.stroke();
    context.setLineDash([]);
    const label = filterLeaves(filter, left);
    const width = context.measureText(label).width;
    const start = at + 6 + width > right ? at - 6 - width : at + 6;
    context.fillStyle = tint.paper;
    context.fillRect(start - 3, TOP - 7 + index * 15, width + 6, 14);
    context.fillStyle = tint["gold-ink"];
    context.fillText(label, start, TOP - 6 + index * 15);
  });
}
