// The parts of the model that words in the drawing stand for, each a way to the exhibit that enlarges it.

import { atlasPlace } from "./attention.js";
import { PIPE } from "./block.js";
import { cellPlaces } from "./embeddings.js";
import * as words from "./words.js";

const MASK_WIDTH = 134; // px
const TOP = 26; // px, beside the blocks' numbers
const BLOCK_NAME = 186; // px, at least: behind the open block's name, and what is pressed to open it
const OTHERS_WIDTH = 130; // px

/**
 * {part, text, x, y, end: whether x is where it ends}, in the order that the data takes; or, over words and pipes that
 * stand there already, {part, name, width, term: what the glossary is asked for}. What names nothing that is drawn is
 * `isAside`: a slide does without it.
 */
export function linksOf(place, machine) {
  const { read, attentions } = place;
  const own = attentions[0];
  /** @type {object[]} */
  const links = [{ part: "token", text: words.TOKENS, x: read.chips.right, y: read.head, end: true }];
  const added = machine.embeddings.indexOf("position");
  if (added > 0) {
    const { left, width } = cellPlaces(read.cells, machine.embeddings.length)[added];
    links.push({
      part: "position",
      name: words.positions(machine.positions),
      term: "embedding",
      x: left,
      y: read.head,
      width,
    });
  }
  if (words.SCHEMES[machine.positions]) {
    const small = own.kind === "decoder";
    const last = atlasPlace(own, machine.n_heads - 1);
    const y = small ? own.title.y : last.y + last.size + (machine.n_heads > machine.n_kv_heads ? 44 : 29);
    links.push({
      part: "position",
      text: words.SCHEMES[machine.positions],
      x: small ? own.title.x + 100 : own.atlas.x,
      y,
    });
  }
  if (machine.stacks[0].causal) {
    const { left, top, width } = own.matrix;
    const text = words.mask(machine.stacks[0].windows[place.open.layer]);
    links.push({ part: "mask", text, x: left + Math.max(width, MASK_WIDTH) + 2, y: top - 14, end: true });
  }
  const { block, open } = place;
  const named = Math.max(BLOCK_NAME, 106 + 8.1 * words.blockName(open.stack, open.layer).length);
  if (block.width > named + OTHERS_WIDTH)
    links.push({ part: "layer", text: words.OTHERS, x: block.x + named, y: 21, isAside: true });
  links.push({ part: "residual stream", text: words.STREAM, x: 4, y: read.bottom + 22 });
  links.push({ part: "loss", text: words.TRAINING, x: 4, y: TOP, isAside: true });
  links.push({ part: "weights", text: words.WEIGHTS, x: 4, y: TOP - 18, isAside: true });
  if (place.open.stack.causal) {
    const { kind, valueX, queries } = own;
    const y = kind === "decoder" ? own.sum.y : queries.top - 18;
    const x = kind === "decoder" ? valueX : valueX + PIPE + 4;
    const width = kind === "decoder" ? PIPE : 40;
    links.push({ part: "KV cache", name: words.CACHED, term: "KV cache", x, y, width });
  }
  return links;
}
