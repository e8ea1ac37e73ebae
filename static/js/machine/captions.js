// What is written into the drawing, and where: names of parts, labels of rows, numbers. The same values as on the
// canvas.

import { chosen, stepFor } from "../attention/labels.js";
import { visible } from "../chips.js";
import { count, decimal, percent } from "../format.js";
import { atlasPlace } from "./attention.js";
import { boxX, GATES, listed } from "./feed.js";
import { laneY, PIPE, STREAM } from "./layout.js";
import { legendPlace } from "./legend.js";

const LINE = 13; // px from one label to the next, at least
const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const inWords = (n) => NUMBERS[n] ?? count(n);
const BOTTOM = STREAM.top + STREAM.height;

const CLOSED =
  "Closed blocks in small: above, each head’s pattern; below, a dot for each expert, as large as its share of the " +
  "tokens, or a bar for each token, as long as what the MLP adds.";
const FOLDED = " Folded ones have one row for each block: the mean of its heads.";

/** 46.6, 949, 0.63 */
export function length(value) {
  return value >= 100 ? count(Math.round(value)) : decimal(value, value >= 10 ? 1 : 2);
}

/** What stands only by layout: it changes with the model, the width and the open block. */
export function fixedWords(place, config) {
  const { block, slabs, attention, cells, stream, open, below } = place;
  const folded = slabs.some(({ layers }) => layers.length > 1);
  return [
    { text: "embedding", x: cells.left, y: STREAM.top - 15, mark: "quiet" },
    ...slabs.flatMap(slabNumbers),
    { text: `Block ${open + 1}`, x: block.x + 18, y: 24, mark: "serif" },
    { text: `of ${config.n_layers}, open`, x: block.x + 18 + 54 + 8 * String(open + 1).length, y: 25, mark: "quiet" },
    { text: "Attention", x: block.x + 18, y: 56, mark: "title" },
    { text: "who reads whom", x: block.x + 18, y: 76, mark: "quiet" },
    { text: "query", x: attention.queryX.from - 8, y: STREAM.top - 12, anchor: "end", mark: "query strong" },
    { text: "value", x: attention.valueX + PIPE + 6, y: STREAM.top - 10, mark: "value strong" },
    { text: config.experts?.layers.includes(open) ? "Experts" : "MLP", x: block.x + 18, y: BOTTOM + 30, mark: "title" },
    { text: "residual stream", x: 4, y: BOTTOM + 22, mark: "strong" },
    {
      text: place.lanes.group > 1 ? `${place.lanes.group} tokens a lane` : `${count(config.d_model)} numbers a lane`,
      x: 4,
      y: BOTTOM + 38,
      mark: "quiet",
    },
    {
      text: "final norm, unembedding",
      x: stream.right + 12,
      y: below ? STREAM.top - 84 : BOTTOM + 92,
      anchor: "middle",
      mark: "quiet upright",
    },
    {
      text: `${CLOSED}${folded ? FOLDED : ""}`,
      x: 4,
      y: folded ? 124 : 108,
      mark: "quiet note",
      most: cells.right - 8,
    },
  ];
}

/** "4" over a slab of one block; "9" and "–16" over one of several. */
function slabNumbers({ layers, x, width }) {
  const number = (text, y, mark) => ({ text, x: x + width / 2, y, anchor: "middle", mark });
  if (layers.length === 1) return [number(`${layers[0] + 1}`, 27, "strong")];
  return [number(`${layers[0] + 1}`, 13, "quiet small"), number(`–${layers.at(-1) + 1}`, 27, "quiet small")];
}

/** The legends' words. */
export function legendWords(place, config, measured, embedScale) {
  const at = legendPlace(place);
  const each = Math.round(config.d_model / Math.min(32, config.d_model));
  const small = (text, y, x = 4) => ({ text, x, y, mark: "quiet small" });
  return [
    small("lane, + pipe: length, √", at.lane - 17),
    small("0", at.lane),
    small(length(measured.longest), at.lane, at.end),
    small(`embedding: means of ${each}`, at.embed - 15),
    small(decimal(-embedScale), at.embed),
    small(`+${decimal(embedScale)}`, at.embed, at.end),
    small("attention", at.pattern - 15),
    small("0", at.pattern),
    small("100 %", at.pattern, at.end),
    small("pipe: probability", at.pipe - 20),
    small("0", at.pipe),
    small("100 %", at.pipe, at.end),
  ];
}

/**
 * The tokens along the diagonal of the matrix: the end of each row and the top of each column. The lit row's comes
 * first and keeps its place; the lit column's moves up where the two would meet, and others stay away for lack of room.
 */
export function matrixWords(place, tokens, lit) {
  const { matrix, card, plusX } = place.attention;
  const placed = [];
  for (const index of chosen(tokens.length, stepFor(matrix.cell, LINE), [lit.queryToken, lit.keyToken])) {
    const x = matrix.left + (index + 1) * matrix.cell + 6;
    let y = matrix.top + (index + 0.5) * matrix.cell;
    if (index === lit.keyToken && placed.length) y = Math.min(y, placed[0].y - LINE);
    if (placed.some((other) => Math.abs(other.y - y) < LINE)) continue;
    const mark = index === lit.queryToken ? "query strong" : index === lit.keyToken ? "key strong" : "";
    const behind = y < card.bottom + 8 ? card.x - 8 : plusX + 40;
    placed.push({ text: visible(tokens[index]), x, y, mark, most: Math.max(24, behind - x) });
  }
  return placed;
}

