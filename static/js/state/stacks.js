// The kinds of attention that a model has, as the catalog tells them (model/config/stacks.py): "text" in a GPT and a
// BERT; "encoder", "decoder" and "cross" in a T5. And whose tokens stand along the rows and the columns of each.

import { oneOf } from "./fields.js";

/** Which kind is looked at in a model that has several: a field (fields.js) of every exhibit that lets one choose. */
export const KIND = oneOf("cross", ["encoder", "decoder", "cross"]);

/**
 * The kinds of a model of the catalog, in the order in which a pass reaches them.
 *
 * @param {Pick<ModelDescription, "stacks">} model
 */
export function kindsOf({ stacks }) {
  return Object.keys(stacks);
}

/**
 * Those of them in which tokens read their own row: for each there is a stack of blocks.
 *
 * @param {Pick<ModelDescription, "stacks">} model
 */
export function selfKindsOf({ stacks }) {
  return Object.keys(stacks).filter((kind) => stacks[kind].asks === stacks[kind].reads);
}

/**
 * The stack that reads the text; where it is causal, the text goes on with what the model predicts behind it.
 *
 * @param {Pick<ModelDescription, "stacks">} model
 */
export function readerOf({ stacks }) {
  return Object.values(stacks)[0];
}

/**
 * How many blocks its deepest stack has.
 *
 * @param {Pick<ModelDescription, "stacks">} model
 */
export function depthOf({ stacks }) {
  return Math.max(...Object.values(stacks).map(({ layers }) => layers));
}

/**
 * Whether the tokens of a stream are those that the model wrote, and not those of the text.
 *
 * @param {string | undefined} stream
 */
export function isWritten(stream) {
  return stream === "decoder";
}

/**
 * The kind that a state, or a frame that was asked for with it, means in this model; its first where it names none.
 *
 * @param {{kind?: string, [more: string]: any}} chosen
 * @param {Pick<ModelDescription, "stacks">} model
 */
export function kindOf({ kind }, { stacks }) {
  return kind && kind in stacks ? kind : Object.keys(stacks)[0];
}

/**
 * A stack's rows and columns: the tokens that ask, those that are read, and whether both are the same.
 *
 * @param {Frame} frame
 * @param {Pick<Stack, "asks" | "reads">} stack
 */
export function sidesOf({ tokens, written }, { asks, reads }) {
  const [queries, keys] = [asks, reads].map((stream) => (isWritten(stream) && written ? written : tokens));
  return { queries, keys, own: asks === reads };
}
