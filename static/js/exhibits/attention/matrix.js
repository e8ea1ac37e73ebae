// One head as a matrix: a row for each query, a column for each key. The cells change with the frame, what is drawn over
// them with the pointer.

import { cellSize, lightCells, paintCells, paintGround } from "../../draw/cells.js";
import { hatchRectangle } from "../../draw/hatch.js";
import { paintColumnLabels, paintRowLabels, slanted } from "../../draw/labels.js";

const FOOT = 78; // room for the labels of the columns

/** Where things stand for a picture `width` wide: the grid of the cells, and the size of the whole; all in CSS pixels. */
export function layout(width, rows, columns) {
  const left = width < 360 ? 68 : 92;
  const side = width - left - 2;
  const most = Math.max(40, side / 9);
  const [wide, high] = [cellSize(side, columns, most), cellSize(side, rows, most)];
  return { left, top: 6, wide, high, rows, columns, width, height: side + FOOT };
}

/** The cells of one head in a ramp; `ground` is the colour of a cell without a value. */
export function paint(context, place, rows, largest, ramp, ground, tint) {
  paintGround(context, place, rows, ground, tint.masked);
  paintCells(context, place, rows, ramp, largest);
}

/** Hatches the columns that are left out. */
export function paintLeftOut(context, { left, top, wide, high, rows }, leftOut, tint) {
  leftOut.forEach((isOut, column) => {
    if (!isOut) return;
    const box = { x: left + column * wide, y: top, width: wide, height: rows * high };
    context.fillStyle = tint.card;
    context.fillRect(box.x, box.y, box.width, box.height);
    hatchRectangle(context, box, tint.masked);
  });
}

/** Over the cells: the labels of both sides, and what is lit. */
export function paintOver(context, place, rows, { queries, keys }, roles, tint) {
  const { left, top, wide, high } = place;
  const beside = { x: left - 8, top, pitch: high, room: left - 12 };
  const queryInk = (index) => (index === roles.query ? tint["query-ink"] : null);
  const keyInk = (index) => (index === roles.key ? tint["key-ink"] : null);
  const { query, selected, column, key, cell } = roles;
  paintRowLabels(context, beside, queries, { first: [query, selected], ink: queryInk, selected }, tint);
  const y = top + high * place.rows + (wide < 16 ? 12 : 8); // clear of the last row's label
  const below = { left, y, pitch: wide, room: slanted(FOOT) - 12 };
  paintColumnLabels(context, below, keys, { first: [key], ink: keyInk }, tint);
  const open = cell && { row: cell.query, column: cell.key };
  lightCells(context, place, rows, { row: query, column, cell: open }, tint);
}
