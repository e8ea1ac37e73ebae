// The kinds of attention that a model has: "text" in a GPT and a BERT; "encoder", "decoder" and "cross" in a T5. And
// whose tokens stand along the rows and the columns of each.

import { oneOf } from "./fields.js";

/** Which kind is looked at in a model that has several: a field (fields.js) of every exhibit that lets one choose. */
export const KIND = oneOf("cross", ["encoder", "decoder", "cross"]);

/** The kinds of a model of the catalog, in the order in which a pass reaches them. */
export function kindsOf({ family }) {
  return family === "t5" ? ["encoder", "decoder", "cross"] : ["text"];
}

/** The kind that a state, or a frame that was asked for with it, means in this model. */
export function kindOf({ kind }, model) {
  return kindsOf(model).includes(kind) ? kind : "text";
}

/** How many blocks have it. */
export function layersOf(model, kind) {
  return kind === "decoder" || kind === "cross" ? model.n_decoder_layers : model.n_layers;
}

/** Its rows and columns: the tokens that ask, those that are read, and whether both are the same. */
export function sidesOf({ tokens, written }, kind) {
  const queries = kind === "decoder" || kind === "cross" ? written : tokens;
  const keys = kind === "decoder" ? written : tokens;
  return { queries, keys, own: queries === keys };
}
