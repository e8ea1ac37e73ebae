// The places where attention rests.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { sinksOf } = await import("../../static/js/exhibits/attention/sinks.js");
const { aboutSinks } = await import("../../static/js/exhibits/attention/words.js");

test("a causal row rests on its first token, others on what the tokenizer put around the text, not on a mask in it", () => {
  const keys = [
    { special: true, start: 0, end: 0 },
    { special: false, start: 0, end: 3 },
    { special: true, start: 4, end: 10 },
    { special: true, start: 10, end: 10 },
  ];
  assert.deepEqual(sinksOf({ causal: false }, keys), [true, false, false, true]);
  assert.deepEqual(sinksOf({ causal: true }, keys), [true, false, false, false]);
});

test("the page says what is left out, and that the rest is scaled", () => {
  assert.match(aboutSinks(["[CLS]", "[SEP]"], true), /^Left out: \[CLS\], \[SEP\]\. The rest of each row is scaled/);
  assert.match(aboutSinks(["Tom"], false), /^Tom shown: /);
});
