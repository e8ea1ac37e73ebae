// What the column beside the exhibit says of a prediction.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOf } from "../../static/js/page/answer.js";
import { named, others, subject } from "../../static/js/page/prediction.js";
import { NEUTRAL } from "../../static/js/state/state.js";

const top = [0.5, 0.25, 0.125].map((probability) => ({ probability }));

test("the other tokens are those that have no row, and their mass is what the rows leave", () => {
  assert.deepEqual(others({ top, d_vocab: 1000 }, 2), { tokens: 998, mass: 0.25 });
  assert.deepEqual(others({ top, d_vocab: 1000 }, 12), { tokens: 997, mass: 0.125 });
});

test("rounding leaves no mass below zero", () => {
  assert.deepEqual(others({ top: [{ probability: 1 + 1e-7 }], d_vocab: 2 }, 1), { tokens: 1, mass: 0 });
});

test("only settings that are not neutral are named", () => {
  assert.equal(named(NEUTRAL), "");
  assert.equal(named({ ...NEUTRAL, temperature: 0.8, top_p: 0.9, seed: 3 }), "temperature 0.8, top-p 0.9");
});

test("each family's column says where its prediction is read", () => {
  const mask = { text: "[MASK]", special: true };
  const word = { text: " dog", special: false, raw: "20646f67" };
  const bert = { tokens: [word, mask], mask: "[MASK]" };
  assert.equal(subject({}, { family: "gpt" }, {}).title, "What comes next");
  assert.equal(subject({ ...bert, position: 1 }, { family: "bert" }, {}).title, "Behind the mask");
  assert.deepEqual(subject({ ...bert, position: 0 }, { family: "bert" }, {}), {
    title: "At this token",
    place: "·dog: ",
  });
  const written = ["<pad>", "le", "chien"];
  const told = subject({ written, position: 1 }, { family: "t5" }, { written: 8 });
  assert.equal(told.place, "Token 2 of 3, out of "); // le, chien, and the end
});

test("the answer in the bar is the likeliest, with what comes after it or all that was written", () => {
  const [it, he, the] = [" it", " he", " the"].map((text, at) => ({
    text,
    raw: "20",
    probability: [0.5, 0.25, 0.1][at],
  }));
  const next = { top: [it, he, the] };
  const gpt = answerOf({ next, tokens: [] }, { family: "gpt" }, {});
  assert.deepEqual([gpt.to, gpt.likeliest, gpt.more], ["next", it, "then ·he 25.0\u00a0%, ·the 10.0\u00a0%"]);
  const mask = { text: "[MASK]", special: true };
  const bert = { next, tokens: [he, mask], mask: "[MASK]" };
  assert.equal(answerOf({ ...bert, position: 1 }, { family: "bert" }, {}).to, "masked");
  assert.equal(answerOf({ ...bert, position: 0 }, { family: "bert" }, {}).to, "here");
  const written = ["<pad>", "le", "chien"].map((text) => ({ text, special: false, raw: "" }));
  const t5 = answerOf({ next, written, position: 0 }, { family: "t5" }, { written: 8 });
  assert.deepEqual([t5.to, t5.more], ["writes", "le chien end"]);
});

test("of a model that predicts no token the bar says that it does not", () => {
  const silent = answerOf({ next: null, tokens: [] }, { family: "bert" }, {});
  assert.deepEqual(silent, { to: "It predicts no token", likeliest: null, more: "" });
});
