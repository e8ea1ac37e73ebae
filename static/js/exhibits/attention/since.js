// What the heads read in the pinned state, beside what they read now. Two cells are compared where they stand at the
// same place and both of their tokens are the same as then; elsewhere there is no difference to tell.

import { mountBaseline } from "../../state/baseline.js";
import { Pattern } from "../../state/decode.js";
import { kindOf, sidesOf } from "../../state/stacks.js";

/** The tokens of one side that are the same as then, by position. */
const kept = (now, then) => now.map(({ id }, index) => id === then[index]?.id);

const ROUNDING = 1; // step: what rounding down alone may bring is no change

/** All heads now minus all heads then, in steps; NaN where a token was another. */
export function difference(pattern, then, isSame) {
  const { layers, heads, queries, keys, causal } = pattern;
  const values = new Float32Array(pattern.values.length);
  const changes = new Pattern(values, [layers, heads, queries, keys], causal);
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const [rows, former, out] = [pattern.head(layer, head), then.head(layer, head), changes.head(layer, head)];
      for (let query = 0; query < queries; query++) {
        for (let key = 0; key < rows.reach(query); key++) {
          const change = isSame(query, key) ? rows.at(query, key) - former.at(query, key) : Number.NaN;
          out.values[out.start(query) + key] = Math.abs(change) <= ROUNDING ? 0 : change;
        }
      }
    }
  }
  return changes;
}

/**
 * Gives `since(view, pattern, kind)`: null as long as there is nothing to compare with, else the
 * `pattern` of the pinned state, `isSame(query, key)`, `differ` (whether any token of the two states does), `asked` (what a cell is asked
 * for with) and `changes()`, made once for each frame.
 */
export function mountSince(store) {
  const baseline = mountBaseline(store);
  let known = {};

  return function since({ state, frame, catalog }, pattern, kind) {
    const former = baseline({ state });
    const model = catalog.models[frame.model];
    if (!former || former.model !== frame.model || kindOf(former, model) !== kind) return null;
    if (known.frame !== frame || known.former !== former) {
      const [now, then] = [frame, former].map((of) => sidesOf(of, model.stacks[kind]));
      const [queries, keys] = [kept(now.queries, then.queries), kept(now.keys, then.keys)];
      const isSame = (query, key) => queries[query] && keys[key];
      let changes = null;
      known = {
        frame,
        former,
        since: {
          pattern: former.arrays.pattern,
          isSame,
          differ: [...queries, ...keys].includes(false),
          asked: state.pin,
          changes: () => (changes ??= difference(pattern, former.arrays.pattern, isSame)),
        },
      };
    }
    return known.since;
  };
}
