// The upper half of the open block: the atlas of its heads, one head as a matrix, and the pipes. Queries (blue) and
// keys (vermilion) say where rows and columns come from; values (green) are as wide as the selected query's
// probabilities.

import { paintCells } from "../attention/matrix.js";
import { largestOf } from "../attention/raster.js";
import { at } from "../decode.js";
import { laneY, PIPE } from "./layout.js";
import { half, node, pipe } from "./stream.js";

/** Where head `head` stands in the atlas. */
export function atlasPlace({ attention: { atlas } }, head) {
  const [column, row] = [head % atlas.columns, Math.floor(head / atlas.columns)];
  return {
    x: atlas.x + column * (atlas.size + atlas.gap),
    y: atlas.y + row * (atlas.size + atlas.gap),
    size: atlas.size,
  };
}

/** The frames of the atlas; gives the miniatures that go into them. */
export function paintAtlas(context, place, pattern, tint) {
  return Array.from({ length: pattern.heads }, (_, head) => {
    const { x, y, size } = atlasPlace(place, head);
    context.beginPath();
    context.roundRect(x + 0.5, y + 0.5, size - 1, size - 1, 3);
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.stroke();
    return { rows: pattern.head(place.open, head), x: x + 3, y: y + 3, size: size - 6 };
  });
}

const sheet = document.createElement("canvas");

/** The cells of the selected head; once a frame, head and theme. */
export function paintMatrix(context, { attention: { matrix } }, rows) {
  const { left, top, cell, tokens, extent } = matrix;
  paintCells(sheet, { left: 0, top: 0, wide: cell, high: cell, width: extent, height: extent }, rows, largestOf(rows));
  context.save();
  context.beginPath();
  for (let row = 0; row < tokens; row++) context.rect(left, top + row * cell, (row + 1) * cell, cell + 0.5);
  context.clip(); // the half above the diagonal stays free for the labels
  context.drawImage(sheet, left, top, extent, extent);
  context.restore();
}

/** Lines from lanes to rows and from lanes to columns, for every lane; those that are lit solid. */
export function paintWires(context, place, lit, tint) {
  const { matrix, queryX } = place.attention;
  const { lanes } = place;
  const crowd = Math.min(1, 14 / lanes.count);
  const [fineQuery, fineKey] = [queryX.to - queryX.from, matrix.extent].map((room) =>
    Math.min(1.25, (0.4 * room) / lanes.count),
  );
  for (const pass of [false, true]) {
    for (let lane = 0; lane < lanes.count; lane++) {
      const y = laneY(place, lane);
      const token = Math.min(place.tokens - 1, (lane + 0.5) * lanes.group - 0.5);
      const row = matrix.top + (token + 0.5) * matrix.cell;
      const x = queryX.from + ((lane + 0.5) / lanes.count) * (queryX.to - queryX.from);
      const column = matrix.left + (token + 0.5) * matrix.cell;
      if ((lane === lit.query) === pass) {
        const weight = pass ? 3 : fineQuery;
        pipe(
          context,
          [
            [x, y],
            [x, row],
            [matrix.left - 3, row],
          ],
          weight,
          tint.query,
          pass ? 1 : 0.25 + 0.2 * crowd,
          9,
        );
        dot(context, x, y, pass ? 3 : Math.min(2, 0.25 * lanes.pitch), tint.query);
      }
      if (lane <= lit.query && (lane === lit.key) === pass) {
        const weight = pass ? 2.5 : fineKey;
        pipe(
          context,
          [
            [column, y],
            [column, matrix.top + matrix.extent + 3],
          ],
          weight,
          tint.key,
          pass ? 1 : 0.25 + 0.15 * crowd,
        );
        dot(context, column, y, pass ? 3 : Math.min(2, 0.25 * lanes.pitch), tint.key);
      }
    }
  }
}

function dot(context, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
}

/**
 * The values that the query takes, side by side, each as wide as its probability; the sum; and what all heads together
 * add, violet, into the query's lane. `weights` has a probability for each lane.
 */
