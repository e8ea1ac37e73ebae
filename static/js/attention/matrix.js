// One head as a matrix: a row for each query, a column for each key it may read. The cells are painted once a frame on
// a canvas of their own; what the pointer lights is drawn over it.

import { fitted, visible } from "../chips.js";
import { colours } from "../color.js";
import { at } from "../decode.js";
import { fit } from "../dom.js";
import { badge, chosen, fontSize, mono, stepFor } from "./labels.js";
import { rasterize } from "./raster.js";

const ANGLE = -Math.PI / 3;
const FOOT = 78; // room for the labels of the columns
const ROW_LINE = 13; // px from one label to the next, at least
const COLUMN_LINE = 17; // turned by 60 degrees they need more

/** Where things stand for a picture `width` wide; all in CSS pixels. */
export function layout(width, tokens) {
  const left = width < 360 ? 68 : 92;
  const side = width - left - 2;
  const ideal = Math.min(side / tokens, Math.max(40, side / 9));
  const cell = ideal >= 5 ? Math.floor(ideal) : ideal;
  return { left, top: 6, side, cell, width, height: side + FOOT, tokens };
}

/** The cell under a point, or null outside the square. */
export function hit({ left, top, cell, tokens }, x, y) {
  const [query, key] = [Math.floor((y - top) / cell), Math.floor((x - left) / cell)];
  if (query < 0 || query >= tokens || key < 0 || key >= tokens) return null;
  return { query, key };
}

/** The hatching of cells that the mask forbids: not a value of zero, but no value. */
function hatching(context, colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 7;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(-1, 8);
  pen.lineTo(8, -1);
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

/** Paints the cells of one head; done once for each frame, head, size and theme. */
export function paintCells(canvas, place, rows, largest) {
  const { left, top, cell, tokens, width, height } = place;
  const context = fit(canvas, width, height);
  const { ramp, masked, card } = colours();
  const extent = cell * tokens;
  context.fillStyle = hatching(context, masked);
  context.fillRect(left, top, extent, extent);
  context.fillStyle = card;
  for (let query = 0; query < tokens; query++) {
    context.fillRect(left, top + query * cell, (query + 1) * cell + 0.5, cell + 0.5);
  }
  if (cell < 5) {
    const size = Math.round((extent * canvas.width) / width);
    const image = new ImageData(size, size);
    rasterize(rows, tokens, ramp.packed, largest, new Uint32Array(image.data.buffer), size, 0, 0, size);
    const tile = new OffscreenCanvas(size, size);
    tile.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(tile, left, top, extent, extent);
    return;
  }
  const gap = cell >= 14 ? 1.5 : 0.75;
  const radius = cell >= 20 ? 2.5 : 0;
  const gain = 255 / Math.max(1, largest);
  for (let query = 0; query < tokens; query++) {
    for (let key = 0; key <= query; key++) {
      context.fillStyle = ramp.css[Math.min(255, Math.round(at(rows, query, key) * gain))];
      const [x, y, size] = [left + key * cell + gap / 2, top + query * cell + gap / 2, cell - gap];
      if (!radius) {
        context.fillRect(x, y, size, size);
        continue;
      }
      context.beginPath();
      context.roundRect(x, y, size, size, radius);
      context.fill();
    }
  }
}

/** Draws the finished picture: the painted cells, the labels, and what is lit. */
export function paint(canvas, place, cells, tokens, roles) {
  const { left, top, cell, width, height } = place;
  const context = fit(canvas, width, height);
  context.drawImage(cells, 0, 0, width, height);
  const tint = colours();
  labels(context, place, tokens, roles, tint);
  const extent = cell * tokens.length;
  const outline = (colour, line, x, y, w, h) => {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    context.roundRect(x - line / 2, y - line / 2, w + line, h + line, Math.min(3, cell / 4));
    context.stroke();
  };
  if (roles.column !== null) {
    const from = Math.min(roles.column, tokens.length);
    outline(tint.key, 1.25, left + roles.column * cell, top + from * cell, cell, extent - from * cell);
  }
  outline(tint.query, 1.5, left, top + roles.query * cell, (roles.query + 1) * cell, cell);
  if (roles.cell && roles.cell.key < tokens.length) {
    outline(tint.gold, 2, left + roles.cell.key * cell, top + roles.cell.query * cell, cell, cell);
  }
}

function labels(context, { left, top, cell }, tokens, roles, tint) {
  const font = fontSize(cell);
  const step = { row: stepFor(cell, ROW_LINE), column: stepFor(cell, COLUMN_LINE) };
  const extent = cell * tokens.length;
  const below = cell < 16 ? 12 : 8; // clear of the last row's label
  const room = { row: left - 12, column: FOOT / Math.sin(-ANGLE) - 12 };
  const style = (index, isLit, colour) => {
    context.font = mono(font, isLit ? 700 : 450);
    context.fillStyle = isLit ? colour : tokens[index].special ? tint.quiet : tint.ink;
  };
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const index of chosen(tokens.length, step.row, [roles.query, roles.selected])) {
    const y = top + (index + 0.5) * cell;
    style(index, index === roles.query, tint["query-ink"]);
    const text = fitted(context, visible(tokens[index]), room.row);
    if (index === roles.selected) badge(context, left - 8, y, context.measureText(text).width, tint);
    style(index, index === roles.query, tint["query-ink"]);
    context.fillText(text, left - 8, y + 0.5);
  }
  for (const index of chosen(tokens.length, step.column, [roles.key])) {
    style(index, index === roles.key, tint["key-ink"]);
    context.save();
    context.translate(left + (index + 0.5) * cell + 3, top + extent + below);
    context.rotate(ANGLE);
    context.fillText(fitted(context, visible(tokens[index]), room.column), 0, 0);
    context.restore();
  }
}
