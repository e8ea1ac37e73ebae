// The ribbon of one KV head: a column of keys and a column of values for every token that is kept. The newest token's
// query stands left of the keys; how much it attends to each token hangs between the two bands; the mix of the values
// that comes of it stands left of the values. Everything but the column in the frame was there before.

import { fitted } from "../../draw/labels.js";
import { outline } from "../../draw/outline.js";
import { paintRamp } from "../../draw/ramp.js";
import { mono, sans, serif } from "../../draw/type.js";
import { seen } from "../../page/chips.js";
import { RIBBON } from "./words.js";

const GUTTER = 74; // left of the first column: names, q and z
const VECTOR = { x: 46, width: 16 };
const BAND = 128;
const [TOP, BETWEEN, LABELS] = [24, 58, 64];
const [NARROWEST, WIDEST] = [2.5, 28];
const LABELLED = 12; // px of a column; below, only the newest token is named
const GAPPED = 6; // px of a column; below, columns touch
const BANDS = [
  { name: "keys", y: TOP, vector: "q", role: "key", by: "query", symbol: "q", said: RIBBON.query },
  {
    name: "values",
    y: TOP + BAND + BETWEEN,
    vector: "z",
    role: "value",
    by: "attention",
    symbol: "z",
    said: RIBBON.mix,
  },
];
export const HEIGHT = TOP + BAND + BETWEEN + BAND + LABELS;

/**
 * Where the columns stand, of the last `sent` tokens at most: `x(token)`, and back with `at(x, y)`. A key has `keys`
 * numbers, a value `values`.
 */
export function placed(width, n, keys, values, sent) {
  const widths = [keys, values];
  const room = width - GUTTER - 8;
  const column = Math.max(NARROWEST, Math.min(WIDEST, Math.floor((2 * room) / (sent + 2)) / 2));
  const first = Math.max(n - sent, Math.ceil(n - room / column)); // past the narrowest, only the last ones fit
  const x = (token) => GUTTER + (token - first) * column;
  const at = (left, top) => {
    const token = Math.floor((left - GUTTER) / column) + first;
    const band = top >= TOP && top < TOP + BAND ? 0 : top >= TOP + BAND + BETWEEN && top < HEIGHT - LABELS ? 1 : null;
    if (token < first || token >= n || left < GUTTER || band === null) return null;
    const y = top - (band ? TOP + BAND + BETWEEN : TOP);
    return { token, number: Math.min(widths[band] - 1, Math.floor((y * widths[band]) / BAND)) };
  };
  return { width, column, first, n, d: Math.max(keys, values), widths, x, at };
}

/**
 * Draws the ribbon. `images` are the numbers as pictures: q, keys, values and z; `weights` how much the newest token attends
 * to each; `arriving`: how far the newest column has come, 0 to 1, null where it is not the newest token's own; `cursor`
 * {token, number} or null.
 */
export function paint(context, place, { images, weights, tokens, arriving, cursor }, tint) {
  const { width, column, first, n, widths, x } = place;
  context.imageSmoothingEnabled = false;
  const grows = arriving !== null;
  const slides = grows && arriving < 1;
  const slide = slides ? (1 - arriving) ** 3 * 18 : 0;
  for (const [index, band] of BANDS.entries()) {
    const { y, name, vector, by } = band;
    const d = widths[index];
    names(context, band, tint);
    context.drawImage(images[vector], VECTOR.x, y, VECTOR.width, BAND);
    outline(context, { x: VECTOR.x, y, width: VECTOR.width, height: BAND }, tint[by], 1.25);
    const shown = n - first;
    const settled = slides ? shown - 1 : shown;
    if (settled) context.drawImage(images[name], 0, 0, settled, d, GUTTER, y, settled * column, BAND);
    if (slides) {
      context.globalAlpha = arriving;
      context.drawImage(images[name], shown - 1, 0, 1, d, x(n - 1) + slide, y, column, BAND);
      context.globalAlpha = 1;
    }
    if (column >= GAPPED) {
      context.fillStyle = tint.paper;
      for (let token = first; token <= n; token++) context.fillRect(x(token) - 1, y, 1, BAND);
    }
    paintRoom(context, y, x(n), width, column, tint);
    if (!grows) continue;
    const wide = column - (column >= GAPPED ? 1 : 0);
    outline(context, { x: x(n - 1) + slide + 0.5, y: y - 1.5, width: wide - 1, height: BAND + 3 }, tint.gold, 2);
  }
  paintWeights(context, place, weights, tint);
  if (grows) heading(context, place, tint);
  labels(context, place, tokens, cursor, grows, tint);
  if (!cursor || cursor.token >= n || cursor.token < first) return;
  BANDS.forEach(({ y }, index) => {
    const d = widths[index];
    if (cursor.number >= d) return;
    const cell = { x: x(cursor.token), y: y + (cursor.number * BAND) / d, width: column - 1, height: BAND / d };
    outline(context, cell, tint.query);
  });
}

function names(context, { name, role, y, by, symbol, said }, tint) {
  context.textAlign = "left";
  context.textBaseline = "top";
  context.font = sans(12, 600);
  context.fillStyle = tint[`${role}-ink`];
  context.fillText(RIBBON[name], 0, y);
  context.font = `italic ${serif(15, 600)}`;
  context.fillStyle = tint[`${by}-ink`];
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.fillText(symbol, VECTOR.x - 6, y + BAND);
  context.font = sans(11);
  context.fillText(said, VECTOR.x - 6, y + BAND - 19);
}

/** The slots that are still empty. */
function paintRoom(context, y, from, to, column, tint) {
  context.fillStyle = tint.hairline;
  const step = column < GAPPED ? column * 4 : column;
  for (let x = from + step; x <= to - 1; x += step) context.fillRect(Math.round(x) - 1, y + BAND - 5, 1, 5);
  if (to - from > 4) context.fillRect(from + 1, y + BAND - 1, to - from - 1, 1);
}

/** How much the newest token attends to each one: bars from 0 to 100 %. */
function paintWeights(context, { x, column, first, n }, values, tint) {
  const [base, tall] = [TOP + BAND + BETWEEN - 7, BETWEEN - 14];
  context.fillStyle = tint.attention;
  for (let token = first; token < n; token++) {
    const height = values[token] * tall;
    context.fillRect(x(token), base - height, Math.max(1, column - 1), height);
  }
  context.fillStyle = tint.hairline;
  context.fillRect(GUTTER, base, (n - first) * column - 1, 1);
  context.font = sans(11);
  context.fillStyle = tint["attention-ink"];
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillText(RIBBON.attention, GUTTER - 8, base);
}

function heading(context, { x, n, width, first }, tint) {
  context.font = sans(11);
  context.textBaseline = "alphabetic";
  const y = TOP - 10;
  const [from, to] = [GUTTER, x(n - 1) - 1];
  context.fillStyle = tint["gold-ink"];
  const wide = context.measureText(RIBBON.now).width;
  const left = Math.min(x(n - 1), width - wide);
  context.textAlign = "left";
  context.fillText(RIBBON.now, left, y);
  if (to - from < 6 || n - first < 2) return;
  const kept = RIBBON.kept(n - 1, n - 1 - first);
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
    context.fillText(fitted(context, seen(tokens, token), LABELS - 8), 0, 0);
    context.restore();
  }
}

/** The two ramps, from minus the end of each to plus it; `ramps` has those of keys and values. */
export function paintRamps(context, width, { keys, values }) {
  paintRamp(context, keys, 0, 0, width, 6);
  paintRamp(context, values, 0, 8, width, 6);
}
