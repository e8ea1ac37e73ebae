// The matrix: the attention before the mask, violet where it is kept, crossed-out grey where the mask takes it away, and
// beside each row how much it lost. The cells are painted on a canvas of their own, when they change; what is lit is
// drawn over it.

import { badge, chosen, fontSize, mono, stepFor } from "../../draw/labels.js";
import { fitted, visible } from "../../page/chips.js";
import { colours, hatching } from "../../draw/color.js";
import { fit } from "../../dom.js";

const ANGLE = -Math.PI / 3;
const [HEAD, FOOT] = [20, 76]; // room for the word over the bars, and for the labels of the columns
const BARS = 84; // px right of the matrix
const [ROW_LINE, COLUMN_LINE] = [13, 17]; // px from one label to the next, at least
const SMALLEST = 5; // px of a cell with a gap around it
const TONE = 0.62; // as the ramp of the patterns: small probabilities stay visible
const PALEST = 0.13;

/** Where things stand for a picture `width` wide; all in CSS pixels. */
export function layout(width, tokens) {
  const left = width < 400 ? 66 : 92;
  const side = width - left - (width < 400 ? 58 : BARS);
  const ideal = Math.min(side / tokens, Math.max(36, side / 9));
  const cell = ideal >= SMALLEST ? Math.floor(ideal) : ideal;
  return { left, top: HEAD, side, cell, width, height: HEAD + side + FOOT, tokens, bars: width - left - side };
}

/** What is under a point: a cell, the name of a row ({row}), or null. */
export function hit({ left, top, cell, tokens }, x, y) {
  const [query, key] = [Math.floor((y - top) / cell), Math.floor((x - left) / cell)];
  if (query < 0 || query >= tokens || key >= tokens) return null;
  return key < 0 ? { row: query } : { query, key };
}

/** Which keys the model itself lets a query read: from `first` up to before `reach`. */
function span({ causal, window }, query, tokens) {
  return { first: Math.max(0, query - window + 1), reach: causal ? query + 1 : tokens };
}

/** Paints the cells: `value(query, key)` is the attention before, 0..255, `largest` the one with the deepest colour. */
export function paintCells(canvas, place, cells, value, largest) {
  const { left, top, cell, tokens, width, height } = place;
  const context = fit(canvas, width, height);
  const { ramp, masked, card, residual } = colours();
  const extent = cell * tokens;
  context.fillStyle = hatching(context, masked);
  context.fillRect(left, top, extent, extent);
  const gap = cell >= 14 ? 1.5 : cell >= SMALLEST ? 0.75 : 0;
  const gain = 255 / Math.max(1, largest);
  const square = (query, key, grow) =>
    context.fillRect(left + key * cell + gap / 2, top + query * cell + gap / 2, cell - gap + grow, cell - gap + grow);
  context.fillStyle = card;
  for (let query = 0; query < tokens; query++) {
    const { first, reach } = span(cells, query, tokens);
    context.fillRect(left + first * cell, top + query * cell, (reach - first) * cell + 0.5, cell + 0.5);
  }
  const strike = hatching(context, card, 4);
  for (let query = 0; query < tokens; query++) {
    const { first, reach } = span(cells, query, tokens);
    for (let key = first; key < reach; key++) {
      const part = Math.min(255, Math.round(value(query, key) * gain));
      if (cells.at(query, key)) {
        context.fillStyle = ramp.css[part];
        square(query, key, gap ? 0 : 0.3);
        continue;
      }
      context.globalAlpha = PALEST + (1 - PALEST) * (part / 255) ** TONE;
      context.fillStyle = residual;
      square(query, key, gap ? 0 : 0.3);
      context.globalAlpha = 1;
      context.fillStyle = strike;
      square(query, key, 0);
    }
  }
}

