// What each token may see, as a square: a row for each token that reads, a column for each that it may read, hatched
// where the mask forbids it, and in violet how much it reads there. A T5's square has four parts: what is read reads
// itself, what is written reads across and its own beginning, and what is read never sees what is written.

import { colours } from "../../page/theme.js";
import { hatchRectangle } from "../../draw/hatch.js";
import { fit } from "../../page/canvas.js";
import { sans } from "./type.js";
import { SIDES } from "./words.js";

const LABELS = 16; // px above and on the left
const SEAM = 4; // px between the parts

/** One part as an image of device pixels; where there are more cells than pixels, a pixel shows the largest. */
function image(table, width, height, largest, ramp) {
  const picture = new ImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  const { rows, columns } = table;
  for (let y = 0; y < height; y++) {
    const [top, bottom] = range(y, height, rows);
    for (let x = 0; x < width; x++) {
      const [left, right] = range(x, width, columns);
      let most = -1;
      for (let query = top; query < bottom; query++) {
        for (let key = left; key < right && table.allows(query, key); key++)
          most = Math.max(most, table.at(query, key));
      }
      if (most >= 0) pixels[y * width + x] = ramp.packed[Math.min(255, Math.round((255 * most) / largest))];
    }
  }
  return picture;
}

const tiles = new WeakMap(); // by table

/** The same to draw with, made once for each table, size and theme. */
function tileOf(table, width, height, largest, ramp) {
  const made = tiles.get(table);
  if (made?.width === width && made.height === height && made.ramp === ramp) return made.tile;
  const tile = new OffscreenCanvas(width, height);
  tile.getContext("2d").putImageData(image(table, width, height, largest, ramp), 0, 0);
  tiles.set(table, { width, height, ramp, tile });
  return tile;
}

const range = (pixel, pixels, cells) => {
  const first = Math.floor((pixel * cells) / pixels);
  return [first, Math.max(first + 1, Math.floor(((pixel + 1) * cells) / pixels))];
};

/** The parts of a family's square: {table, x, y} with x and y counted in tokens, and its size in tokens. */
function parts(family, tables) {
  if (family !== "t5") return { of: [{ table: tables[family], x: 0, y: 0 }], size: tables[family].rows, seams: 0 };
  const { encoder, cross, decoder } = tables;
  const read = encoder.rows;
  return {
    of: [
      { table: encoder, x: 0, y: 0 },
      { table: cross, x: 0, y: read },
      { table: decoder, x: read, y: read },
    ],
    size: read + decoder.rows,
    seams: 1,
    read,
  };
}

/** The largest share in a family's square. */
export function largestIn(family, tables) {
  return Math.max(...parts(family, tables).of.map(({ table }) => table.largest));
}

/** Draws a family's square, `side` px wide with its labels; `lit` are the rows to outline. */
export function paint(canvas, side, family, tables, lit) {
  const context = fit(canvas, side, side);
  const tint = colours();
  const { of, size, seams, read } = parts(family, tables);
  const extent = side - LABELS - 1;
  const cell = (extent - seams * SEAM) / size;
  const at = (token) => LABELS + token * cell + (seams && token >= read ? SEAM : 0);
  const ratio = canvas.width / side;
  const largest = largestIn(family, tables);
  hatchRectangle(context, { x: LABELS, y: LABELS, width: extent, height: extent }, tint.masked);
  context.imageSmoothingEnabled = false;
  for (const { table, x, y } of of) {
    const [width, height] = [table.columns * cell, table.rows * cell];
    const [wide, high] = [width, height].map((length) => Math.max(1, Math.round(length * ratio)));
    context.drawImage(tileOf(table, wide, high, largest, tint.sequential), at(x), at(y), width, height);
  }
  context.strokeStyle = tint.query;
  context.lineWidth = 1.25;
  for (const { from, to } of lit) {
    const end = family === "gpt" ? to : (read ?? size);
    context.strokeRect(at(0) - 0.5, at(from) - 0.5, end * cell + 1, (to - from) * cell + 1);
  }
  labels(context, side, read, at, cell, tint);
}

function labels(context, side, read, at, cell, tint) {
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  context.textBaseline = "middle";
  const along = (text, from, room) => {
    if (context.measureText(text).width <= room) context.fillText(text, from, LABELS / 2 - 1);
  };
  const both = () => {
    if (!read) {
      along(SIDES.mayRead, LABELS, side);
      return;
    }
    along(SIDES.read, at(0), read * cell);
    along(SIDES.written, at(read), side - at(read));
  };
  context.textAlign = "left";
  both();
  context.save();
  context.translate(0, side);
  context.rotate(-Math.PI / 2);
  if (!read) context.fillText(SIDES.eachToken, 0, LABELS / 2 - 1);
  else {
    const written = side - at(read);
    if (context.measureText(SIDES.written).width <= written) context.fillText(SIDES.written, 0, LABELS / 2 - 1);
    if (context.measureText(SIDES.read).width <= read * cell)
      context.fillText(SIDES.read, written + SEAM, LABELS / 2 - 1);
  }
  context.restore();
}
