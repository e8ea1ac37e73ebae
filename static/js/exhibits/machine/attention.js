// One kind of attention in the open block: the atlas of its heads, one head as a matrix, and the pipes. Queries (blue)
// and keys (vermilion) say where rows and columns come from; values (green) are as wide as the lit query's
// probabilities. `part` is one of the layout's `attentions`; its queries and keys may come from two rivers.

import { cellAt, lightCells, paintCells } from "../../draw/cells.js";
import { widthIn } from "../../draw/measure.js";
import { mono } from "../../draw/type.js";
import { probability, WHOLE } from "../../state/patterns.js";
import { PIPE } from "./block.js";
import { laneOf, laneY } from "./layout.js";
import { rowsOf } from "./patterns.js";
import { half, node, paintBar, paintUpright, pipe } from "./stream.js";

/** Where head `head` stands in the atlas. */
export function atlasPlace({ atlas }, head) {
  const [column, row] = [head % atlas.columns, Math.floor(head / atlas.columns)];
  return {
    x: atlas.x + column * (atlas.size + atlas.gap),
    y: atlas.y + row * (atlas.size + atlas.gap),
    size: atlas.size,
  };
}

/** The frames of the atlas; gives the miniatures that go into them. */
export function paintAtlas(context, part, pattern, layer, tint) {
  return Array.from({ length: pattern.heads }, (_, head) => {
    const { x, y, size } = atlasPlace(part, head);
    context.beginPath();
    context.roundRect(x + 0.5, y + 0.5, size - 1, size - 1, 3);
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.stroke();
    return { rows: rowsOf(pattern, layer, head), x: x + 3, y: y + 3, size: size - 6 };
  });
}

/** The cells of the selected head, in the range of the legend, 0 to 100 %; what the mask forbids stays empty. */
export function paintMatrix(context, { matrix }, rows, tint) {
  paintCells(context, matrix, rows.small ?? rows, tint.sequential, WHOLE, 0); // of a long text in small
}

/** The middle token of a lane, as a place among the cells. */
function middleOf({ tokens, lanes }, lane) {
  return Math.min(tokens - 1, (lane + 0.5) * lanes.group - 0.5) + 0.5;
}

/** Lines from lanes to rows and from lanes to columns, for every lane; those that are lit solid. */
export function paintWires(context, part, rows, lit, tint) {
  const { matrix, queryX, queries, keys } = part;
  const fine = (river, room) => Math.min(1.25, (0.4 * room) / river.lanes.count);
  const faint = (river, extra) => 0.25 + extra * Math.min(1, 14 / river.lanes.count);
  const small = (river) => Math.min(2, 0.25 * river.lanes.pitch);
  const [query, key] = [laneOf(queries, lit.query), laneOf(keys, lit.key)];
  for (const pass of [false, true]) {
    for (let lane = 0; lane < queries.lanes.count; lane++) {
      if ((lane === query) !== pass) continue;
      const y = laneY(queries, lane);
      const row = matrix.top + middleOf(queries, lane) * matrix.high;
      const x = queryX.from + ((lane + 0.5) / queries.lanes.count) * (queryX.to - queryX.from);
      const points = [
        [x, y],
        [x, row],
        [matrix.left - 3, row],
      ];
      const weight = pass ? 3 : fine(queries, queryX.to - queryX.from);
      pipe(context, points, weight, tint.query, pass ? 1 : faint(queries, 0.2), 9);
      dot(context, x, y, pass ? 3 : small(queries), tint.query);
    }
    for (let lane = 0; lane < keys.lanes.count; lane++) {
      const token = Math.min(keys.tokens - 1, lane * keys.lanes.group);
      if ((lane === key) !== pass || !rows.allows(lit.query, token)) continue;
      const y = laneY(keys, lane);
      const column = matrix.left + middleOf(keys, lane) * matrix.wide;
      const foot = [column, matrix.top + matrix.height + 3];
      pipe(context, [[column, y], foot], pass ? 2.5 : fine(keys, matrix.width), tint.key, pass ? 1 : faint(keys, 0.15));
      dot(context, column, y, pass ? 3 : small(keys), tint.key);
    }
  }
}

/** The norm that stands before queries, keys and values; of a bridge before its queries alone. */
export function paintNorm(context, { kind, queryX, valueX, queries }, tint) {
  const right = kind === "cross" ? queryX.to + 5 : valueX + PIPE + 5;
  paintBar(context, queryX.from - 5, queries.top - 7, right - queryX.from + 5, tint);
}

