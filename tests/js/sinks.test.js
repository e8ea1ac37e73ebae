// The patterns without the places where attention rests.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";
import { Pattern } from "../../static/js/state/decode.js";
import { WHOLE, probability } from "../../static/js/state/patterns.js";

const { sinksOf, withoutSinks } = await import("../../static/js/exhibits/attention/sinks.js");
const { aboutSinks } = await import("../../static/js/exhibits/attention/words.js");

const steps = (shares) => Float32Array.from(shares, (share) => share * WHOLE);

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

test("what is left of each row is scaled to one; a row with almost nothing left is empty", () => {
  const values = steps([1, 0.75, 0.25, 0.995, 0.005, 0, 0.5, 0.1, 0.3, 0.1]);
  const pattern = new Pattern(values, [1, 1, 4, 4], true);
  const without = withoutSinks(pattern, [true, false, false, false]);
  const rows = without.head(0, 0);
  const row = (query) => [0, 1, 2, 3].map((key) => Math.round(100 * probability(rows.at(query, key))));
  assert.deepEqual(
    [row(0), row(1), row(2), row(3)],
    [
      [0, 0, 0, 0],
      [0, 100, 0, 0],
      [0, 0, 0, 0],
      [0, 20, 60, 20],
    ],
  );
  assert.equal(withoutSinks(pattern, [true, false, false, false]), without, "made once");
  assert.equal(pattern.values, values);
});

test("the page says what is left out, and that the rest is scaled", () => {
  assert.match(aboutSinks(["[CLS]", "[SEP]"], true), /^Left out: \[CLS\], \[SEP\]\. The rest of each row is scaled/);
  assert.match(aboutSinks(["Tom"], false), /^Tom shown: /);
});
