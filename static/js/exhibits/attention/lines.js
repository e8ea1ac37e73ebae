// One head as lines: queries on the left, keys on the right, and between them a line whose width and strength are the
// probability. Lines below a fiftieth are left out, and the caption says so.

import { fitted, visible } from "../../page/chips.js";
import { colours } from "../../draw/color.js";
import { fit } from "../../dom.js";
import { badge, chosen, fontSize, mono, stepFor } from "../../draw/labels.js";

export const FAINTEST = 0.02;
const LARGEST_PITCH = 44;
const WIDEST = 12;
const CROWD = 32; // tokens; with more, the lines that are not lit step back
const LINE = 13; // px from one label to the next, at least

/** Where things stand for a picture `width` wide; as tall as the matrix of that width, so that nothing jumps. */
export function layout(width, queries, keys, height) {
  const margin = width < 360 ? 84 : 104;
  const pitch = Math.min(LARGEST_PITCH, (height - 12) / Math.max(queries, keys));
  return { width, height, left: margin, right: width - margin, top: 6, pitch, queries, keys };
}

/** The query or key whose label or end is under a point, as a hover; null between the columns. */
export function hit({ left, right, top, pitch, queries, keys }, x, y) {
  const index = Math.floor((y - top) / pitch);
  if (x < left + 24 && index >= 0 && index < queries) return { query: index, key: null };
  if (x > right - 24 && index >= 0 && index < keys) return { query: null, key: index };
  return null;
}

export function paint(canvas, place, rows, { queries, keys }, roles) {
  const { width, height, left, right, top, pitch } = place;
  const context = fit(canvas, width, height);
  const tint = colours();
  const y = (index) => top + (index + 0.5) * pitch;
  const middle = (left + right) / 2;
  const line = (query, key, probability, strength, colour) => {
    context.globalAlpha = Math.min(1, (0.12 + 0.88 * probability) * strength);
    context.strokeStyle = colour;
    context.lineWidth = 0.5 + probability * Math.min(WIDEST, pitch);
    context.beginPath();
    context.moveTo(left, y(query));
    context.bezierCurveTo(middle, y(query), middle, y(key), right, y(key));
    context.stroke();
  };
  const isLit = (query, key) => (roles.column !== null ? key === roles.column : query === roles.query);
  context.lineCap = "butt";
  for (const litNow of [false, true]) {
    for (let query = 0; query < rows.queries; query++) {
      for (let key = 0; key < rows.reach(query); key++) {
        const probability = rows.at(query, key) / 255;
        if (probability < FAINTEST || isLit(query, key) !== litNow) continue;
        line(
          query,
          key,
          probability,
          litNow ? 1 : 0.4 * Math.min(1, CROWD / rows.queries),
          litNow ? tint.attention : tint.residual,
        );
      }
    }
  }
  context.globalAlpha = 1;
  const [font, step] = [fontSize(pitch), stepFor(pitch, LINE)];
  context.textBaseline = "middle";
  const label = (token, index, x, align, isBold, colour) => {
    context.textAlign = align;
    context.font = mono(font, isBold ? 700 : 450);
    const text = fitted(context, visible(token), left - 26);
    if (align === "right" && index === roles.selected)
      badge(context, x, y(index), context.measureText(text).width, tint);
    context.fillStyle = isBold ? colour : token.special ? tint.quiet : tint.ink;
    context.fillText(text, x, y(index) + 0.5);
  };
  for (const index of chosen(queries.length, step, [roles.query, roles.selected])) {
    label(queries[index], index, left - 8, "right", roles.column === null && index === roles.query, tint["query-ink"]);
  }
  for (const index of chosen(keys.length, step, [roles.key])) {
    label(keys[index], index, right + 8, "left", index === roles.key, tint["key-ink"]);
  }
  ends(context, place, tint);
}

/** The dots at which the lines end: blue where they are asked for, vermilion where they are read. */
function ends(context, { left, right, top, pitch, queries, keys }, tint) {
  const radius = Math.max(1, Math.min(3, pitch / 5));
  for (const [x, colour, count] of [
    [left, tint.query, queries],
    [right, tint.key, keys],
  ]) {
    context.fillStyle = colour;
    for (let index = 0; index < count; index++) {
      context.beginPath();
      context.arc(x, top + (index + 0.5) * pitch, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
