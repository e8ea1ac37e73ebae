// One head as lines: queries on the left, keys on the right, and between them a line whose width and strength are the
// probability. Lines below a fiftieth are left out, and the caption says so.

import { paintRowLabels } from "../../draw/labels.js";
import { probability } from "../../state/patterns.js";

const FAINTEST = 0.02;
const LARGEST_PITCH = 44;
const WIDEST = 12;
const CROWD = 32; // tokens; with more, the lines that are not lit step back

/** Where things stand for a picture `width` wide; as tall as the matrix of that width, so that nothing jumps. */
export function layout(width, rows, columns, height) {
  const margin = width < 360 ? 84 : 104;
  const pitch = Math.min(LARGEST_PITCH, (height - 12) / Math.max(rows, columns));
  return { width, height, left: margin, right: width - margin, top: 6, pitch, rows, columns };
}

/** The row or the column whose label or end is under a point, {row, column} with null for the other; or null. */
export function cellAt({ left, right, top, pitch, rows, columns }, x, y) {
  const index = Math.floor((y - top) / pitch);
  if (x < left + 24 && index >= 0 && index < rows) return { row: index, column: null };
  if (x > right - 24 && index >= 0 && index < columns) return { row: null, column: index };
  return null;
}

export function paint(context, place, rows, { queries, keys }, roles, tint) {
  const { left, right, top, pitch } = place;
  const y = (index) => top + (index + 0.5) * pitch;
  const middle = (left + right) / 2;
  const line = (query, key, part, strength, colour) => {
    context.globalAlpha = Math.min(1, (0.12 + 0.88 * part) * strength);
    context.strokeStyle = colour;
    context.lineWidth = 0.5 + part * Math.min(WIDEST, pitch);
    context.beginPath();
    context.moveTo(left, y(query));
    context.bezierCurveTo(middle, y(query), middle, y(key), right, y(key));
    context.stroke();
  };
  const isLit = (query, key) => (roles.column !== null ? key === roles.column : query === roles.query);
  const faint = 0.4 * Math.min(1, CROWD / rows.queries);
  context.lineCap = "butt";
  for (const litNow of [false, true]) {
    for (let query = 0; query < rows.queries; query++) {
      for (let key = 0; key < rows.reach(query); key++) {
        const part = probability(rows.at(query, key));
        if (part < FAINTEST || isLit(query, key) !== litNow) continue;
        line(query, key, part, litNow ? 1 : faint, litNow ? tint.attention : tint.residual);
      }
    }
  }
  context.globalAlpha = 1;
  const { query, selected, column, key } = roles;
  const queryInk = (index) => (column === null && index === query ? tint["query-ink"] : null);
  const keyInk = (index) => (index === key ? tint["key-ink"] : null);
  const side = { top, pitch, room: left - 26 };
  paintRowLabels(
    context,
    { ...side, x: left - 8, align: "right" },
    queries,
    { first: [query, selected], ink: queryInk, selected },
    tint,
  );
  paintRowLabels(context, { ...side, x: right + 8, align: "left" }, keys, { first: [key], ink: keyInk }, tint);
  ends(context, place, tint);
}

/** The dots at which the lines end: blue where they are asked for, vermilion where they are read. */
function ends(context, { left, right, top, pitch, rows, columns }, tint) {
  const radius = Math.max(1, Math.min(3, pitch / 5));
  for (const [x, colour, count] of [
    [left, tint.query, rows],
    [right, tint.key, columns],
  ]) {
    context.fillStyle = colour;
    for (let index = 0; index < count; index++) {
      context.beginPath();
      context.arc(x, top + (index + 0.5) * pitch, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