/** Draws the finished picture; `lost[query]` is the part of each row that the mask takes, `starts` mark documents. */
export function paint(canvas, place, cells, painted, tokens, lost, roles, starts) {
  const { left, top, cell, width, height } = place;
  const context = fit(canvas, width, height);
  context.drawImage(painted, 0, 0, width, height);
  const tint = colours();
  bars(context, place, lost, roles, tint);
  labels(context, place, tokens, roles, tint);
  const extent = cell * tokens.length;
  context.strokeStyle = tint.gold;
  context.lineWidth = 1;
  for (const start of starts.filter((one) => one < tokens.length)) {
    context.beginPath();
    context.moveTo(8, top + start * cell);
    context.lineTo(left + extent, top + start * cell);
    context.stroke();
  }
  const outline = (colour, line, x, y, w, h) => {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    context.roundRect(x - line / 2, y - line / 2, w + line, h + line, Math.min(3, cell / 4));
    context.stroke();
  };
  const { first, reach } = span(cells, roles.query, tokens.length);
  outline(tint.query, 1.5, left + first * cell, top + roles.query * cell, (reach - first) * cell, cell);
  if (roles.cell) outline(tint.gold, 2, left + roles.cell.key * cell, top + roles.cell.query * cell, cell, cell);
}

/** Beside each row, how much of its attention is gone; numbers where there is room. */
function bars(context, { left, top, cell, tokens, width, bars: room }, lost, roles, tint) {
  const from = left + cell * tokens + 10;
  const numbers = room >= 80 ? 38 : 30;
  const long = Math.min(40, width - from - numbers);
  const step = stepFor(cell, ROW_LINE);
  context.font = "400 11px Inter, sans-serif";
  context.fillStyle = tint.quiet;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText("lost", from, top - 10);
  const high = Math.max(1, Math.min(10, cell - 2));
  for (let query = 0; query < tokens; query++) {
    const y = top + (query + 0.5) * cell;
    context.fillStyle = tint.masked;
    context.globalAlpha = 0.6;
    context.fillRect(from, y - high / 2, long, high);
    context.globalAlpha = 1;
    context.fillStyle = tint.residual;
    context.fillRect(from, y - high / 2, long * lost[query], high);
  }
  context.textAlign = "right";
  for (const query of chosen(tokens, step, [roles.query])) {
    context.font = mono(11, query === roles.query ? 700 : 450);
    context.fillStyle = query === roles.query ? tint["query-ink"] : tint.quiet;
    context.fillText(
      `${Math.round(100 * lost[query])}\u200a%`,
      from + long + numbers - 1,
      top + (query + 0.5) * cell + 0.5,
    );
  }
}

function labels(context, { left, top, cell }, tokens, roles, tint) {
  const step = { row: stepFor(cell, ROW_LINE), column: stepFor(cell, COLUMN_LINE) };
  const extent = cell * tokens.length;
  const style = (index, isLit, colour) => {
    context.font = mono(fontSize(cell), isLit ? 700 : 450);
    context.fillStyle = isLit ? colour : tokens[index].special ? tint.quiet : tint.ink;
  };
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const index of chosen(tokens.length, step.row, [roles.query, roles.selected])) {
    const y = top + (index + 0.5) * cell;
    style(index, index === roles.query, tint["query-ink"]);
    const text = fitted(context, visible(tokens[index]), left - 12);
    if (index === roles.selected) badge(context, left - 8, y, context.measureText(text).width, tint);
    style(index, index === roles.query, tint["query-ink"]);
    context.fillText(text, left - 8, y + 0.5);
  }
  for (const index of chosen(tokens.length, step.column, [roles.key])) {
    style(index, index === roles.key, tint["key-ink"]);
    context.save();
    context.translate(left + (index + 0.5) * cell + 3, top + extent + (cell < 16 ? 12 : 8));
    context.rotate(ANGLE);
    context.fillText(fitted(context, visible(tokens[index]), FOOT / Math.sin(-ANGLE) - 12), 0, 0);
    context.restore();
  }
}
