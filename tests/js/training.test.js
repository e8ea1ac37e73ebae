// What the training exhibit says of its numbers, and where the bars of its losses stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const words = await import("../../static/js/exhibits/training/words.js");
const { highest, placed } = await import("../../static/js/exhibits/training/losses.js");

const token = (text, more = {}) => ({ id: text.length, text, raw: "", special: false, ...more });

test("a bar says what was to come, how likely it was, and what was likelier", () => {
  const target = { ...token(" cat"), probability: 0.25, fate: null, guess: { ...token(" doggy"), probability: 0.5 } };
  assert.equal(words.bar(target, 1.386), "·cat: 25.0\u00a0%, loss 1.39 nats; likeliest ·doggy 50.0\u00a0%");
  const right = { ...target, fate: "swapped", guess: { ...token(" cat"), probability: 0.25 } };
  assert.equal(words.bar(right, 1.386), "·cat, swapped for another entry: 25.0\u00a0%, loss 1.39 nats; its likeliest");
});

test("the fates of a BERT's tokens are counted", () => {
  const targets = ["masked", "masked", "kept"].map((fate) => ({ fate }));
  assert.match(words.fates(targets), /^3 tokens chosen.*: 2 masked, 0 swapped, 1 left\./);
  assert.equal(words.fates([]), words.NOTHING);
});

test("what was cut out of a T5's text are its targets without sentinels and end", () => {
  const reads = [token("The"), token("<extra_id_0>"), token("ran"), token("<extra_id_1>"), token("</s>")];
  const targets = ["<extra_id_0>", "big", "dog", "<extra_id_1>", "home", "</s>"].map((text) => token(text));
  assert.match(
    words.cuts({ targets, reads, prefixed: true }),
    /^3 tokens cut out in 2 spans; a sentinel stands for each\.$/,
  );
  assert.match(words.cuts({ targets, reads, prefixed: false }), /“fill:” in front\.$/);
});

test("a gradient keeps its sign, and a small one its size", () => {
  assert.equal(words.slope(-0.0833), "\u22120.0833");
  assert.equal(words.slope(0.25), "+0.2500");
  assert.equal(words.slope(3.2e-7), "+3.2 · 10⁻⁷");
  assert.equal(words.slope(-3.2e-7), "\u22123.2 · 10⁻⁷");
  assert.equal(words.slope(0), "0.0000");
});

test("clipped steps are added up where they were logged, and said not to be where they were not", () => {
  const points = [4, 3].map((clipped, index) => ({ clipped, step: 100 * (index + 1) }));
  assert.match(
    words.clips({ logged: true, points, recipe: { clip: 1 } }),
    /^7 of 200 steps had a gradient longer than 1/,
  );
  assert.match(words.clips({ logged: false, points, recipe: { clip: 1 } }), /was not logged for this checkpoint/);
});

test("a moment says how far training was, and an untrained one that it was not", () => {
  const moments = [
    { step: 0, tokens: 0, held_out: 7.7 },
    { step: 45, tokens: 184_320, held_out: 4.2 },
  ];
  assert.equal(words.thenTitle(moments[0]), "Before any training");
  assert.match(words.moment({ moments, at: 1, loss: 4.5, end: 2 }), /184,320 predicted tokens.*4\.50 nats.*end 2\.00/);
  assert.match(words.moment({ moments, at: 0, loss: null, end: null }), /^Untrained/);
});

test("induction appears at the moment from which on the head that ends highest has half of that", () => {
  const moments = [0, 10, 100, 1000].map((step) => ({ step }));
  const found = [0.02, 0.3, 0.1, 0.4].map((score) => ({
    induction: {
      scores: [
        [0.05, 0.01],
        [score, 0.2],
      ],
      first: 8,
      second: 6.5,
    },
  }));
  const said = /^layer 2, head 1 ends at 0\.40, half of it from step 1,000 on; .* 6\.50 nats, at first 8\.00$/;
  assert.match(words.induced(found, moments), said);
  assert.equal(words.induced(found.slice(0, 2), moments), "on random tokens that are said twice");
});

test("a column is found under the pointer, and the chart reaches at least to who guesses blindly", () => {
  const place = placed(454, 8);
  assert.equal(place.pitch, 50);
  assert.equal(place.at(place.left + 3 * 50 + 1), 3);
  assert.equal(place.at(place.left - 1), null);
  assert.equal(place.at(place.left + 8 * 50), null);
  assert.equal(highest([1, 2], 8), 8.32);
  assert.equal(highest([1, 12], 8), 12);
});