export const BEHIND = 24; // px in front of the plus

/** The norm that stands behind attention: what all heads together add passes through it. */
export function paintNormBehind(context, { plusX, sum }, tint) {
  paintUpright(context, plusX - BEHIND, sum.y, 24, tint);
}

function dot(context, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
}

/**
 * The values that the query takes, side by side, each as wide as its probability; the sum; and what all heads together
 * add, violet, `length` long, into the query's lane. `weights` has a probability for each lane of the keys.
 */
export function paintValues(context, part, length, weights, scale, lit, tint) {
  const { valueX, sum, plusX, queries, keys } = part;
  const way = sum.y < keys.lanes.top ? 1 : -1; // down to the keys' lanes, or up to them
  const gather = sum.y + way * 14;
  const litLane = laneOf(keys, lit.key);
  let x = valueX;
  weights.forEach((weight, lane) => {
    const width = PIPE * weight;
    if (width > 0.05) {
      const [middle, y] = [x + width / 2, laneY(keys, lane)];
      const ends = [
        [middle, y],
        [middle, gather],
      ];
      pipe(context, ends, width, tint.value, lane === litLane ? 1 : 0.62);
      if (width > 1.5) dot(context, middle, y, Math.min(4, Math.max(2, width / 2)), tint.value);
    }
    x += width;
  });
  context.beginPath();
  context.moveTo(valueX, gather);
  context.bezierCurveTo(valueX, gather - way * 8, sum.x - 4, gather - way * 8, sum.x - 4, sum.y);
  context.lineTo(sum.x + 4, sum.y);
  context.bezierCurveTo(sum.x + 4, gather - way * 8, valueX + PIPE, gather - way * 8, valueX + PIPE, gather);
  context.closePath();
  context.globalAlpha = 0.62;
  context.fillStyle = tint.value;
  context.fill();
  context.globalAlpha = 1;
  const y = laneY(queries, laneOf(queries, lit.query));
  const points = [
    [sum.x, sum.y],
    [plusX, sum.y],
    [plusX, y],
  ];
  pipe(context, points, 2 * half(scale, length), tint.attention, 0.9, 14);
  node(context, sum.x, sum.y, "Σ", tint["value-ink"], tint);
  node(context, plusX, y, "+", tint.attention, tint);
}

/** The row, the column and the cell that are lit, outlined. */
export function paintLit(context, { matrix }, rows, { query, key }, tint) {
  lightCells(context, matrix, rows, { row: query, column: key, cell: { row: query, column: key } }, tint);
}

/** The gold line from (x, y), where the label of the lit row ends, to the card with the numbers of its cell. */
export function paintLeader(context, { card }, x, y, tint) {
  context.beginPath();
  context.moveTo(x, y);
  if (y > card.bottom + 4) {
    const foot = Math.max(card.x + 16, Math.min(card.right - 16, x + 24));
    context.bezierCurveTo((x + foot) / 2 + 4, y, foot, y - 8, foot, card.bottom);
  } else {
    const side = Math.max(card.y + 14, Math.min(card.bottom - 14, y));
    context.bezierCurveTo((x + card.x) / 2, y, (x + card.x) / 2, side, card.x, side);
  }
  context.strokeStyle = tint.gold;
  context.lineWidth = 1.25;
  context.stroke();
}

/** Each lane's share of a query's probabilities, from steps; none as long as a long head's row is on its way. */
export function weightsOf(rows, query, { lanes }) {
  const weights = new Float32Array(lanes.count);
  if (rows.knows && !rows.knows(query, 0)) return weights;
  for (let key = rows.first(query); key < rows.reach(query); key++) {
    weights[Math.floor(key / lanes.group)] += probability(rows.at(query, key));
  }
  return weights;
}

/** The cell of the matrix under a point; null beside it, and where nothing may be read. */
export function cellUnder({ matrix }, rows, x, y) {
  const cell = cellAt(matrix, x, y);
  return cell && rows.allows(cell.row, cell.column) ? { query: cell.row, key: cell.column } : null;
}

/** How wide a label of the matrix is. */
export function labelWidth({ text, most }) {
  return Math.min(most, widthIn(mono(12, 650), text));
}
