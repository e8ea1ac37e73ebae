// Where everything in the drawing stands, from nothing but sizes: what the model is made of, how many tokens there are,
// how wide the stage is, which block is open. All in CSS pixels; y runs down. Nothing here touches the page.
//
// A *river* is the residual stream of one stack: GPT and BERT have one; a T5's encoder has one above, whose end every
// block of the decoder reads, and its decoder one below. Attention hangs above the river that it reads.

import { blockLayout } from "./block.js";
import { slabLayout } from "./folds.js";

const NARROWEST = 840; // a narrower stage scrolls inside its box
const GATES = 8; // px more for norms that stand in two streams
const MOST_PITCH = 22; // from lane to lane
const LEAST_PITCH = 3.4; // below, neighbours share a lane
const CELLS = { roomy: [64, 104, 138], tight: [56, 96, 130] }; // px for one, two, three embeddings
const CLOSE_CELLS = 74; // px for two embeddings, where a second river needs room
const ONE = { height: 718, text: { top: 284, room: 218 } };
const TWO = { height: 782, encoder: { top: 244, room: 112 }, decoder: { top: 528, room: 104 } };
/** Where a slide asks for a low drawing: by the stack that stands open, whose attention needs the room above its river. */
const LOW = {
  text: { height: 432, text: { top: 206, room: 112 }, scales: 62 },
  encoder: { height: 456, encoder: { top: 206, room: 86 }, decoder: { top: 370, room: 54 }, scales: 62 },
  decoder: { height: 456, encoder: { top: 142, room: 96 }, decoder: { top: 342, room: 54 }, scales: 320 },
};
const OUTPUTS = 72; // px for what a decoder's lanes end in
const WRITTEN = { chips: 80, cells: 44 };

/** The lanes: one for each token, or for so many groups of `every` neighbours that none is too thin. */
function lanes(tokens, { top, room }, every) {
  const group = every * Math.max(1, Math.ceil((tokens * LEAST_PITCH) / room / every));
  const count = Math.ceil(tokens / group);
  return { count, group, pitch: Math.min(MOST_PITCH, room / count), top };
}

/** A river without its ends. */
function river(name, tokens, height, every) {
  const of = lanes(tokens, height, every);
  const head = height.top - 14 - Math.max(0, 9 - of.pitch / 2); // of what stands over the first lane's chip
  return { name, tokens, lanes: of, top: height.top, bottom: height.top + height.room, head };
}

/** The middle of a lane. */
export function laneY({ lanes }, lane) {
  return lanes.top + (lane + 0.5) * lanes.pitch;
}

/** The lane that a token is in. */
export function laneOf({ lanes, tokens }, token) {
  return token === null ? null : Math.floor(Math.min(token, tokens - 1) / lanes.group);
}

/** The lower end of the lanes that there are. */
export function lanesEnd({ lanes }) {
  return lanes.top + lanes.count * lanes.pitch;
}

/** Above and below the river: where closed blocks show their heads, by kind of attention, and what feeds forward. */
function zones(rivers, stack, height, isLow) {
  const { encoder, decoder } = rivers;
  if (stack.name === "text") {
    const { text } = rivers;
    return {
      top: 40,
      bottom: height - 14,
      heads: [{ kind: "text", top: 48, bottom: text.top - 14 }],
      feed: { top: text.bottom + 30, most: 22 },
    };
  }
  const [foot, under] = isLow ? [6, 14] : [14, 20];
  if (stack.name === "encoder") {
    const bottom = decoder.top - (isLow ? 14 : 32);
    return {
      top: 40,
      bottom,
      heads: [{ kind: "encoder", top: 48, bottom: encoder.top - 14 }],
      feed: { top: encoder.bottom + under, most: 22 },
    };
  }
  return {
    top: 40,
    bottom: height - foot,
    heads: [
      { kind: "cross", top: 48, bottom: encoder.top - 14 },
      { kind: "decoder", top: encoder.bottom + 14, bottom: decoder.top - 12 },
    ],
    feed: { top: decoder.bottom + under, most: 22 },
  };
}

/**
 * The whole drawing.
 *
 * machine: see anatomy.js; tokens: how many each river has, by its name; width: of the stage; open: {stack, layer}, which
 * block stands open; below: whether the candidates stand below the stage and not beside it; low: whether it is to be as
 * low as it can be; measured: how many tokens are measured together, `every`, of each river, by its name.
 */
export function layout(machine, tokens, width, open, below, low, measured) {
  const roomy = width >= 900;
  const two = machine.stacks.length > 1;
  const { height, scales = height - 130, ...heights } = low ? LOW[open.stack.name] : two ? TWO : ONE;
  const rivers = Object.fromEntries(
    machine.stacks.map(({ name }) => [name, river(name, tokens[name], heights[name], measured[name].every)]),
  );
  const right = width - (below ? 36 : 14);
  const [first, last] = [rivers[machine.stacks[0].name], rivers[machine.stacks.at(-1).name]];
  const chips = { left: 2, right: roomy ? 88 : 72 };
  const cellsWidth = cellsOf(machine, roomy);
  first.chips = chips;
  first.cells = { left: chips.right + 7, right: chips.right + 7 + cellsWidth };
  first.stream = { left: first.cells.right + 3, right };
  const streamRight = two ? right - OUTPUTS : right;
  const gates = two && machine.post_norm ? GATES : 0;
  const { groups, block } = slabLayout(machine.stacks, open, first.stream.left + 8, streamRight - 12, gates);
  if (two) {
    const left = Math.min(
      ...groups.filter(({ stack }) => stack.name === "decoder").map(({ x }) => x),
      open.stack.name === "decoder" ? block.x : Infinity,
    );
    const cells = { left: left - 12 - WRITTEN.cells, right: left - 12 };
    const chipsRight = cells.left - 6;
    Object.assign(last, {
      cells,
      chips: { left: chipsRight - WRITTEN.chips, right: chipsRight },
      stream: { left: cells.right + 3, right: streamRight },
    });
    first.stream.right = streamRight;
  }
  const slabs = groups.map((group) => ({ ...group, ...zones(rivers, group.stack, height, low) }));
  const opened = { ...block, ...zones(rivers, open.stack, height, low), top: 0 };
  if (open.stack.name !== "encoder") opened.bottom = height;
  return {
    width,
    height,
    below,
    open,
    rivers,
    read: first,
    spoken: last,
    ends: right,
    slabs,
    block: opened,
    isLow: low,
    scales,
    ...blockLayout(opened, machine, rivers, open, low),
    final: finals(machine, groups, block, open),
  };
}

/** How wide a stage must be for all that a machine has. */
export function narrowest({ stacks, post_norm: post }) {
  return NARROWEST + (stacks.length > 1 && post ? GATES : 0);
}

/** How wide the cells of what is embedded stand. */
function cellsOf({ stacks, embeddings: { length } }, roomy) {
  if (stacks.length > 1 && length > 1) return CLOSE_CELLS;
  return CELLS[roomy ? "roomy" : "tight"][length - 1];
}

/** Where each river passes its final norm; nowhere, where norms stand behind each sum. */
function finals(machine, groups, block, open) {
  if (machine.post_norm) return {};
  return Object.fromEntries(
    machine.stacks.map((stack) => {
      const own = groups.filter((group) => group.stack === stack).map(({ x, width }) => x + width);
      if (open.stack === stack) own.push(block.x + block.width);
      return [stack.name, Math.max(...own) + 7];
    }),
  );
}
