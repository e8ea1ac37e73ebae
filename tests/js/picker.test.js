// Which token stays chosen when another model reads the text.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { characterOf, tokenAt } = await import("../../static/js/page/picker.js");

const token = (start, end, special = false) => ({ start, end, special });
const GPT = [token(0, 0, true), token(0, 3), token(3, 10), token(10, 14)]; // " a word": the space is its token's
const BERT = [token(0, 0, true), token(0, 3), token(4, 7), token(7, 10), token(11, 14), token(14, 14, true)];

test("the word that was chosen is chosen in the other model's tokens, by its last character", () => {
  const kept = characterOf({ state: { query: 2 }, frame: { text: "The little dog", tokens: GPT } });
  assert.deepEqual(kept, { text: "The little dog", at: 9 });
  assert.equal(tokenAt(BERT, kept.at), 3);
  assert.equal(tokenAt(GPT, 4), 2);
});

test("nothing is kept where nothing was chosen by hand, or what the text does not have", () => {
  assert.equal(characterOf({ state: { query: null }, frame: { text: "", tokens: GPT } }), null);
  assert.equal(characterOf({ state: { query: 0 }, frame: { text: "", tokens: GPT } }), null);
  assert.equal(characterOf({ state: { query: 2 }, frame: null }), null);
  assert.equal(tokenAt(BERT, 99), -1);
});
