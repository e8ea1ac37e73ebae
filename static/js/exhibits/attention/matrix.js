// One head as a matrix: a row for each query, a column for each key. The cells are painted once a frame on a canvas of
// their own; what the pointer lights is drawn over it.

import { fitted, visible } from "../../page/chips.js";
import { colours, hatching } from "../../draw/color.js";
import { fit } from "../../dom.js";
import { badge, chosen, fontSize, mono, stepFor } from "../../draw/labels.js";
import { gainOf, rasterize } from "../../draw/raster.js";

const ANGLE = -Math.PI / 3;
const FOOT = 78; // room for the labels of the columns
const ROW_LINE = 13; // px from one label to the next, at least
const COLUMN_LINE = 17; // turned by 60 degrees they need more
const SMALLEST = 5; // px of a cell; below, cells share pixels

/** Where things stand for a picture `width` wide; all in CSS pixels. A cell is `wide` by `high`. */
export function layout(width, queries, keys) {
  const left = width < 360 ? 68 : 92;
  const side = width - left - 2;
  const held = (count) => {
    const ideal = Math.min(side / count, Math.max(40, side / 9));
    return ideal >= SMALLEST ? Math.floor(ideal) : ideal;
  };
  return { left, top: 6, wide: held(keys), high: held(queries), width, height: side + FOOT, queries, keys };
}

/** The cell under a point, or null outside. */
export function hit({ left, top, wide, high, queries, keys }, x, y) {
  const [query, key] = [Math.floor((y - top) / high), Math.floor((x - left) / wide)];
  if (query < 0 || query >= queries || key < 0 || key >= keys) return null;
  return { query, key };
}

/**
 * Paints the cells of one head in a ramp; done once for each frame, head, size and theme. `ground` is the colour of a
 * cell without a value.
 */
export function paintCells(canvas, place, rows, largest, ramp, ground) {
  const { left, top, wide, high, width, height } = place;
  const context = fit(canvas, width, height);
  const { masked } = colours();
  const extent = { x: wide * rows.keys, y: high * rows.queries };
  if (rows.causal) {
    context.fillStyle = hatching(context, masked);
    context.fillRect(left, top, extent.x, extent.y);
  }
  context.fillStyle = ground;
  for (let query = 0; query < rows.queries; query++) {
    context.fillRect(left, top + query * high, rows.reach(query) * wide + 0.5, high + 0.5);
  }
  if (Math.min(wide, high) < SMALLEST) {
    const [w, h] = [extent.x, extent.y].map((length) => Math.max(1, Math.round((length * canvas.width) / width)));
    const image = new ImageData(w, h);
    rasterize(rows, ramp, largest, new Uint32Array(image.data.buffer), w, 0, 0, w, h);
    const tile = new OffscreenCanvas(w, h);
    tile.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(tile, left, top, extent.x, extent.y);
    return;
  }
  const gap = Math.min(wide, high) >= 14 ? 1.5 : 0.75;
  const radius = Math.min(wide, high) >= 20 ? 2.5 : 0;
  const gain = gainOf(ramp, largest);
  for (let query = 0; query < rows.queries; query++) {
    for (let key = 0; key < rows.reach(query); key++) {
      if (Number.isNaN(rows.at(query, key))) continue;
      context.fillStyle = ramp.css[ramp.zero + Math.round(rows.at(query, key) * gain)];
      const corner = [left + key * wide + gap / 2, top + query * high + gap / 2];
      if (!radius) {
        context.fillRect(...corner, wide - gap, high - gap);
        continue;
      }
      context.beginPath();
      context.roundRect(...corner, wide - gap, high - gap, radius);
      context.fill();
    }
  }
}

/** Draws the finished picture: the painted cells, the labels of both sides, and what is lit. */
export function paint(canvas, place, cells, rows, sides, roles) {
  const { left, top, wide, high, width, height } = place;
  const context = fit(canvas, width, height);
  context.drawImage(cells, 0, 0, width, height);
  const tint = colours();
  labels(context, place, sides, roles, tint);
  const outline = (colour, line, x, y, w, h) => {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    context.roundRect(x - line / 2, y - line / 2, w + line, h + line, Math.min(3, Math.min(wide, high) / 4));
    context.stroke();
  };
  if (roles.column !== null && roles.column < rows.keys) {
    const from = rows.causal ? roles.column : 0;
    outline(tint.key, 1.25, left + roles.column * wide, top + from * high, wide, (rows.queries - from) * high);
  }
  outline(tint.query, 1.5, left, top + roles.query * high, rows.reach(roles.query) * wide, high);
  if (roles.cell && roles.cell.key < rows.keys) {
    outline(tint.gold, 2, left + roles.cell.key * wide, top + roles.cell.query * high, wide, high);
  }
}

function labels(context, { left, top, wide, high }, { queries, keys }, roles, tint) {
  const step = { row: stepFor(high, ROW_LINE), column: stepFor(wide, COLUMN_LINE) };
  const extent = high * queries.length;
  const below = wide < 16 ? 12 : 8; // clear of the last row's label
  const room = { row: left - 12, column: FOOT / Math.sin(-ANGLE) - 12 };
  const style = (token, size, isLit, colour) => {
    context.font = mono(fontSize(size), isLit ? 700 : 450);
    context.fillStyle = isLit ? colour : token.special ? tint.quiet : tint.ink;
  };
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const index of chosen(queries.length, step.row, [roles.query, roles.selected])) {
    const y = top + (index + 0.5) * high;
    style(queries[index], high, index === roles.query, tint["query-ink"]);
    const text = fitted(context, visible(queries[index]), room.row);
    if (index === roles.selected) badge(context, left - 8, y, context.measureText(text).width, tint);
    style(queries[index], high, index === roles.query, tint["query-ink"]);
    context.fillText(text, left - 8, y + 0.5);
  }
  for (const index of chosen(keys.length, step.column, [roles.key])) {
    style(keys[index], wide, index === roles.key, tint["key-ink"]);
    context.save();
    context.translate(left + (index + 0.5) * wide + 3, top + extent + below);
    context.rotate(ANGLE);
    context.fillText(fitted(context, visible(keys[index]), room.column), 0, 0);
    context.restore();
  }
}