export function paintValues(context, place, measured, weights, lit, tint) {
  const { valueX, sum, plusX } = place.attention;
  const gather = sum.y + 14;
  let x = valueX;
  for (let lane = 0; lane < place.lanes.count; lane++) {
    const width = PIPE * weights[lane];
    if (width > 0.05) {
      pipe(
        context,
        [
          [x + width / 2, laneY(place, lane)],
          [x + width / 2, gather],
        ],
        width,
        tint.value,
        lane === lit.key ? 1 : 0.62,
      );
      if (width > 1.5) dot(context, x + width / 2, laneY(place, lane), Math.min(4, Math.max(2, width / 2)), tint.value);
    }
    x += width;
  }
  context.beginPath();
  context.moveTo(valueX, gather);
  context.bezierCurveTo(valueX, gather - 8, sum.x - 4, gather - 8, sum.x - 4, sum.y);
  context.lineTo(sum.x + 4, sum.y);
  context.bezierCurveTo(sum.x + 4, gather - 8, valueX + PIPE, gather - 8, valueX + PIPE, gather);
  context.closePath();
  context.globalAlpha = 0.62;
  context.fillStyle = tint.value;
  context.fill();
  context.globalAlpha = 1;
  const y = laneY(place, lit.query);
  const width = 2 * half(place, measured, measured.added[2 * place.open * place.lanes.count + lit.query]);
  pipe(
    context,
    [
      [sum.x, sum.y],
      [plusX, sum.y],
      [plusX, y],
    ],
    width,
    tint.attention,
    0.9,
    16,
  );
  node(context, sum.x, sum.y, "Σ", tint["value-ink"], tint);
  node(context, plusX, y, "+", tint.attention, tint);
}

/** The row, the column and the cell that are lit, outlined. */
export function paintLit(context, { attention: { matrix }, tokens }, lit, tint) {
  const { left, top, cell } = matrix;
  const outline = (colour, line, x, y, w, h) => {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.beginPath();
    context.roundRect(x - line / 2, y - line / 2, w + line, h + line, Math.min(3, cell / 4));
    context.stroke();
  };
  outline(tint.key, 1.25, left + lit.keyToken * cell, top + lit.keyToken * cell, cell, cell * (tokens - lit.keyToken));
  outline(tint.query, 1.5, left, top + lit.queryToken * cell, (lit.queryToken + 1) * cell, cell);
  outline(tint.gold, 2, left + lit.keyToken * cell, top + lit.queryToken * cell, cell, cell);
}

const widths = new Map();

/** How wide a label of the matrix is. */
function labelWidth(context, text) {
  if (!widths.has(text)) {
    if (widths.size > 2000) widths.clear();
    context.font = '650 12px "JetBrains Mono", monospace';
    widths.set(text, context.measureText(text).width);
  }
  return widths.get(text);
}

/** The gold line from the end of the lit row, where its label stands, to the card with the numbers of its cell. */
export function paintLeader(context, { attention: { matrix, card } }, label, lit, tint) {
  const x =
    matrix.left + (lit.queryToken + 1) * matrix.cell + 9 + Math.min(label.most, labelWidth(context, label.text));
  const y = matrix.top + (lit.queryToken + 0.5) * matrix.cell;
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

/** Each lane's share of a query's probabilities, from 255ths. */
export function weightsOf(rows, query, lanes) {
  const weights = new Float32Array(lanes.count);
  for (let key = 0; key <= query; key++) weights[Math.floor(key / lanes.group)] += at(rows, query, key) / 255;
  return weights;
}

/** The row or column of the matrix under a point; null beside it. */
export function cellUnder({ attention: { matrix }, tokens }, x, y) {
  const [query, key] = [Math.floor((y - matrix.top) / matrix.cell), Math.floor((x - matrix.left) / matrix.cell)];
  return query < 0 || key < 0 || query >= tokens || key > query ? null : { query, key };
}
