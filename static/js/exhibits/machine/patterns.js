// A frame's attention patterns by kind, and what a sliding window leaves of them.

import { headFrom } from "../../state/long.js";
import { sidesOf } from "../../state/stacks.js";

/** A frame's arrays of a name, one for each kind of attention: that of a T5's cross-attention has no other name. */
const ofKind = (arrays, name, kind) => arrays[`${name}_${kind}`] ?? arrays[name];

/** How many tokens stand on each side of a kind of attention. */
function sizes(frame, stack) {
  const { queries, keys } = sidesOf(frame, stack);
  return { queries: queries.length, keys: keys.length };
}

/** All heads in small by kind of attention, each with the windows of its layers; `stacks` are the catalog's. */
export function patternsOf(frame, stacks) {
  const windowed = Object.entries(stacks).map(([kind, stack]) => {
    const tokens = frame.parts ? sizes(frame, stack) : ofKind(frame.arrays, "pattern_head", kind);
    const small = ofKind(frame.arrays, "pattern", kind).inSmall(tokens, frame.blocks[kind]);
    const { windows } = stack;
    return [kind, Object.assign(small, { windows })];
  });
  return Object.fromEntries(windowed);
}

/** The rows of the head that is looked at, in steps; `window` is that of its layer. */
export function headOf(frame, kind, window, stack) {
  const { arrays, parts } = frame;
  const of = arrays[`pattern_head_${kind}`] ? `_${kind}` : "";
  const tokens = parts ? sizes(frame, stack) : { queries: 0, keys: 0 };
  return headFrom(arrays, "pattern_head", parts?.[kind], tokens, of).head(0, 0, window);
}

/** One head's rows in small, with the window of its layer. */
export function rowsOf(pattern, layer, head) {
  return pattern.head(layer, head, pattern.windows[layer]);
}

/** The mean over a layer's heads, in small. */
export function meanOf(pattern, layer) {
  const sums = new Uint32Array(pattern.perHead);
  for (let head = 0; head < pattern.heads; head++) {
    const { values } = pattern.head(layer, head);
    for (let i = 0; i < sums.length; i++) sums[i] += values[i];
  }
  const values = Uint8Array.from(sums, (sum) => Math.round(sum / pattern.heads));
  return pattern.rows(values, pattern.windows[layer]);
}
