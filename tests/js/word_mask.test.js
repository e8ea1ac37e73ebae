// A word hidden behind its mask and put back: the text comes back as it was, and the choice stays at the word even where
// the mask swallows the spaces in front of it, as RoBERTa's does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../static/js/state/store.js";
import "./page.js";

const { filled, planned, toggleMask } = await import("../../static/js/page/word_mask.js");

const token = (text, start, end, special = false) => ({ text, start, end, special });
const begin = token("<s>", 0, 0, true);
const spread = [begin, token("two", 0, 3), token(" ", 3, 4), token(" dogs", 4, 9), token(" ran", 9, 13)];
const masked = [begin, token("two", 0, 3), token("<mask>", 5, 11, true), token(" ran", 11, 15)];
const frameOf = (text, tokens) => ({ text, tokens, mask: "<mask>", position: 0 });

test("a word behind two spaces is hidden and comes back with both", () => {
  const state = { text: "two  dogs ran", hidden: null };
  const { patch, word } = planned({ state, frame: frameOf(state.text, spread) }, 3);
  assert.deepEqual([word, patch.text, patch.hidden], ["dogs", "two  <mask> ran", "dogs"]);
  const there = { state: { ...state, ...patch }, frame: frameOf(patch.text, masked) };
  assert.equal(planned(there, 2).patch.text, state.text);
});

test("what fills a mask has one space in front of it, whoever brings it", () => {
  const state = { text: "two <mask> ran", hidden: null };
  const tokens = [begin, token("two", 0, 3), token("<mask>", 4, 10, true), token(" ran", 10, 14)];
  const view = { state, frame: frameOf(state.text, tokens) };
  assert.equal(filled(view, 2, " cats").text, "two cats ran");
  assert.equal(filled(view, 2, "cats").text, "two cats ran");
  assert.equal(filled(view, 3, " sat").text, "two <mask> sat");
  const first = { state: { text: "<mask> ran" }, frame: frameOf("<mask> ran", [token("<mask>", 0, 6, true)]) };
  assert.equal(filled(first, 0, " Dogs").text, "Dogs ran");
});

test("the token that stands at the word is chosen, however many tokens stood in front of it before", async () => {
  const state = { exhibit: "a", model: "bert", text: "two  dogs ran", query: 3, hidden: null, interventions: {} };
  const catalog = { models: { bert: { family: "bert" } } };
  const answers = { "two  dogs ran": spread, "two  <mask> ran": masked };
  const asked = [];
  const server = {
    frame: async ({ text, query }) => {
      asked.push([text, query]);
      return { tokens: answers[text], mask: "<mask>", arrays: {}, blob: new Uint8Array() };
    },
  };
  const page = { changed: () => {}, answered: () => {} };
  const store = new Store(server, catalog, state, page, { a: { asks: [] } });
  await store.refresh();
  toggleMask(store, 3);
  await new Promise((done) => setTimeout(done, 10));
  assert.equal(store.state.query, 2);
  assert.deepEqual(asked.at(-1), ["two  <mask> ran", 2]);
  toggleMask(store, 2);
  await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual([store.state.text, store.state.query], ["two  dogs ran", 3]);
});
