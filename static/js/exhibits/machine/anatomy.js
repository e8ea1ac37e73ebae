// What a model is made of, as the drawing sees it: its stacks of blocks, what follows what in a block, and which rows
// of a frame's arrays (app/exhibits/machine/frame.py) measure it.

import { kindsOf, selfKindsOf } from "../../state/stacks.js";
import { EXPERTS } from "./words.js";

/** The catalog's model with the frame's anatomy and the stacks, each with `parts` in a block and `rows` measured. */
export function describe(model, anatomy) {
  const stacks = selfKindsOf(model).map((name) => {
    const attends = kindsOf(model).filter((kind) => model.stacks[kind].asks === name);
    const parts = [...attends, "feed"];
    const rows = anatomy.parallel ? 1 : anatomy.post_norm ? 2 * parts.length : parts.length;
    const prefix = name === "decoder" ? "decoder_" : "";
    return { name, ...model.stacks[name], attends, prefix, parts, rows };
  });
  return { ...model, ...anatomy, stacks };
}

/** Which of a stack's rows of `added` says what a part of a block adds. */
export function addedRow({ parts }, layer, part) {
  return layer * parts.length + parts.indexOf(part);
}

/** Which of a stack's rows of `norms` measures the stream before a block. */
export function rowBefore({ rows }, layer) {
  return layer * rows;
}

/** Whether a block has experts. */
export function hasExperts(machine, layer) {
  return machine.experts?.layers.includes(layer) ?? false;
}

/** What the feed-forward part of a block is called. */
export function feedName(machine, layer) {
  return hasExperts(machine, layer) ? EXPERTS : machine.feed;
}
