// What is written into the drawing, and where: names of parts, labels of rows, numbers. The same values as on the
// canvas. What stands by layout alone comes from `fixedWords`, the rest with each frame.

import { chosen, stepFor } from "../../draw/labels.js";
import { seen, visible } from "../../page/chips.js";
import { decimal } from "../../format.js";
import { feedName } from "./anatomy.js";
import { BEHIND, atlasPlace } from "./attention.js";
import { PIPE } from "./block.js";
import { cellPlaces } from "./embeddings.js";
import { summaryPlace } from "./ends.js";
import { laneY, lanesEnd } from "./layout.js";
import { legendPlace } from "./legend.js";
import * as words from "./words.js";

const LINE = 13; // px from one label to the next, at least
const CLOSE = 10; // in the smallest type, where this leaves each row its own
/** What stands only by layout: it changes with the model, the width and the open block. */
export function fixedWords(place, machine) {
  const { block, slabs, read, spoken, open, below } = place;
  const folded = slabs.some(({ layers }) => layers.length > 1);
  const name = words.blockName(open.stack, open.layer);
  const two = machine.stacks.length > 1;
  const lower = machine.predicts ? words.WRITES : words.READS_AGAIN;
  const withExperts = machine.experts?.layers.length ?? 0;
  const experts = !withExperts ? "none" : withExperts < machine.stacks[0].layers ? "some" : "all";
  return [
    ...embeddingNames(read, machine),
    ...slabs.flatMap(slabNumbers),
    { text: name, x: block.x + 18, y: 24, mark: "serif" },
    { text: words.openOf(open.stack.layers), x: block.x + 26 + 8.1 * name.length, y: 25, mark: "quiet" },
    ...place.attentions.flatMap((part) => attentionNames(part, machine, place.isLow, open)),
    { text: feedName(machine, open.layer), ...place.feed.title, mark: "title" },
    ...(two ? [{ text: lower, x: spoken.chips.right, y: writesY(place), anchor: "end", mark: "quiet" }] : []),
    ...(machine.summary
      ? [{ text: words.POOLER, ...summaryPlace(spoken), anchor: "middle", mark: "quiet small upright" }]
      : []),
    ...normNames(place, machine),
    {
      text: words.behindBlocks(machine, two),
      x: place.ends + 12,
      y: below ? read.top - 94 : two ? place.height - 60 : spoken.bottom + 108,
      anchor: "middle",
      mark: "quiet upright",
    },
    ...(place.isLow
      ? []
      : [
          {
            text: words.closedBlocks(two, experts, folded),
            x: 4,
            y: two ? (folded ? 126 : 104) : folded ? 124 : 108,
            mark: "quiet note",
            most: Math.min(146, read.cells.right - 8),
          },
        ]),
  ];
}

/** Where "what it writes" stands: over the first lane's chip or, of a low drawing, below the last one's. */
const writesY = ({ spoken, isLow }) => (isLow ? lanesEnd(spoken) + 12 : spoken.head);

function embeddingNames({ cells, head }, { embeddings }) {
  if (embeddings.length === 1) return [{ text: words.EMBEDDING, x: cells.left, y: head, mark: "quiet" }];
  return cellPlaces(cells, embeddings.length).map(({ left, width }, index) => ({
    text: embeddings[index],
    x: left + width / 2,
    y: head,
    anchor: "middle",
    mark: "quiet small",
  }));
}

/** "4" over a slab of one block; "9" and "–16" over one of several; in a T5, which stack it is of. */
function slabNumbers({ layers, x, width, stack }) {
  const number = (text, y, mark) => ({ text, x: x + width / 2, y, anchor: "middle", mark });
  if (layers.length === 1) return [number(words.slabFirst(stack, layers[0]), 27, "strong")];
  const [first, last] = [words.slabFirst(stack, layers[0]), words.slabLast(layers.at(-1))];
  return [number(first, 13, "quiet small"), number(last, 27, "quiet small")];
}

