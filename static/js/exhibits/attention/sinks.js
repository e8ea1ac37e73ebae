// Where attention rests when a head finds nothing to read (the attention sink, Xiao et al. 2023). Without it the server
// tells what each query reads from all other tokens, scaled to one.

import { oneOf } from "../../state/fields.js";

/** Whether the places where attention rests are drawn: a field (fields.js). */
export const SINKS = oneOf("shown", ["shown", "hidden"]);

/**
 * Which keys attention rests on: the first one of a causal row, else the special tokens that the tokenizer put around the
 * text, such as [CLS] and [SEP], and not those that stand in it, such as [MASK].
 */
export function sinksOf({ causal }, keys) {
  return keys.map(({ special, start, end }, index) => (causal ? index === 0 : special && start === end));
}
