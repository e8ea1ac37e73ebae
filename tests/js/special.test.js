// Where special tokens are counted it is said, so that no two counts of one text contradict each other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lostNote, savedNote } from "../../static/js/exhibits/masks/words.js";
import { summary } from "../../static/js/exhibits/tokens/words.js";
import { withSpecial } from "../../static/js/page/words.js";

const start = { text: "<|endoftext|>", special: true, start: 0, end: 0 };
const word = { text: "dog", special: false, start: 0, end: 3 };

test("a count that holds special tokens says how many", () => {
  assert.equal(withSpecial([start, word, word]), "3 tokens, 1 of them special");
  assert.equal(withSpecial([word, word]), "2 tokens");
  assert.equal(withSpecial([start]), "1 token, special");
  assert.equal(lostNote(null, 8, [start, word]), "mean over 8 heads and 2 tokens, 1 of them special");
});

test("the pairs of an empty text are of special tokens alone", () => {
  const note = (isEmpty) => savedNote(null, { pairs: 1, of: 1 }, { kept: 48, of: 48 }, isEmpty);
  assert.match(note(true), /^1 of 1 pairs left, of special tokens alone; /);
  assert.match(note(false), /^1 of 1 pairs left; /);
});

test("the ruler says which tokens the box counts and no row has", () => {
  const row = { label: "GPT-2", tokens: 1 };
  const said = (added) =>
    summary({ counted: 3, first: 0, bytes: 3 }, { least: row, most: row }, { places: 0, shared: 0 }, added);
  assert.match(said([start]), / The box counts 1 special token more\.$/);
  assert.match(said([]), /needs 1 token\.$/);
});
