// What the heads read in the pinned state, beside what they read now. Two cells are compared where they stand at the
// same place and both of their tokens are the same as then; elsewhere there is no difference to tell.

import { once } from "../../draw/once.js";
import { Pattern } from "../../state/decode.js";
import { headFrom } from "../../state/long.js";
import { sidesOf } from "../../state/stacks.js";

/** The tokens of one side that are the same as then, by position. */
const kept = (now, then) => now.map(({ id }, index) => id === then[index]);

const ROUNDING = 1; // step: what rounding down alone may bring is no change
const NOTHING = -128; // in small, where a token was another

/** One head now minus the same head then, in steps; NaN where a token was another. Both are a Pattern of one head. */
export function difference(pattern, then, isSame) {
  const { queries, keys, causal } = pattern;
  const values = new Float32Array(pattern.values.length);
  const changes = new Pattern(values, [1, 1, queries, keys], causal);
  const [rows, former, out] = [pattern.head(0, 0), then.head(0, 0), changes.head(0, 0)];
  for (let query = 0; query < queries; query++) {
    for (let key = 0; key < rows.reach(query); key++) {
      const change = isSame(query, key) ? rows.at(query, key) - former.at(query, key) : Number.NaN;
      out.values[out.start(query) + key] = Math.abs(change) <= ROUNDING ? 0 : change;
    }
  }
  return changes;
}

/** The changes of all heads in small; NaN where there are none to tell. */
function inSmall({ values, layers, heads, queries, keys, causal }, tokens, block) {
  const numbers = Float32Array.from(values, (value) => (value === NOTHING ? Number.NaN : value));
  return new Pattern(numbers, [layers, heads, queries, keys], causal, tokens, block);
}

/**
 * Gives `since(frame, pin, stack)`: null where there is nothing to compare with, else `former`, the head's Rows in the pinned
 * state, `isSame(query, key)`, `differ` (whether any token of the two states does), `asked` (what a cell is asked for
 * with), `changes()`, the head's, and `small()`, those of all heads, made once for each frame.
 */
export function mountSince() {
  return once((frame, pin, stack) => {
    const { former, arrays } = frame;
    if (!former || !pin) return null;
    const sides = sidesOf(frame, stack);
    const [queries, keys] = [kept(sides.queries, former.queries), kept(sides.keys, former.keys)];
    const tokens = { queries: queries.length, keys: keys.length };
    const isSame = (query, key) => queries[query] && keys[key];
    let [changes, small] = [null, null];
    return {
      former: headFrom(arrays, "pattern_then", frame.part_then, {
        queries: former.queries.length,
        keys: former.keys.length,
      }).head(0, 0),
      isSame,
      differ: [...queries, ...keys].includes(false),
      asked: pin,
      changes: () => (changes ??= difference(arrays.pattern_head, arrays.pattern_then, isSame)),
      small: () => (small ??= inSmall(arrays.pattern_change, tokens, frame.thumbnails_change.block)),
    };
  });
}
