// The closed blocks: above the stream their heads' patterns in miniature, below it the load of each expert as a dot, or
// what the MLP adds as a bar. A run of folded layers shows one row a layer: the mean of its heads.

import { rasterize } from "../attention/raster.js";
import { grid, STREAM } from "./layout.js";
import { thickness } from "./measure.js";

const PAD = 3;
const ABOVE = { top: 48, bottom: STREAM.top - 14 };
const BELOW = { top: STREAM.top + STREAM.height + 30 };

/** The mean over a layer's heads. */
function meanOfHeads(pattern, layer) {
  const mean = new Uint8Array(pattern.perHead);
  const sums = new Uint32Array(pattern.perHead);
  for (let head = 0; head < pattern.heads; head++) {
    const rows = pattern.head(layer, head).values;
    for (let i = 0; i < rows.length; i++) sums[i] += rows[i];
  }
  for (let i = 0; i < mean.length; i++) mean[i] = Math.round(sums[i] / pattern.heads);
  return pattern.rows(mean);
}

/** The miniatures of one slab: where each stands, and the rows that it shows. */
function minis({ layers, x, width }, pattern) {
  const [room, height] = [width - 2 * PAD, ABOVE.bottom - ABOVE.top];
  const all =
    layers.length > 1
      ? layers.map((layer) => meanOfHeads(pattern, layer))
      : Array.from({ length: pattern.heads }, (_, head) => pattern.head(layers[0], head));
  const { columns, size, gap } = grid(all.length, room, height, 4, room);
  const left = x + (width - columns * size - (columns - 1) * gap) / 2;
  return all.map((rows, i) => ({
    rows,
    size,
    x: left + (i % columns) * (size + gap),
    y: ABOVE.top + Math.floor(i / columns) * (size + gap),
  }));
}

const sheet = document.createElement("canvas");

/** Paints patterns as pixels, all in one image; `places` is a list of {rows, x, y, size}. */
export function paintMinis(context, places, tint) {
  const ratio = context.getTransform().a;
  const [width, height] = [context.canvas.width, Math.round(STREAM.top * ratio)];
  Object.assign(sheet, { width, height });
  const pen = sheet.getContext("2d");
  const image = pen.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (const { rows, x, y, size } of places) {
    const [left, top] = [Math.round(x * ratio), Math.round(y * ratio)];
    rasterize(rows, tint.ramp.packed, 255, pixels, width, left, top, Math.max(1, Math.round(size * ratio)));
  }
  pen.putImageData(image, 0, 0);
  context.drawImage(sheet, 0, 0, width / ratio, height / ratio);
}

/** The bodies of the slabs; gives the miniatures that go into them. */
export function paintSlabs(context, place, pattern, tint) {
  for (const { x, width, top, bottom } of place.slabs) {
    context.beginPath();
    context.roundRect(x + 0.5, top + 0.5, width - 1, bottom - top - 1, 5);
    context.fillStyle = tint.card;
    context.fill();
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.stroke();
  }
  return place.slabs.flatMap((slab) => minis(slab, pattern));
}

/** What stands below the stream in each slab. */
export function paintLoads(context, place, measured, tint) {
  for (const { layers, x, width, bottom } of place.slabs) {
    const middle = x + width / 2;
    const step = Math.min(22, (bottom - BELOW.top - 12) / layers.length);
    if (layers.length > 1) {
      layers.forEach((layer, i) =>
        bar(context, x + PAD, BELOW.top + i * step, width - 2 * PAD, step * 0.6, share(measured, layer), tint),
      );
    } else if (measured.routes.has(layers[0])) {
      dots(context, middle, BELOW.top, bottom - 14, width, measured.routes.get(layers[0]), measured.tokens, tint);
    } else {
      column(context, middle, BELOW.top, bottom - 16, measured, layers[0], place, tint);
    }
  }
}

/** The mean length that a block's MLP or experts add, as a part of the thickest lane. */
function share({ addedByToken, tokens, longestFed }, layer) {
  let sum = 0;
  for (let token = 0; token < tokens; token++) sum += addedByToken[(2 * layer + 1) * tokens + token];
  return thickness(sum / tokens, longestFed);
}

/** Dots one under the other, their areas as the numbers of tokens that chose each expert. */
function dots(context, x, top, bottom, width, { load }, tokens, tint) {
  const pitch = Math.min(23, (bottom - top) / load.length);
  const most = Math.min(0.5 * width - 2, 0.62 * pitch, 9);
  load.forEach((count, expert) => {
    const y = top + (expert + 0.5) * pitch;
    const radius = most * Math.sqrt(count / tokens);
    context.beginPath();
    context.arc(x, y, Math.max(radius, 1), 0, 2 * Math.PI);
    context.fillStyle = count ? tint.experts[expert % tint.experts.length] : tint.hairline;
    context.fill();
  });
}

function bar(context, x, y, width, height, part, tint) {
  context.fillStyle = tint.masked;
  context.fillRect(x, y, width, height);
  context.fillStyle = tint.residual;
  context.fillRect(x, y, width * part, height);
}

/** A dense block: one bar a lane, as long as what the MLP adds to it. */
function column(context, middle, top, bottom, { added, longestFed }, layer, { lanes }, tint) {
  const height = Math.min(bottom - top, lanes.count * 9);
  const pitch = height / lanes.count;
  const widest = 9;
  context.fillStyle = tint.residual;
  for (let lane = 0; lane < lanes.count; lane++) {
    const half = widest * thickness(added[(2 * layer + 1) * lanes.count + lane], longestFed);
    context.globalAlpha = 0.75;
    context.fillRect(middle - half, top + lane * pitch + pitch * 0.15, 2 * half, Math.max(0.8, pitch * 0.7));
  }
  context.globalAlpha = 1;
}
