// The matrix: the attention before the mask, violet where it is kept, crossed-out grey where the mask takes it away, and
// beside each row how much it lost. The cells change with the frame and the mask, what is drawn over them with the pointer.

import { cellAt, cellSize, gapOf, lightCells, paintCells, paintGround } from "../../draw/cells.js";
import { hatch } from "../../draw/hatch.js";
import { chosen, paintColumnLabels, paintRowLabels, slanted, stepFor } from "../../draw/labels.js";
import { mono, sans } from "../../draw/type.js";
import * as words from "./words.js";

const [HEAD, FOOT] = [20, 76]; // room for the word over the bars, and for the labels of the columns
const BARS = 84; // px right of the matrix
const STRIKE = 4; // px from one line to the next

/** Where things stand for a picture `width` wide: the grid, and the size of the whole; all in CSS pixels. */
export function layout(width, tokens) {
  const left = width < 400 ? 66 : 92;
  const side = width - left - (width < 400 ? 58 : BARS);
  const cell = cellSize(side, tokens, Math.max(36, side / 9));
  const grid = { left, top: HEAD, wide: cell, high: cell, rows: tokens, columns: tokens };
  return { ...grid, width, height: HEAD + side + FOOT, bars: width - left - side };
}

/** What is under a point: a cell {query, key}, the name of a row {row}, or null. */
export function under(place, x, y) {
  const cell = cellAt(place, x, y);
  if (cell) return { query: cell.row, key: cell.column };
  const beside = x < place.left && cellAt(place, place.left, y);
  return beside ? { row: beside.row } : null;
}

/**
 * The cells: `kept` and `struck` are Rows of the attention before, NaN in each other's cells; `largest` is the one with the
 * deepest colour, `grey` the ramp of what is struck.
 */
export function paint(context, place, cells, { kept, struck, largest }, grey, tint) {
  paintGround(context, place, cells, tint.card, tint.masked);
  paintCells(context, place, kept, tint.sequential, largest, 0);
  paintCells(context, place, struck, grey, largest, 0);
  const { left, top, wide, high, rows, columns } = place;
  const gap = gapOf(place);
  context.beginPath();
  for (let query = 0; query < rows; query++) {
    for (let key = cells.first(query); key < cells.reach(query); key++) {
      if (cells.at(query, key)) continue;
      context.rect(left + key * wide + gap / 2, top + query * high + gap / 2, wide - gap, high - gap);
    }
  }
  hatch(context, { x: left, y: top, width: columns * wide, height: rows * high }, tint.card, STRIKE);
}

/** Over the cells; `lost[query]` is the part of each row that the mask takes, `starts` mark documents. */
export function paintOver(context, place, cells, labels, lost, roles, starts, tint) {
  const { left, top, wide, high, rows, columns } = place;
  const { query, selected, key, cell } = roles;
  paintBars(context, place, lost, query, tint);
  const beside = { x: left - 8, top, pitch: high, room: left - 12 };
  const queryInk = (index) => (index === query ? tint["query-ink"] : null);
  const keyInk = (index) => (index === key ? tint["key-ink"] : null);
  paintRowLabels(context, beside, labels, { first: [query, selected], ink: queryInk, selected }, tint);
  const below = { left, y: top + high * rows + (wide < 16 ? 12 : 8), pitch: wide, room: slanted(FOOT) - 12 };
  paintColumnLabels(context, below, labels, { first: [key], ink: keyInk }, tint);
  context.strokeStyle = tint.gold;
  context.lineWidth = 1;
  for (const start of starts.filter((one) => one < rows)) {
    context.beginPath();
    context.moveTo(8, top + start * high);
    context.lineTo(left + columns * wide, top + start * high);
    context.stroke();
  }
  const open = cell && { row: cell.query, column: cell.key };
  lightCells(context, place, cells, { row: query, cell: open }, tint);
}

/** Beside each row, how much of its attention is gone; numbers where there is room. */
function paintBars(context, { left, top, wide, high, rows, width, bars: room }, lost, lit, tint) {
  const from = left + wide * rows + 10;
  const numbers = room >= 80 ? 38 : 30;
  const long = Math.min(40, width - from - numbers);
  context.font = sans(11, 400);
  context.fillStyle = tint.quiet;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(words.LOST, from, top - 10);
  const thick = Math.max(1, Math.min(10, high - 2));
  for (let query = 0; query < rows; query++) {
    const y = top + (query + 0.5) * high;
    context.fillStyle = tint.masked;
    context.globalAlpha = 0.6;
    context.fillRect(from, y - thick / 2, long, thick);
    context.globalAlpha = 1;
    context.fillStyle = tint.residual;
    context.fillRect(from, y - thick / 2, long * lost[query], thick);
  }
  context.textAlign = "right";
  for (const query of chosen(rows, stepFor(high), [lit])) {
    context.font = mono(11, query === lit ? 700 : 450);
    context.fillStyle = query === lit ? tint["query-ink"] : tint.quiet;
    const x = from + long + numbers - 1;
    context.fillText(`${Math.round(100 * lost[query])}\u200a%`, x, top + (query + 0.5) * high + 0.5);
  }
}
