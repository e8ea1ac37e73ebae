// The residual stream: one lane a token, as thick as the vector in it is long, and the nodes where blocks add to it.

import { laneY } from "./layout.js";
import { thickness } from "./measure.js";

const FILL = 1; // the thickest lane's part of the pitch
const STEP = 7; // px over which a lane changes its thickness
const THINNEST = 0.4;

/** Where a lane's thickness changes, left to right: from `x` on it shows row `row` of `norms`. */
export function stations({ stream, slabs, block, attention, feed, open }) {
  const found = [{ x: stream.left, row: 0 }];
  for (const { layers, x, width } of slabs) {
    if (layers.length === 1) found.push({ x: x + 0.3 * width, row: 2 * layers[0] + 1 });
    found.push({ x: x + 0.7 * width, row: 2 * layers.at(-1) + 2 });
  }
  found.push({ x: attention.plusX, row: 2 * open + 1 }, { x: feed.plusX, row: 2 * open + 2 });
  return found.sort((a, b) => a.x - b.x);
}

/** Half of a lane's thickness, in px. */
export function half(place, { longest }, length) {
  return Math.max(THINNEST, 0.5 * FILL * place.lanes.pitch * thickness(length, longest));
}

/** Traces one lane, moved right by `shift`. */
function trace(context, y, right, halves, shift) {
  const last = halves.length - 1;
  context.beginPath();
  context.moveTo(halves[0].x + shift, y - halves[0].half);
  const side = (sign, from, to, mirrored) => {
    const [x, a, b] = [mirrored ? from.x : to.x, y + sign * from.half, y + sign * to.half];
    const [enter, leave] = mirrored ? [x + STEP, x - STEP] : [x - STEP, x + STEP];
    context.lineTo(enter, a);
    context.bezierCurveTo(x, a, x, b, leave, b);
  };
  for (let i = 1; i <= last; i++) side(-1, halves[i - 1], halves[i], false);
  context.lineTo(right, y - halves[last].half);
  context.lineTo(right, y + halves[last].half);
  for (let i = last; i > 0; i--) side(1, halves[i], halves[i - 1], true);
  context.lineTo(halves[0].x + shift, y + halves[0].half);
  context.closePath();
}

/** All lanes; `lit` has those that are selected and under the pointer, `arriving` 0..1 how far the last has come. */
export function paintStream(context, place, measured, lit, arriving, tint) {
  const { lanes, stream, stations: at } = place;
  for (let lane = 0; lane < lanes.count; lane++) {
    const halves = at.map(({ x, row }) => ({
      x,
      half: half(place, measured, measured.norms[row * lanes.count + lane]),
    }));
    const late = lane === lanes.count - 1 ? 1 - arriving : 0;
    trace(context, laneY(place, lane), stream.right, halves, 26 * late);
    context.fillStyle = tint.residual;
    context.globalAlpha = (lane === lit.selected ? 0.95 : lane === lit.hover ? 0.68 : 0.34) * (1 - late);
    context.fill();
    if (lane !== lit.selected && lane !== lit.hover) continue;
    context.globalAlpha = 1 - late;
    context.strokeStyle = lane === lit.selected ? tint.gold : tint.residual;
    context.lineWidth = 1.25;
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** A small round node with a sign in it. */
export function node(context, x, y, sign, colour, tint) {
  context.beginPath();
  context.arc(x, y, 8.5, 0, 2 * Math.PI);
  context.fillStyle = tint.card;
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = 1.75;
  context.stroke();
  context.fillStyle = colour;
  context.font = '600 13px "Source Serif 4", serif';
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(sign, x, y + 0.5);
}

/** A pipe of constant width through points, its corners rounded. */
export function pipe(context, points, width, colour, alpha = 1, radius = 12) {
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i++) context.arcTo(...points[i], ...points[i + 1], radius);
  context.lineTo(...points.at(-1));
  context.strokeStyle = colour;
  context.globalAlpha = alpha;
  context.lineWidth = width;
  context.stroke();
  context.globalAlpha = 1;
}

const signed = new WeakMap();

/** The colours of the steps -127 to 127, made once for each theme. */
function steps(tint) {
  if (!signed.has(tint))
    signed.set(
      tint,
      Array.from({ length: 255 }, (_, i) => tint.signed((i - 127) / 127)),
    );
  return signed.get(tint);
}

/** The lanes' embeddings in small: a cell is the mean of neighbouring dimensions. */
export function paintCells(context, place, { embed, tokens }, tint) {
  const { cells, lanes } = place;
  const count = embed.length / tokens;
  const width = (cells.right - cells.left) / count;
  const height = Math.max(0.8, lanes.pitch * 0.62);
  const colour = steps(tint);
  for (let lane = 0; lane < lanes.count; lane++) {
    const token = Math.min(tokens - 1, lane * lanes.group);
    const top = laneY(place, lane) - height / 2;
    for (let cell = 0; cell < count; cell++) {
      context.fillStyle = colour[127 + embed[token * count + cell]];
      context.fillRect(cells.left + cell * width, top, width + 0.3, height);
    }
  }
}
