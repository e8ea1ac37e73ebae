// A field of numbers as colours: cells painted once a frame on a canvas of their own, labels and lit rows drawn over it.

import { visible } from "../../page/chips.js";
import { mono } from "../../draw/type.js";
import { colours } from "../../page/theme.js";
import { fit } from "../../page/canvas.js";
import { badge, chosen, fitted, fontSize, stepFor } from "../../draw/labels.js";

const TALLEST = 360; // px of the cells of a text that fills them; positions.css keeps them free for a shorter one
const LARGEST = 36; // px of a cell
const ROW_LINE = 13;
const FOOT = 22;
const STEPS = 255;
const DEEP = 0.4; // part of the ramp from which ink is no longer seen on it
const tables = new Map();

const channels = (text) => text.match(/[\d.]+/g).map(Number);
const pack = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** Packed colours of the theme: `signed` for -1..1, `ramp` for 0..1, `none` for a cell without a value. */
function packed(tint) {
  const theme = document.documentElement.dataset.theme;
  if (!tables.has(theme)) {
    const half = (STEPS - 1) / 2;
    const signed = Uint32Array.from({ length: STEPS }, (_, i) => pack(channels(tint.signed((i - half) / half))));
    tables.set(theme, { signed, ramp: tint.sequential.packed, none: 0 });
  }
  return tables.get(theme);
}

/** Paints a field, a pixel a cell. */
export function paintCells(canvas, field, tint) {
  const { rows, cols, value, largest, signed, causal } = field;
  Object.assign(canvas, { width: cols, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const table = packed(tint);
  const half = (STEPS - 1) / 2;
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const number = causal && col > row ? null : value(row, col);
      let colour = table.none;
      if (number !== null) {
        colour = signed
          ? table.signed[Math.round(half + (half * number) / largest)]
          : table.ramp[Math.round((255 * number) / largest)];
      }
      pixels[row * cols + col] = colour;
    }
  }
  context.putImageData(image, 0, 0);
}

/** Where things stand for a picture `width` wide. */
export function layout(width, { rows, cols, square }) {
  const left = width < 400 ? 84 : 104;
  const side = width - left - 2;
  if (square) {
    const cell = Math.min(side / cols, TALLEST / rows, LARGEST);
    return { left, top: 4, wide: cell, high: cell, width, height: cell * rows + 4 + FOOT, rows, cols };
  }
  const high = Math.min(LARGEST, TALLEST / rows);
  return { left, top: 4, wide: side / cols, high, width, height: high * rows + 4 + FOOT, rows, cols };
}

/** The cell under a point, or null. */
export function hit({ left, top, wide, high, rows, cols }, x, y) {
  const [row, col] = [Math.floor((y - top) / high), Math.floor((x - left) / wide)];
  return row >= 0 && row < rows && col >= 0 && col < cols ? { row, col } : null;
}

/** `lighted` = {query, key, selected: rows, column}. */
export function paint(canvas, place, cells, field, tokens, lighted) {
  const { left, top, wide, high, width, height, rows, cols } = place;
  const context = fit(canvas, width, height);
  const tint = colours();
  const [across, down] = [wide * cols, high * rows];
  context.imageSmoothingEnabled = wide < 1 || high < 1;
  context.drawImage(cells, left, top, across, down);
  context.strokeStyle = tint.hairline;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, across + 1, down + 1);
  if (field.turns && Math.min(wide, high) >= 12) needles(context, place, field, tint);
  light(context, place, lighted, field, tint);
  labels(context, place, tokens, lighted, tint);
  context.font = "400 11px Inter, sans-serif";
  context.fillStyle = tint.quiet;
  context.textAlign = "left";
  context.fillText(fitted(context, field.foot, width - left), left, top + down + 15);
}

/** In every cell a hand that points where the pair has turned to, from twelve o'clock; light on deep cells. */
function needles(context, { left, top, wide, high, rows, cols }, { turns, value }, tint) {
  const reach = 0.38 * Math.min(wide, high);
  context.lineWidth = 1.6;
  context.lineCap = "round";
  for (const deep of [false, true]) {
    context.strokeStyle = deep ? tint.card : tint.ink;
    context.beginPath();
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        if (value(row, col) > DEEP !== deep) continue;
        const angle = row * turns[col];
        const [x, y] = [left + (col + 0.5) * wide, top + (row + 0.5) * high];
        context.moveTo(x, y);
        context.lineTo(x + reach * Math.sin(angle), y - reach * Math.cos(angle));
      }
    }
    context.stroke();
  }
}

function light(context, { left, top, wide, high, rows, cols }, { query, key, column }, { square }, tint) {
  const outline = (colour, x, y, w, h) => {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.strokeRect(x - 0.75, y - 0.75, w + 1.5, h + 1.5);
  };
  if (column !== null && column < cols) outline(tint.gold, left + column * wide, top, wide, high * rows);
  if (key < rows && !square) outline(tint.key, left, top + key * high, wide * cols, high);
  if (key < cols && square) outline(tint.key, left + key * wide, top, wide, high * rows);
  if (query < rows) outline(tint.query, left, top + query * high, wide * cols, high);
}

function labels(context, { left, top, high }, tokens, { query, key, selected }, tint) {
  const size = fontSize(high);
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const index of chosen(tokens.length, stepFor(high, ROW_LINE), [query, key, selected])) {
    const y = top + (index + 0.5) * high;
    const isLit = index === query || index === key;
    context.font = mono(size, isLit ? 700 : 450);
    const text = fitted(context, visible(tokens[index]), left - 36);
    if (index === selected) badge(context, left - 28, y, context.measureText(text).width, tint);
    const colour = index === query ? tint["query-ink"] : index === key ? tint["key-ink"] : tint.ink;
    context.fillStyle = isLit ? colour : tokens[index].special ? tint.quiet : tint.ink;
    context.fillText(text, left - 28, y + 0.5);
    context.font = mono(11, 400);
    context.fillStyle = tint.quiet;
    context.fillText(String(index), left - 6, y + 0.5);
  }
  context.textBaseline = "alphabetic";
}
