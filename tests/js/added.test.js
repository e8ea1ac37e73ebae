// Tokens that the model adds around a text are counted everywhere but on the ruler; it is said, so that no two counts of
// one text contradict each other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lostNote, savedNote } from "../../static/js/exhibits/masks/words.js";
import { summary } from "../../static/js/exhibits/tokens/words.js";
import { announced, tokensOf, withAdded } from "../../static/js/page/words.js";

const start = { text: "<|endoftext|>", special: true, start: 0, end: 0 };
const word = { text: "dog", special: false, start: 0, end: 3 };
const mask = { text: "[MASK]", special: true, start: 4, end: 10 };

test("the box and its voice say how many tokens the model has added", () => {
  assert.equal(tokensOf([start, word, word], 64), "3 tokens, 1 added");
  assert.equal(tokensOf([word, word], 64), "2 tokens");
  assert.equal(tokensOf([start, word], 2), "2 of 2 tokens, 1 added");
  assert.equal(tokensOf([start], 64), "1 token, 1 added");
  assert.equal(announced(tokensOf([start, word], 64), "next: dog"), "2 tokens, 1 added; next: dog");
});

test("a sentence says it at length", () => {
  assert.equal(withAdded([start, word, word]), "3 tokens, 1 of them added by the model");
  assert.equal(withAdded([word, word]), "2 tokens");
  assert.equal(withAdded([start]), "1 token, added by the model");
  assert.equal(lostNote(null, 8, [start, word]), "mean over 8 heads and 2 tokens, 1 of them added by the model");
});

test("a mask that stands in the text is the text's own", () => {
  assert.equal(tokensOf([word, mask], 64), "2 tokens");
  assert.equal(withAdded([start, mask]), "2 tokens, 1 of them added by the model");
});

test("the pairs of an empty text are of added tokens alone", () => {
  const note = (isEmpty, of) => savedNote(null, { pairs: 1, of }, { kept: 48, of: 48 }, isEmpty);
  assert.match(note(true, 1), /^1 of 1 pair left, of added tokens alone; /);
  assert.match(note(false, 3), /^1 of 3 pairs left; /);
});

test("the ruler says how many tokens the model adds, which no row has", () => {
  const row = { label: "GPT-2", tokens: 1 };
  const said = (added) =>
    summary({ counted: 3, first: 0, bytes: 3 }, { least: row, most: row }, { places: 0, shared: 0 }, added);
  assert.match(said(1), / The model adds 1 token of its own\.$/);
  assert.match(said(0), /needs 1 token\.$/);
});

test("the ruler ranks the vocabularies that lose nothing, and names the others", () => {
  const [gpt, bert] = ["GPT", "BERT"].map((label, index) => ({ label, tokens: 9 - index }));
  const said = (range) => summary({ counted: 3, first: 0, bytes: 3 }, range, { places: 0, shared: 0 }, 0);
  assert.match(
    said({ least: gpt, most: gpt, lossy: [bert] }),
    /that loses nothing needs 9 tokens\. Not compared.*: BERT\.$/,
  );
  assert.match(
    said({ least: undefined, most: undefined, lossy: [gpt, bert] }),
    /every subword vocabulary here loses some/,
  );
});