function attentionNames(part, machine, isLow, open) {
  const { title, queryX, valueX, queries, kind } = part;
  const [stack] = machine.stacks;
  const [name, what] = words.attentionName(kind, stack.causal, stack.windows[open.layer]);
  const small = kind === "decoder";
  return [
    { text: name, ...title, mark: "title" },
    ...(isLow && kind === "cross" ? [] : [{ text: what, x: title.x, y: title.y + 20, mark: "quiet" }]),
    ...(small
      ? []
      : [
          kind === "cross"
            ? { text: words.QUERY, x: queryX.to + 8, y: part.keys.bottom + 14, mark: "query strong" }
            : { text: words.QUERY, x: queryX.from - 8, y: queries.top - 20, anchor: "end", mark: "query strong" },
          kind === "cross"
            ? {
                text: words.VALUE,
                x: valueX - 8,
                y: part.sum.y - (isLow ? 10 : 26),
                anchor: "end",
                mark: "value strong",
              }
            : { text: words.VALUE, x: valueX + PIPE + 8, y: queries.top - 18, mark: "value strong" },
        ]),
  ];
}

/** What the norms are called, where they stand. */
function normNames({ block, attentions, feed, open }, machine) {
  const { norm, post_norm: post, reads_normed: reads, adds_normed: adds, first_raw: first } = machine;
  const own = attentions[0];
  if (post) {
    return [
      { text: norm, x: own.normX + 8, y: own.queries.top - 12, mark: "quiet small" },
      {
        text: norm,
        x: feed.normX,
        y: feed.river.bottom + (feed.flat ? 31 : 36),
        anchor: "middle",
        mark: "quiet small upright",
      },
    ];
  }
  const { boxes } = feed;
  const before = [
    ...(first && open.layer === 0
      ? []
      : [{ text: norm, x: block.x + 18, y: own.queries.top - 6, mark: "quiet small" }]),
    { text: norm, x: boxes.left - 8, y: boxes.top - 8, anchor: "end", mark: "quiet small" },
  ];
  const behind = [
    { text: norm, x: own.plusX - BEHIND, y: own.sum.y - 18, anchor: "middle", mark: "quiet small" },
    { text: norm, x: feed.plusX + 17, y: boxes.bottom - 12, anchor: "middle", mark: "quiet small upright" },
  ];
  return [...(reads ? before : []), ...(adds ? behind : [])];
}

/** The legends' words. */
export function legendWords(place, machine, measured, embedScale) {
  const at = legendPlace(place);
  const each = Math.round(machine.d_model / Math.min(32, machine.d_model));
  const small = (text, y, x = 4) => ({ text, x, y, mark: "quiet small" });
  return [
    small(words.LANE_SCALE, at.lane - 17),
    small("0", at.lane),
    small(words.length(measured.longest), at.lane, at.end),
    small(words.embeddingScale(each), at.embed - 15),
    small(decimal(-embedScale), at.embed),
    small(words.plus(embedScale), at.embed, at.end),
    small(words.PATTERN_SCALE, at.pattern - 15),
    small("0", at.pattern),
    small("100 %", at.pattern, at.end),
    small(words.PIPE_SCALE, at.pipe - 20),
    small("0", at.pipe),
    small("100 %", at.pipe, at.end),
  ];
}

/**
 * The tokens of a matrix's rows, and of the lit column: along the diagonal, or right of the rows with the column's over
 * its top. The lit row's comes first and keeps its place; others stay away for lack of room.
 */
export function matrixWords(part, place, rowTokens, keyTokens, { query, key }) {
  const { matrix, card, plusX, side } = part;
  const placed = [];
  const along = side === "diagonal";
  const isClose = matrix.high < LINE && matrix.high >= CLOSE;
  const line = isClose ? CLOSE : LINE;
  for (const index of chosen(matrix.rows, stepFor(matrix.high, line), along ? [query, key] : [query])) {
    const end = along ? (index + 1) * matrix.wide : matrix.width;
    const x = matrix.left + end + 6;
    let y = matrix.top + (index + 0.5) * matrix.high;
    if (along && index === key && placed.length) y = Math.min(y, placed[0].y - line);
    if (placed.some((other) => Math.abs(other.y - y) < line)) continue;
    const role = index === query ? "query strong" : along && index === key ? "key strong" : "";
    const mark = isClose ? `${role} close`.trim() : role;
    const limit = place.block.x + place.block.width - 12;
    const beside = card && part.leads;
    const behind = beside && (y < card.bottom + 8 || !along) ? card.x - 8 : Math.min(limit, along ? plusX + 40 : limit);
    placed.push({ text: seen(rowTokens, index), x, y, mark, most: Math.max(24, behind - x) });
  }
  if (!along) {
    const middle = matrix.left + (key + 0.5) * matrix.wide;
    const column = { text: seen(keyTokens, key), x: middle, y: matrix.top - 11, anchor: "middle", most: 90 };
    placed.push({ ...column, mark: "key strong" });
  }
  return placed;
}

