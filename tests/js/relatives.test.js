// What the relatives exhibit writes: large numbers, sizes, and how a text is counted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { IDS, CHOSEN } from "../../static/js/exhibits/relatives/ids.js";
import { size } from "../../static/js/format.js";
import * as words from "../../static/js/exhibits/relatives/words.js";

const plain = (text) => text.replaceAll("\u00a0", " ");

test("large numbers have four figures and a word", () => {
  assert.equal(plain(words.large(512)), "512");
  assert.equal(plain(words.large(63_045_632)), "63.05 million");
  assert.equal(plain(words.large(8_190_735_360)), "8.191 billion");
  assert.equal(plain(words.large(405_853_388_800)), "405.9 billion");
  assert.equal(plain(words.large(9_691_000_000_000)), "9.691 trillion");
});

test("bytes have three figures", () => {
  assert.equal(plain(size(512)), "512 bytes");
  assert.equal(plain(size(1_179_648)), "1.13 MiB");
  assert.equal(plain(words.keptBytes(null)), "nothing");
});

test("the first transformer is so many times smaller", () => {
  const first = { name: "Transformer (base)", total: 63_045_632 };
  assert.match(words.stripBeside(first, 8_190_735_360), /130 times less/);
  assert.match(words.stripBeside(first, 109_482_240), /1\.7 times less/);
});

test("whose tokens are counted is said", () => {
  const told = { name: "Llama 3 8B" };
  const none = { vocabulary: null, here: false, said: null, counted_with: "gpt", n: 9, around: 0, tokens: null };
  assert.match(words.cut(told, none), /not here: counted are the 9 tokens that gpt reads/);
  const soon = { ...none, vocabulary: "GPT-2", counted_with: null, n: null };
  assert.match(words.cut(told, soon), /Opening/);
  const cut = { ...soon, here: true, n: 500, tokens: Array.from({ length: 160 }) };
  assert.equal(words.cut(told, cut), "Cut by the vocabulary of GPT-2. Shown are the last 160.");
  assert.equal(words.cut(told, { ...cut, n: 162, around: 2 }), "Cut by the vocabulary of GPT-2.");
});

test("the costs name their parts, the largest first, and the length that it was made for", () => {
  const reading = {
    n: 600,
    flops: [
      { name: "attention", n: 25 },
      { name: "feed-forward", n: 75 },
    ],
    flops_total: 100,
    cache: { layers: 2, per_layer: 8, windowed: 0, window: null, fixed: 0, own: false },
  };
  const said = plain(words.costs({ n_ctx: 512 }, reading));
  assert.match(said, /feed-forward 75\.0 %, attention 25\.0 %/);
  assert.match(said, /2 layers · 8 numbers · 600 tokens · 2 bytes/);
  assert.match(said, /at most 512 tokens/);
});

test("the model that is shown at first can be chosen", () => {
  assert.ok(IDS.includes(CHOSEN));
});
