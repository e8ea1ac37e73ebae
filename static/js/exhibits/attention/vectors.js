// The pictures of one cell: its q and k vectors with their products, and the row that it stands in.

import { colourOf } from "../../draw/ramp.js";
import { sans, serif } from "../../draw/type.js";
import { dotProduct } from "../../page/words.js";
import * as words from "./words.js";

const LABEL = 40; // px left of the vectors
const STRIP = 15;
const PRODUCTS = 44; // px for bars of either sign
const GAP = 5;
export const VECTORS_HEIGHT = 2 * (STRIP + GAP) + PRODUCTS + 20;
const ROW = { bars: 34, caption: 15, gap: 6 };
export const ROW_HEIGHT = 2 * (ROW.bars + ROW.caption) + ROW.gap;

/** q and k as strips of colour, their products as bars; one column for each of the d_head numbers. */
export function paintVectors(context, width, cell, tint) {
  const { q, k } = cell;
  const column = (width - LABEL) / q.length;
  const largest = Math.max(...q.map(Math.abs), ...k.map(Math.abs));
  const label = (text, y, colour, font = `italic ${serif(13, 600)}`) => {
    context.font = font;
    context.fillStyle = colour;
    context.textBaseline = "middle";
    context.fillText(text, 0, y);
  };
  [
    [q, "q", tint["query-ink"]],
    [k, "k", tint["key-ink"]],
  ].forEach(([values, name, colour], row) => {
    const y = row * (STRIP + GAP);
    label(name, y + STRIP / 2, colour);
    values.forEach((value, i) => {
      context.fillStyle = colourOf(tint.diverging, value / largest);
      context.fillRect(LABEL + i * column, y, Math.max(0.5, column - (column > 3 ? 0.75 : 0)), STRIP);
    });
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.strokeRect(LABEL - 0.5, y - 0.5 + (row ? 0 : 1), width - LABEL, STRIP);
  });
  const products = q.map((value, i) => value * k[i]);
  const tallest = Math.max(...products.map(Math.abs), 1e-9);
  const zero = 2 * (STRIP + GAP) + PRODUCTS / 2;
  label(words.PRODUCTS, zero, tint.quiet);
  products.forEach((product, i) => {
    const length = (product / tallest) * (PRODUCTS / 2);
    context.fillStyle = product < 0 ? tint.negative : tint.positive;
    context.fillRect(LABEL + i * column, Math.min(zero, zero - length), Math.max(0.5, column - 0.75), Math.abs(length));
  });
  context.fillStyle = tint.hairline;
  context.fillRect(LABEL, zero - 0.5, width - LABEL, 1);
  label(words.vectorsScale(largest, tallest, dotProduct(cell)), VECTORS_HEIGHT - 7, tint.quiet, sans(11));
}

/**
 * The whole row: scaled scores as bars from zero, below them the probabilities that softmax makes of them. `then` is what
 * the probabilities were, null for another token; or null.
 */
export function paintRow(context, width, { row, key }, then, tint) {
  const { bars, caption, gap } = ROW;
  const column = Math.min(width / 6, width / row.scores.length);
  const known = row.scores.filter((score) => score !== null);
  const [lowest, highest] = [Math.min(0, ...known), Math.max(0, ...known)];
  const span = highest - lowest || 1;
  const write = (text, y) => {
    context.font = sans(11);
    context.fillStyle = tint.quiet;
    context.textBaseline = "top";
    context.fillText(text, 0, y);
  };
  const bar = (i, from, to, colour) => {
    context.fillStyle = i === key ? tint.key : colour;
    const wide = Math.max(0.6, column - (column > 3 ? 1 : 0));
    context.fillRect(i * column, Math.min(from, to), wide, Math.max(0.75, Math.abs(to - from)));
  };
  write(words.scoresScale(lowest, highest), 0);
  const zero = caption + (highest / span) * bars;
  row.scores.forEach((score, i) => {
    if (score !== null) bar(i, zero, zero - (score / span) * bars, tint.residual);
    else bar(i, caption + bars / 2 - 0.5, caption + bars / 2 + 0.5, tint.masked);
  });
  const base = 2 * (bars + caption) + gap;
  const most = Math.max(...row.probabilities, ...(then ?? []), 1e-9);
  write(words.softmaxScale(most, then !== null), bars + caption + gap);
  row.probabilities.forEach((probability, i) => bar(i, base, base - (probability / most) * bars, tint.attention));
  context.fillStyle = tint.ink;
  then?.slice(0, row.probabilities.length).forEach((probability, i) => {
    if (probability)
      context.fillRect(i * column, base - (probability / most) * (bars - 1) - 1, Math.max(1, column - 1), 1.5);
  });
}
