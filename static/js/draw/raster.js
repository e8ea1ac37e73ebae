// Values as pixels. Where there are more cells than pixels, a pixel shows the largest value it covers, of either sign,
// so that a sharp line stays visible at any length.

import { gainOf } from "./ramp.js";

/** Cells that a figure holds as shapes; of more it holds an image. */
export const MOST_CELLS = 20_000;

/** Whether so many cells are drawn as shapes: on a context that writes down what is drawn (js/figures/recorder.js). */
export const asShapes = (context, cells) => Boolean(context.isVector) && cells <= MOST_CELLS;

/** How many cells rows hold. */
export function cellsOf(rows) {
  let cells = 0;
  for (let query = 0; query < rows.queries; query++) cells += rows.reach(query) - rows.first(query);
  return cells;
}

/** Rows as `rasterize` paints them, a rectangle a cell, into {x, y, width, height} of a context. */
export function paintShapes(context, rows, ramp, largest, { x, y, width, height = width }) {
  const { css, zero } = ramp;
  const gain = gainOf(ramp, largest);
  const [wide, high] = [width / rows.across, height / rows.down];
  for (let query = 0; query < rows.queries; query++) {
    for (let key = rows.first(query); key < rows.reach(query); key++) {
      const value = rows.values[rows.start(query) + key];
      if (Number.isNaN(value)) continue;
      context.fillStyle = css[zero + Math.round(value * gain)];
      const [right, below] = [key * wide, query * high];
      context.fillRect(x + right, y + below, Math.min(wide, width - right), Math.min(high, height - below));
    }
  }
}

/** The first cell of each pixel, and one past the last; of the last of `cells`, a part may be there. */
function bounds(cells, pixels) {
  const starts = new Int32Array(pixels);
  const ends = new Int32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    starts[pixel] = Math.floor((pixel * cells) / pixels);
    ends[pixel] = Math.max(starts[pixel] + 1, Math.floor(((pixel + 1) * cells) / pixels));
  }
  ends[pixels - 1] = Math.ceil(cells);
  return { starts, ends };
}

/**
 * Paints `rows` (see Rows) into `pixels`, a Uint32Array of an image `stride` wide, as a rectangle of `width` by `height`
 * pixels with its corner at (left, top). `ramp` is as in ramp.js; `largest` is the value that gets the deepest.
 * Pixels of what may not be read, or is not a number, are left as they are.
 */
export function rasterize(rows, ramp, largest, pixels, stride, left, top, width, height = width) {
  const [across, down] = [bounds(rows.across, width), bounds(rows.down, height)];
  const { values } = rows;
  const { packed, zero } = ramp;
  const gain = gainOf(ramp, largest);
  for (let y = 0; y < height; y++) {
    const out = (top + y) * stride + left;
    const nearest = rows.first(down.starts[y]);
    const furthest = rows.reach(down.ends[y] - 1);
    for (let x = 0; x < width; x++) {
      if (across.ends[x] <= nearest) continue;
      if (across.starts[x] >= furthest) break;
      let [value, size] = [0, -1];
      for (let query = down.starts[y]; query < down.ends[y]; query++) {
        const row = rows.start(query);
        const stop = Math.min(across.ends[x], rows.reach(query));
        for (let key = Math.max(across.starts[x], rows.first(query)); key < stop; key++) {
          const there = Math.abs(values[row + key]);
          if (there > size) [value, size] = [values[row + key], there];
        }
      }
      if (size >= 0) pixels[out + x] = packed[zero + Math.round(value * gain)];
    }
  }
}

/**
 * Paints numbers into `pixels`, one a pixel: `value(row, column)`, in a ramp whose end is `largest`; null stays as it is.
 */
export function paintValues(pixels, rows, columns, value, { packed, zero }, largest) {
  const gain = (packed.length - 1 - zero) / largest;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const number = value(row, column);
      if (number !== null) pixels[row * columns + column] = packed[zero + Math.round(number * gain)];
    }
  }
}

/**
 * Gives `pictureOf(width, height, paint)`: an image of so many device pixels to draw with, whose pixels `paint(pixels)` gets
 * as a Uint32Array, all empty. The next picture is made of the same memory, where it has the same size.
 */
export function picture() {
  let image = null;
  let canvas = null;

  return function pictureOf(width, height, paint) {
    if (image?.width !== width || image.height !== height) {
      image = new ImageData(width, height);
      canvas = new OffscreenCanvas(width, height);
    }
    paint(new Uint32Array(image.data.buffer).fill(0));
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  };
}

/** The largest value of a Pattern or of Rows, of either sign. */
export function largestOf({ values }) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]) || 0);
  return largest;
}