/** The head that is open, and what it and the others add to the lit query's lane. */
export function attentionWords(part, place, machine, head, now, query) {
  const { matrix, plusX, sum, kind, queries } = part;
  const last = atlasPlace(part, machine.n_heads - 1);
  const add = now.open[place.open.stack.parts.indexOf(part.part) * queries.tokens + query];
  const shared = machine.n_heads / machine.n_kv_heads;
  const under = [words.headOf(head, machine.n_heads), ...(shared > 1 ? [words.keysShared(shared)] : [])];
  if (kind === "decoder") {
    const at = place.isLow
      ? { x: part.atlas.x, y: last.y + last.size + 15 }
      : { x: plusX, y: lanesEnd(queries) + 13, anchor: "middle" };
    return [{ text: words.headsAdd(add), ...at, mark: "mono attention strong" }];
  }
  const labels = under.map((text, i) => ({
    text,
    x: part.atlas.x,
    y: last.y + last.size + 14 + 15 * i,
    mark: i ? "quiet small" : "strong",
  }));
  const heads = words.heads(machine.n_heads);
  if (kind === "cross") {
    const beside = { x: sum.x - 14, anchor: "end" };
    return [
      ...labels,
      { text: words.KEY, x: matrix.left + matrix.width + 4, y: part.keys.top - 12, mark: "key strong" },
      { text: heads, ...beside, y: sum.y + 20, mark: "quiet" },
      { text: words.add(add), ...beside, y: sum.y + 37, mark: "mono attention strong" },
    ];
  }
  const beside = machine.parallel ? { x: plusX + PIPE / 2, anchor: "end" } : { x: plusX + 14 }; // its plus is the block's last
  const y = sum.y - (machine.parallel ? PIPE / 2 + 12 : -3);
  return [
    ...labels,
    { text: words.KEY, x: matrix.left + matrix.width + 4, y: queries.top - 18, mark: "key strong" },
    { text: heads, ...beside, y: y - 17, mark: "quiet" },
    { text: words.add(add), ...beside, y, mark: "mono attention strong" },
  ];
}

const CHIP = { roomy: 17, tight: 12 }; // px from chip to chip, at least; the smallest type, of 11 px, fits a tight one

/** How close the chips of a river stand: all in small type where this leaves each lane its own, else the usual way. */
export function chipSize({ lanes: { pitch } }) {
  return pitch < CHIP.roomy ? "tight" : "roomy";
}

/** Which lanes of a river have a chip: all, or every n-th and those that are lit. */
export function chipLanes(river, lit, line = CHIP[chipSize(river)]) {
  const step = stepFor(river.lanes.pitch, line);
  return chosen(river.lanes.count, step, lit)
    .sort((a, b) => a - b)
    .map((lane) => ({ lane, y: laneY(river, lane) }));
}

/** What each lane of a decoder ends in: the likeliest token after it; where lanes are close, that of the lit one first. */
export function outputWords(place, { outputs }, { written }) {
  if (!outputs) return [];
  const { spoken } = place;
  const x = spoken.stream.right + 7;
  return chipLanes(spoken, [written.lane], LINE).map(({ lane, y }) => {
    const token =
      lane === written.lane ? written.token : Math.min(spoken.tokens - 1, (lane + 1) * spoken.lanes.group - 1);
    const mark = lane === written.lane ? "mono strong" : "mono quiet";
    return { text: visible(outputs[token], true), x, y, mark, most: place.ends - x - 6 };
  });
}
