// What the catalog tells of a model's stacks, and what the page makes of it; two depths, as no bundled model has them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../../static/js/exhibits/machine/anatomy.js";
import { headOf, patternsOf, rowsOf } from "../../static/js/exhibits/machine/patterns.js";
import { Pattern } from "../../static/js/state/decode.js";
import { possible } from "../../static/js/state/interventions.js";
import { depthOf, kindOf, kindsOf, readerOf, selfKindsOf, sidesOf } from "../../static/js/state/stacks.js";

const stack = (asks, reads, causal, windows) => ({ layers: windows.length, causal, windows, asks, reads });
const GPT = { stacks: { text: stack("text", "text", true, [null, 4]) }, n_heads: 2 };
const T5 = {
  stacks: {
    encoder: stack("encoder", "encoder", false, [null]),
    decoder: stack("decoder", "decoder", true, [null, null, null]),
    cross: stack("decoder", "encoder", false, [null, null, null]),
  },
  n_heads: 2,
};
const ANATOMY = { parallel: false, post_norm: false };

test("a model has the kinds that its catalog names, and a stack of blocks for each that reads itself", () => {
  assert.deepEqual([kindsOf(GPT), selfKindsOf(GPT)], [["text"], ["text"]]);
  assert.deepEqual(kindsOf(T5), ["encoder", "decoder", "cross"]);
  assert.deepEqual(selfKindsOf(T5), ["encoder", "decoder"]);
});

test("a kind that the model does not have means its first", () => {
  assert.equal(kindOf({ kind: "cross" }, T5), "cross");
  assert.equal(kindOf({ kind: "cross" }, GPT), "text");
  assert.equal(kindOf({}, T5), "encoder");
});

test("what is written asks in the decoder and across, and is read in the decoder alone", () => {
  const frame = { tokens: ["read"], written: ["written"] };
  const sides = (kind) => sidesOf(frame, T5.stacks[kind]);
  assert.deepEqual(sides("encoder"), { queries: frame.tokens, keys: frame.tokens, own: true });
  assert.deepEqual(sides("decoder"), { queries: frame.written, keys: frame.written, own: true });
  assert.deepEqual(sides("cross"), { queries: frame.written, keys: frame.tokens, own: false });
});

test("each stack of the machine is as deep as its own, and as causal", () => {
  const [encoder, decoder] = describe(T5, ANATOMY).stacks;
  assert.deepEqual([encoder.layers, encoder.causal, encoder.parts], [1, false, ["encoder", "feed"]]);
  assert.deepEqual([decoder.layers, decoder.causal, decoder.parts], [3, true, ["decoder", "cross", "feed"]]);
});

test("a layer of the deepest stack can be looked at, whichever that is", () => {
  assert.deepEqual([depthOf(GPT), depthOf(T5)], [2, 3]);
});

test("a mask that looks back only suits a model whose text is read so", () => {
  assert.deepEqual([readerOf(GPT), readerOf(T5)], [GPT.stacks.text, T5.stacks.encoder]);
  const masked = { mask: "strided:4" };
  assert.deepEqual(possible(masked, GPT), masked);
  assert.deepEqual(possible(masked, T5), {});
  assert.deepEqual(possible({ mask: "window:4" }, T5), { mask: "window:4" });
});

test("windows are those of the layers of the kind", () => {
  const pattern = () => new Pattern(new Uint8Array(2 * 21), [2, 1, 6, 6], true);
  const head = () => new Pattern(new Uint16Array(21), [1, 1, 6, 6], true);
  const own = { pattern: pattern(), pattern_head: head() };
  const { text } = patternsOf({ arrays: own, blocks: { text: 1 } }, GPT.stacks);
  const [whole, windowed] = [rowsOf(text, 0, 0), rowsOf(text, 1, 0)];
  assert.deepEqual([whole.allows(5, 1), windowed.allows(5, 1), windowed.allows(5, 2)], [true, false, true]);
  assert.deepEqual(headOf({ arrays: own }, "text", 4).first(5), 2);
  const arrays = { ...own, pattern_encoder: pattern(), pattern_decoder: pattern() };
  const frame = { arrays: { ...arrays, pattern_head_encoder: head(), pattern_head_decoder: head() } };
  const found = patternsOf({ ...frame, blocks: { encoder: 1, decoder: 1, cross: 1 } }, T5.stacks);
  assert.equal(found.cross.values, arrays.pattern.values);
  assert.equal(found.decoder.values, arrays.pattern_decoder.values);
  assert.equal(headOf(frame, "encoder", null).values.buffer, frame.arrays.pattern_head_encoder.values.buffer);
});

test("a head can be off where its kind of attention has so many blocks", () => {
  const heads = {
    "encoder.0.1": "off",
    "encoder.1.1": "off",
    "cross.2.0": "off",
    "cross.2.2": "off",
    "text.0.0": "off",
  };
  assert.deepEqual(possible(heads, T5), { "encoder.0.1": "off", "cross.2.0": "off" });
});
