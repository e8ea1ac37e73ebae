// The ribbon of one KV head: a column of keys and a column of values for every token that is kept. The newest token's
// query stands left of the keys; how much it attends to each token hangs between the two bands; the mix of the values
// that comes of it stands left of the values. Everything but the column in the frame was there before.

import { fitted } from "../../draw/labels.js";
import { colours } from "../../page/theme.js";
import { fit } from "../../page/canvas.js";
import { progress } from "../../page/motion.js";
import { mono } from "../../draw/type.js";
import { visible } from "../../page/chips.js";
import { RIBBON } from "./words.js";

const GUTTER = 74; // left of the first column: names, q and z
const VECTOR = { x: 46, width: 16 };
const BAND = 128;
const [TOP, BETWEEN, LABELS] = [24, 58, 64];
const [NARROWEST, WIDEST] = [2.5, 28];
const LABELLED = 12; // px of a column; below, only the newest token is named
const GAPPED = 6; // px of a column; below, columns touch
export const HEIGHT = TOP + BAND + BETWEEN + BAND + LABELS;

/** [red, green, blue] of "rgb(1, 2, 3)". */
const channels = (text) =>
  text
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map(Number);

/** Values as pixels: from the card's colour to the role's for positive ones, to slate for negative ones. */
function raster(values, rows, columns, scale, tint, role, index) {
  const [ground, above, below] = [tint.card, tint[role], tint.residual].map(channels);
  const image = new ImageData(columns, rows);
  for (let x = 0; x < columns; x++) {
    for (let y = 0; y < rows; y++) {
      const part = Math.max(-1, Math.min(1, values[index(x, y)] / scale));
      const [to, share] = part < 0 ? [below, Math.abs(part) ** 0.8] : [above, part ** 0.8];
      for (let c = 0; c < 3; c++) image.data[4 * (y * columns + x) + c] = ground[c] + (to[c] - ground[c]) * share;
      image.data[4 * (y * columns + x) + 3] = 255;
    }
  }
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** The largest absolute value of some arrays: what the colours end at. */
export function largest(...arrays) {
  let most = 1e-9;
  for (const array of arrays) for (const value of array) most = Math.max(most, Math.abs(value));
  return most;
}

/** Where the columns stand: `x(token)`, and back with `at(x, y)`. */
export function placed(width, n, d) {
  const room = width - GUTTER - 8;
  const column = Math.max(NARROWEST, Math.min(WIDEST, Math.floor((2 * room) / (n + 2)) / 2));
  const first = Math.max(0, Math.ceil(n - room / column)); // past the narrowest, only the last ones fit
  const x = (token) => GUTTER + (token - first) * column;
  const at = (left, top) => {
    const token = Math.floor((left - GUTTER) / column) + first;
    const band = top >= TOP && top < TOP + BAND ? 0 : top >= TOP + BAND + BETWEEN && top < HEIGHT - LABELS ? 1 : null;
    if (token < first || token >= n || left < GUTTER || band === null) return null;
    const y = top - (band ? TOP + BAND + BETWEEN : TOP);
    return { token, number: Math.min(d - 1, Math.floor((y * d) / BAND)) };
  };
  return { width, column, first, n, d, x, at };
}

/**
 * Draws the ribbon. `arrays`: q, keys, values, weights, z; `tokens` their tokens; `scales` what the colours of keys and of
 * values end at; `grows`: whether the last column is the newest token's own; `begun`: when it came; `cursor` {token, number} or null.
 */
export function drawKept(canvas, place, { arrays, tokens, scales, grows, begun, cursor }) {
  const { width, column, first, n, d, x } = place;
  const context = fit(canvas, width, HEIGHT);
  context.imageSmoothingEnabled = false;
  const tint = colours();
  const bands = [
    { name: "key", y: TOP, values: arrays.keys, vector: arrays.q, by: "query", symbol: "q", said: RIBBON.query },
    {
      name: "value",
      y: TOP + BAND + BETWEEN,
      values: arrays.values,
      vector: arrays.z,
      by: "attention",
      symbol: "z",
      said: RIBBON.mix,
    },
  ];
  const arriving = grows ? progress(begun) : 1;
  const slide = (1 - arriving) ** 3 * 18;
  for (const band of bands) {
    names(context, band, tint);
    const vector = raster(band.vector, d, 1, scales[band.name], tint, band.by, (_, row) => row);
    context.drawImage(vector, VECTOR.x, band.y, VECTOR.width, BAND);
    outline(context, VECTOR.x, band.y, VECTOR.width, tint[band.by], 1.25);
    const shown = n - first;
    const image = raster(
      band.values,
      d,
      shown,
      scales[band.name],
      tint,
      band.name,
      (col, row) => (col + first) * d + row,
    );
    const settled = arriving < 1 ? shown - 1 : shown;
    if (settled) context.drawImage(image, 0, 0, settled, d, GUTTER, band.y, settled * column, BAND);
    if (arriving < 1) {
      context.globalAlpha = arriving;
      context.drawImage(image, shown - 1, 0, 1, d, x(n - 1) + slide, band.y, column, BAND);
      context.globalAlpha = 1;
    }
    if (column >= GAPPED) {
      context.fillStyle = tint.paper;
      for (let token = first; token <= n; token++) context.fillRect(x(token) - 1, band.y, 1, BAND);
    }
    room(context, band.y, x(n), width, column, tint);
    if (grows) outline(context, x(n - 1) + slide, band.y - 2, column - (column >= GAPPED ? 1 : 0), tint.gold, 2, 4);
  }
  weights(context, place, arrays.weights, tint);
  heading(context, place, grows, tint);
  labels(context, place, tokens, cursor, grows, tint);
  if (cursor && cursor.token < n && cursor.token >= first) {
    context.strokeStyle = tint.query;
    context.lineWidth = 1.5;
    for (const { y } of bands) {
      context.strokeRect(x(cursor.token) - 1, y + (cursor.number * BAND) / d - 1, column + 1, BAND / d + 2);
    }
  }
  return arriving < 1;
}

function names(context, { name, y, by, symbol, said }, tint) {
  context.textAlign = "left";
  context.textBaseline = "top";
  context.font = "600 12px Inter, sans-serif";
  context.fillStyle = tint[`${name}-ink`];
  context.fillText(RIBBON[name], 0, y);
  context.font = 'italic 600 15px "Source Serif 4", serif';
  context.fillStyle = tint[`${by}-ink`];
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.fillText(symbol, VECTOR.x - 6, y + BAND);
  context.font = "450 11px Inter, sans-serif";
  context.fillText(said, VECTOR.x - 6, y + BAND - 19);
}

function outline(context, x, y, width, colour, lineWidth, extra = 0) {
  context.strokeStyle = colour;
  context.lineWidth = lineWidth;
  context.strokeRect(x - 0.5, y - 0.5, width + 1, BAND + 1 + extra);
}

/** The slots that are still empty. */
function room(context, y, from, to, column, tint) {
  context.fillStyle = tint.hairline;
  const step = column < GAPPED ? column * 4 : column;
  for (let x = from + step; x <= to - 1; x += step) context.fillRect(Math.round(x) - 1, y + BAND - 5, 1, 5);
  if (to - from > 4) context.fillRect(from + 1, y + BAND - 1, to - from - 1, 1);
}

/** How much the newest token attends to each one: bars from 0 to 100 %. */
function weights(context, { x, column, first, n }, values, tint) {
  const [base, tall] = [TOP + BAND + BETWEEN - 7, BETWEEN - 14];
  context.fillStyle = tint.attention;
  for (let token = first; token < n; token++) {
    const height = values[token] * tall;
    context.fillRect(x(token), base - height, Math.max(1, column - 1), height);
  }
  context.fillStyle = tint.hairline;
  context.fillRect(GUTTER, base, (n - first) * column - 1, 1);
  context.font = "450 11px Inter, sans-serif";
  context.fillStyle = tint["attention-ink"];
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillText(RIBBON.attention, GUTTER - 8, base);
}

function heading(context, { x, n, width, first }, grows, tint) {
  context.font = "450 11px Inter, sans-serif";
  context.textBaseline = "alphabetic";
  const y = TOP - 10;
  if (!grows) return;
  const [from, to] = [GUTTER, x(n - 1) - 1];
  context.fillStyle = tint["gold-ink"];
  const wide = context.measureText(RIBBON.now).width;
  const left = Math.min(x(n - 1), width - wide);
  context.textAlign = "left";
  context.fillText(RIBBON.now, left, y);
  if (to - from < 6 || n - first < 2) return;
  const kept = RIBBON.kept(n - 1);
  context.fillStyle = context.strokeStyle = tint.quiet;
  if (context.measureText(kept).width < left - from - 14) context.fillText(kept, from, y);
  context.fillRect(from, y + 4, Math.min(to, x(n - 1)) - from - 2, 1);
}

/** The tokens, upright along their columns; the newest in gold. */
function labels(context, { x, column, first, n }, tokens, cursor, grows, tint) {
  context.font = mono(11, 450);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (let token = first; token < n; token++) {
    const newest = grows && token === n - 1;
    const under = cursor?.token === token;
    if (column < LABELLED && !newest && !under) continue;
    if (column < LABELLED && newest && cursor && !under && (n - 1 - cursor.token) * column < LABELLED) continue;
    context.save();
    context.translate(x(token) + column / 2, HEIGHT - LABELS + 6);
    context.rotate(-Math.PI / 2);
    context.fillStyle = under ? tint["query-ink"] : newest ? tint["gold-ink"] : tint.ink;
    context.fillText(fitted(context, visible(tokens[token]), LABELS - 8), 0, 0);
    context.restore();
  }
}

/** The colours and what they mean: `canvas` gets the two ramps, from minus the scale to plus the scale. */
export function drawRamp(canvas, width) {
  const tint = colours();
  const [steps, height] = [64, 14];
  const context = fit(canvas, width, height);
  context.imageSmoothingEnabled = false;
  const values = Float32Array.from({ length: steps }, (_, i) => (2 * i) / (steps - 1) - 1);
  ["key", "value"].forEach((role, index) => {
    const ramp = raster(values, 1, steps, 1, tint, role, (col) => col);
    context.drawImage(ramp, 0, index * 8, width, 6);
  });
}
