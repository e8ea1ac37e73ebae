// Matrices: a row for each query, a column for each key. A grid says where the cells stand, {left, top, wide, high, rows,
// columns}, a cell `wide` by `high` px; Rows (state/decode.js) say what is in them. What is lit is drawn over the cells, so
// that they need not be painted again for it.

import { hatchRectangle } from "./hatch.js";
import { outline } from "./outline.js";
import { gainOf } from "./ramp.js";
import { asShapes, cellsOf, paintShapes, picture, rasterize } from "./raster.js";

const SMALLEST = 5; // px of a cell; below, cells share pixels
const GAPS = { from: 14, wide: 1.5, narrow: 0.75 };
const ROUND_FROM = 20; // px of a cell

/** The size of a cell, of `count` along a `side`, whole where it can be. */
export function cellSize(side, count, most) {
  const ideal = Math.min(side / count, most);
  return ideal >= SMALLEST ? Math.floor(ideal) : ideal;
}

/** The cell under a point, {row, column}; null outside. */
export function cellAt({ left, top, wide, high, rows, columns }, x, y) {
  const [row, column] = [Math.floor((y - top) / high), Math.floor((x - left) / wide)];
  return row >= 0 && row < rows && column >= 0 && column < columns ? { row, column } : null;
}

/** Px between two cells; none where they share pixels. */
export function gapOf({ wide, high }) {
  const smallest = Math.min(wide, high);
  return smallest >= GAPS.from ? GAPS.wide : smallest >= SMALLEST ? GAPS.narrow : 0;
}

/** What lies under the cells: `ground` where a query may read, hatched where it may not. */
export function paintGround(context, { left, top, wide, high, rows, columns }, readable, ground, hatching) {
  const isWhole = readable.reach(0) === columns && readable.first(rows - 1) === 0;
  if (!isWhole) hatchRectangle(context, { x: left, y: top, width: columns * wide, height: rows * high }, hatching);
  context.fillStyle = ground;
  for (let row = 0; row < rows; row++) {
    const first = readable.first(row);
    context.fillRect(left + first * wide, top + row * high, (readable.reach(row) - first) * wide + 0.5, high + 0.5);
  }
}

/** The cells in a ramp, whose end is the value `largest`; large ones with corners rounded by `radius`. NaN stays empty. */
export function paintCells(context, grid, rows, ramp, largest, radius = 2.5) {
  const { left, top, wide, high } = grid;
  const smallest = Math.min(wide, high);
  if (smallest < SMALLEST) return paintPixels(context, grid, rows, ramp, largest);
  const gap = gapOf(grid);
  const rounded = radius > 0 && smallest >= ROUND_FROM;
  const gain = gainOf(ramp, largest);
  const { css, zero } = ramp;
  for (let row = 0; row < grid.rows; row++) {
    const y = top + row * high + gap / 2;
    const reach = rows.reach(row);
    for (let column = rows.first(row); column < reach; column++) {
      const value = rows.at(row, column);
      if (Number.isNaN(value)) continue;
      context.fillStyle = css[zero + Math.round(value * gain)];
      const x = left + column * wide + gap / 2;
      if (!rounded) {
        context.fillRect(x, y, wide - gap, high - gap);
        continue;
      }
      context.beginPath();
      context.roundRect(x, y, wide - gap, high - gap, radius);
      context.fill();
    }
  }
}

/** The same where cells are so small that they share the device's pixels. */
function paintPixels(context, { left, top, wide, high, rows: down, columns }, rows, ramp, largest) {
  const [width, height] = [columns * wide, down * high];
  if (context.isVector && asShapes(context, cellsOf(rows))) {
    return paintShapes(context, rows, ramp, largest, { x: left, y: top, width, height });
  }
  const ratio = context.getTransform().a;
  const [w, h] = [width, height].map((length) => Math.max(1, Math.round(length * ratio)));
  const image = picture()(w, h, (pixels) => rasterize(rows, ramp, largest, pixels, w, 0, 0, w, h));
  context.drawImage(image, left, top, width, height);
}

/** Outlines what is lit: the row that reads, the column that is read, either may be null, and the open cell or null. */
export function lightCells(context, grid, rows, { row = null, column = null, cell = null }, tint) {
  const { left, top, wide, high } = grid;
  const radius = Math.min(3, Math.min(wide, high) / 4);
  const box = (x, y, width, height) => ({
    x: left + x * wide,
    y: top + y * high,
    width: width * wide,
    height: height * high,
  });
  if (column !== null && column < grid.columns) {
    const from = rows.from?.(column) ?? (rows.causal ? column : 0); // the first query that may read it
    outline(context, box(column, from, 1, grid.rows - from), tint.key, 1.25, radius);
  }
  if (row !== null) {
    const first = rows.first(row);
    outline(context, box(first, row, rows.reach(row) - first, 1), tint.query, 1.5, radius);
  }
  if (cell && cell.column < grid.columns) outline(context, box(cell.column, cell.row, 1, 1), tint.gold, 2, radius);
}
