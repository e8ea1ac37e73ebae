// A field of numbers as colours, a pixel a cell and enlarged, with labels and lit rows drawn over it.

import { chosen, fitted, paintRowLabels, stepFor } from "../../draw/labels.js";
import { outline } from "../../draw/outline.js";
import { belowZero } from "../../draw/ramp.js";
import { paintValues } from "../../draw/raster.js";
import { mono, sans } from "../../draw/type.js";
import { isTight } from "../../page/tight.js";

const TALLEST = { usual: 360, tight: 280 }; // px of the cells of a text that fills them; positions.css keeps them free
export const FINEST = 512; // pixels along a side of the image
const LARGEST = 36; // px of a cell
const FOOT = 22;
const PLACES = 28; // px right of the tokens, for their places
const DEEP = 0.4; // part of the ramp from which ink is no longer seen on it

/**
 * The field as an image, a pixel a cell; of more than `most` rows or columns, the cells in the middle of so many parts of
 * like size. `picture` makes it (see raster.js).
 */
export function imageOf(picture, { rows, cols, value, largest, signed, causal }, most, tint) {
  const [high, wide] = [Math.min(rows, most), Math.min(cols, most)];
  const [down, across] = [middles(rows, high), middles(cols, wide)];
  const shown = (y, x) => (causal && across[x] > down[y] ? null : value(down[y], across[x]));
  const ramp = signed ? tint.diverging : tint.sequential;
  return picture(wide, high, (pixels) => paintValues(pixels, high, wide, shown, ramp, largest));
}

const middles = (cells, pixels) => Array.from({ length: pixels }, (_, at) => Math.floor(((at + 0.5) * cells) / pixels));

/** The ramp of a field, from its lowest value to its highest. */
export function rampOf({ signed, highest }, tint) {
  if (!signed) return tint.sequential;
  return highest === 0 ? belowZero(tint.diverging) : tint.diverging;
}

/** Where things stand for a picture `width` wide. */
export function layout(width, { rows, cols, square }) {
  const left = width < 400 ? 84 : 104;
  const side = width - left - 2;
  const tallest = isTight() ? TALLEST.tight : TALLEST.usual;
  if (square) {
    const cell = Math.min(side / cols, tallest / rows, LARGEST);
    return { left, top: 4, wide: cell, high: cell, width, height: cell * rows + 4 + FOOT, rows, columns: cols };
  }
  const high = Math.min(LARGEST, tallest / rows);
  return { left, top: 4, wide: side / cols, high, width, height: high * rows + 4 + FOOT, rows, columns: cols };
}

/** `image` has the cells, `labels` names the tokens (see labels.js); `lighted` = {query, key, selected: rows, column}. */
export function paint(context, place, image, field, labels, lighted, tint) {
  const { left, top, wide, high, width, rows, columns } = place;
  const [across, down] = [wide * columns, high * rows];
  context.imageSmoothingEnabled = wide < 1 || high < 1;
  context.drawImage(image, left, top, across, down);
  outline(context, { x: left, y: top, width: across, height: down }, tint.hairline, 1);
  if (field.turns && Math.min(wide, high) >= 12) needles(context, place, field, tint);
  light(context, place, lighted, field, tint);
  paintTokens(context, place, labels, lighted, tint);
  context.font = sans(11, 400);
  context.fillStyle = tint.quiet;
  context.textAlign = "left";
  context.fillText(fitted(context, field.foot, width - left), left, top + down + 15);
}

/** In every cell a hand that points where the pair has turned to, from twelve o'clock; light on deep cells. */
function needles(context, { left, top, wide, high, rows, columns }, { turns, value }, tint) {
  const reach = 0.38 * Math.min(wide, high);
  context.lineWidth = 1.6;
  context.lineCap = "round";
  for (const deep of [false, true]) {
    context.strokeStyle = deep ? tint.card : tint.ink;
    context.beginPath();
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < columns; col++) {
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

function light(context, { left, top, wide, high, rows, columns }, { query, key, column }, { square }, tint) {
  const down = (index) => ({ x: left + index * wide, y: top, width: wide, height: high * rows });
  const across = (index) => ({ x: left, y: top + index * high, width: wide * columns, height: high });
  if (column !== null && column < columns) outline(context, down(column), tint.gold);
  if (key < rows && !square) outline(context, across(key), tint.key);
  if (key < columns && square) outline(context, down(key), tint.key);
  if (query < rows) outline(context, across(query), tint.query);
}

/** The tokens beside the rows, and their places behind them. */
function paintTokens(context, { left, top, high }, labels, { query, key, selected }, tint) {
  const ink = (index) => (index === query ? tint["query-ink"] : index === key ? tint["key-ink"] : null);
  const beside = { x: left - PLACES, top, pitch: high, room: left - 36 };
  paintRowLabels(context, beside, labels, { first: [query, key, selected], ink, selected }, tint);
  context.font = mono(11, 400);
  context.fillStyle = tint.quiet;
  for (const index of chosen(labels.count, stepFor(high), [query, key, selected])) {
    context.fillText(String(index), left - 6, top + (index + 0.5) * high + 0.5);
  }
  context.textBaseline = "alphabetic";
}
