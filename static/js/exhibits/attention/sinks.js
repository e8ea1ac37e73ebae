// Where attention rests when a head finds nothing to read (the attention sink, Xiao et al. 2023), and the patterns without
// it: what each query reads from all other tokens, scaled to one.

import { oneOf } from "../../state/fields.js";
import { Pattern } from "../../state/decode.js";
import { WHOLE } from "../../state/patterns.js";

const LEAST = 0.01; // of a row that has less left, nothing is told: its steps are too few to be scaled

/** Whether the places where attention rests are drawn: a field (fields.js). */
export const SINKS = oneOf("shown", ["shown", "hidden"]);

/**
 * Which keys attention rests on: the first one of a causal row, else the special tokens that the tokenizer put around the
 * text, such as [CLS] and [SEP], and not those that stand in it, such as [MASK].
 */
export function sinksOf({ causal }, keys) {
  return keys.map(({ special, start, end }, index) => (causal ? index === 0 : special && start === end));
}

const made = new WeakMap();

/** A Pattern without the keys of `sinks`, made once; a row that has almost nothing left is 0 throughout. */
export function withoutSinks(pattern, sinks) {
  if (!made.has(pattern)) made.set(pattern, scaled(pattern, sinks));
  return made.get(pattern);
}

function scaled(pattern, sinks) {
  const { layers, heads, queries, keys, causal } = pattern;
  const without = new Pattern(new Float32Array(pattern.values.length), [layers, heads, queries, keys], causal);
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) {
      const [rows, out] = [pattern.head(layer, head), without.head(layer, head)];
      for (let query = 0; query < queries; query++) {
        const [start, reach] = [rows.start(query), rows.reach(query)];
        let rest = 0;
        for (let key = 0; key < reach; key++) if (!sinks[key]) rest += rows.values[start + key];
        if (rest < LEAST * WHOLE) continue;
        for (let key = 0; key < reach; key++)
          if (!sinks[key]) out.values[start + key] = (rows.values[start + key] * WHOLE) / rest;
      }
    }
  }
  return without;
}
