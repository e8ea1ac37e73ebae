// What each token may see, as a square: a row for each token that reads, a column for each that it may read, hatched
// where the mask forbids it, and in violet how much it reads there. A T5's square has four parts: what is read reads
// itself, what is written reads across and its own beginning, and what is read never sees what is written.

import { hatchRectangle } from "../../draw/hatch.js";
import { once } from "../../draw/once.js";
import { outline } from "../../draw/outline.js";
import { largestOf, picture, rasterize } from "../../draw/raster.js";
import { sans } from "../../draw/type.js";
import { SIDES } from "./words.js";

const MOST_PARTS = 3;
const LABELS = 16; // px above and on the left
const SEAM = 4; // px between the parts

/** Gives `imageOf(index, table, width, height, largest, ramp)`: a part in device pixels, made anew only where it must be. */
export function mountImages() {
  const images = Array.from({ length: MOST_PARTS }, () => {
    const pictureOf = picture();
    return once((table, width, height, largest, ramp) =>
      pictureOf(width, height, (pixels) => rasterize(table, ramp, largest, pixels, width, 0, 0, width, height)),
    );
  });
  return (index, ...ofPart) => images[index](...ofPart);
}

/** The parts of a family's square: {table, x, y} with x and y counted in tokens, and its size in tokens. */
function parts(family, tables) {
  if (family !== "t5") return { of: [{ table: tables[family], x: 0, y: 0 }], size: tables[family].queries, seams: 0 };
  const { encoder, cross, decoder } = tables;
  const read = encoder.queries;
  return {
    of: [
      { table: encoder, x: 0, y: 0 },
      { table: cross, x: 0, y: read },
      { table: decoder, x: read, y: read },
    ],
    size: read + decoder.queries,
    seams: 1,
    read,
  };
}

/** The largest share in a family's square, 0 to 1. */
export function largestIn(family, tables) {
  return Math.max(...parts(family, tables).of.map(({ table }) => largestOf(table)));
}

/**
 * Draws a family's square, `side` px wide with its labels, from the images of its parts (see mountImages); `lit` are the
 * rows to outline, {from, to}, or null.
 */
export function paint(context, side, family, tables, lit, imageOf, tint) {
  const { of, size, seams, read } = parts(family, tables);
  const extent = side - LABELS - 1;
  const cell = (extent - seams * SEAM) / size;
  const at = (token) => LABELS + token * cell + (seams && token >= read ? SEAM : 0);
  const ratio = context.getTransform().a;
  const largest = largestIn(family, tables);
  hatchRectangle(context, { x: LABELS, y: LABELS, width: extent, height: extent }, tint.masked);
  context.imageSmoothingEnabled = false;
  of.forEach(({ table, x, y }, index) => {
    const [width, height] = [table.keys * cell, table.queries * cell];
    const [wide, high] = [width, height].map((length) => Math.max(1, Math.round(length * ratio)));
    context.drawImage(imageOf(index, table, wide, high, largest, tint.sequential), at(x), at(y), width, height);
  });
  if (lit) {
    const { from, to } = lit;
    const end = family === "gpt" ? to : (read ?? size);
    outline(context, { x: at(0), y: at(from), width: end * cell, height: (to - from) * cell }, tint.query, 1.25);
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