/** The head that is open, and what it and the others add to the lit query's lane. */
export function attentionWords(place, config, state, measured, lit, frame) {
  const { atlas, matrix, plusX } = place.attention;
  const last = atlasPlace(place, config.n_heads - 1);
  const add = frame.arrays.added[2 * place.open * measured.tokens + lit.queryToken];
  const shared = config.n_heads / config.n_kv_heads;
  const under = [`head ${state.head + 1} of ${config.n_heads}`, ...(shared > 1 ? [`keys shared by ${shared}`] : [])];
  return [
    ...under.map((text, i) => ({
      text,
      x: atlas.x,
      y: last.y + atlas.size + 14 + 15 * i,
      mark: i ? "quiet small" : "strong",
    })),
    { text: "key", x: matrix.left + matrix.extent + 4, y: STREAM.top - 10, mark: "key strong" },
    {
      text: config.n_heads > 1 ? `${inWords(config.n_heads)} heads` : "one head",
      x: plusX + 14,
      y: STREAM.top - 40,
      mark: "quiet",
    },
    { text: `add ${length(add)}`, x: plusX + 14, y: STREAM.top - 23, mark: "mono attention strong" },
  ];
}

/** The experts and their numbers for the lit token; or the MLP's. */
export function feedWords(place, config, route, measured, lit, frame) {
  const { feed, block } = place;
  const x = block.x + 18;
  const token = visible(frame.tokens[lit.queryToken]);
  const add = length(frame.arrays.added[(2 * place.open + 1) * measured.tokens + lit.queryToken]);
  const name = { text: token, x, y: feed.boxes.top + 6, mark: "mono strong", most: 108 };
  const foot = (...lines) =>
    lines.map((text, i) => ({ text, x, y: place.height - 13 - 16 * (lines.length - 1 - i), mark: "quiet" }));
  if (!route) {
    const most = longestAdded(frame, measured, place.open);
    return [
      { text: "one for all tokens", x, y: BOTTOM + 50, mark: "quiet" },
      name,
      { text: `adds ${add}`, x, y: feed.boxes.top + 22, mark: "mono" },
      ...foot(`a bar for each token: the length of what the MLP adds to its lane, √; the longest ${length(most)}`),
    ];
  }
  const { n_experts: experts, top_k: k } = config.experts;
  const probability = (expert) => route.probabilities[lit.queryToken * experts + expert];
  const order = route.chosen[lit.queryToken];
  const { shown, more } = listed(order, k);
  const row = (text, rank, mark) => ({ text, x: x + 13, y: feed.boxes.top + GATES.first + GATES.step * rank, mark });
  return [
    { text: `${inWords(k)} of ${inWords(experts)} a token`, x, y: BOTTOM + 50, mark: "quiet" },
    name,
    ...shown.map((expert, rank) =>
      row(`E${expert + 1} ${percent(probability(expert))}`, rank, rank < k ? "mono gate" : "mono gate quiet"),
    ),
    ...(more ? [row(`and ${more} more`, shown.length, "quiet")] : []),
    row(`add ${add}`, shown.length + (more ? 1 : 0), "mono"),
    ...boxNames(place, experts, order.slice(0, k)),
    ...foot(...loadSentences(route, block.width)),
  ];
}

/** The names in the boxes: of the chosen ones first, of the others where there is room. */
function boxNames(place, experts, top) {
  const placed = [];
  const near = (expert) => placed.some((other) => Math.abs(other - expert) * place.feed.boxes.pitch < 28);
  const all = Array.from({ length: experts }, (_, expert) => expert);
  for (const expert of [...top, ...all]) if (!placed.includes(expert) && !near(expert)) placed.push(expert);
  return placed.map((expert) => ({
    text: `E${expert + 1}`,
    x: boxX(place, expert),
    y: place.feed.boxes.top + 11,
    anchor: "middle",
    mark: top.includes(expert) ? "strong" : "quiet",
  }));
}

/** The longest vector that the feed-forward half of a block adds to any token. */
function longestAdded(frame, { tokens }, layer) {
  return Math.max(...frame.arrays.added.subarray((2 * layer + 1) * tokens, (2 * layer + 2) * tokens));
}

/** What the boxes show, and how even the load is; on two lines where one is too long. */
function loadSentences({ load, ideal, balance }, width) {
  const busiest = load.indexOf(Math.max(...load));
  const idlest = load.indexOf(Math.min(...load));
  const times = (expert) => `E${expert + 1} × ${decimal(load[expert] / ideal, 1)}`;
  const key = `box: share of the tokens; dashed: even, ${decimal(ideal, 1)}`;
  const words = `busiest ${times(busiest)}, idlest ${times(idlest)} · balance loss ${decimal(balance)}`;
  return width < 570 ? [key, words] : [`${key} · ${words}`];
}

/** Which lanes have a chip: all, or every n-th and those that are lit. */
export function chipLanes(place, lit) {
  const step = stepFor(place.lanes.pitch, 17);
  return chosen(place.lanes.count, step, [lit.query, lit.hover])
    .sort((a, b) => a - b)
    .map((lane) => ({ lane, y: laneY(place, lane) }));
}
