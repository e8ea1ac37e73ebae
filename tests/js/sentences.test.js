// What the scripts say is true of what is computed: of a mask's global tokens, and of what a T5 is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { costVerdict, legend } from "../../static/js/exhibits/attention/words.js";
import { asTrained, sentence } from "../../static/js/exhibits/masks/words.js";
import { worthBefore } from "../../static/js/exhibits/residual/words.js";
import { question } from "../../static/js/exhibits/trio/words.js";

test("a decoder's global tokens are seen, and see nothing that comes later", () => {
  assert.match(sentence("longformer", [2, 2], true), /the first 2 tokens are seen by all that come later\.$/);
  assert.match(sentence("longformer", [2, 1], false), /the first 1 token is seen by all and sees all\.$/);
});

test("a model that looks back only is not called one without a mask", () => {
  assert.equal(asTrained(true), "looks back only");
  assert.equal(asTrained(false), "no mask");
});

test("the legend of a matrix does not say what a mask may forbid", () => {
  assert.equal(legend({ lines: false, causal: false, changes: false, differ: false }), "of a row");
});

test("what a T5 writes is counted in tokens", () => {
  const frame = { trio: { gap: { by: null }, t5: { position: 0, written: [] } } };
  assert.equal(question("t5", frame), "Its first token");
});

test("a difference stands beside what it was when pinned, else in the model as trained, else alone", () => {
  assert.equal(worthBefore({ untouched: 4 }, { logit: -4.4 }), "\u22124.40 when pinned →");
  assert.equal(worthBefore({ untouched: 4 }, null), "4.00 as trained →");
  assert.equal(worthBefore({ untouched: null }, null), "");
});

test("what attention costs beside recurrence: fewer, as many, more", () => {
  assert.match(
    costVerdict(true, 127, 128),
    /fewer operations than recurrence while n is below d: 127 here, against 128/,
  );
  assert.match(costVerdict(true, 128, 128), /as many operations as recurrence where n equals d: 128 here, against 128/);
  assert.match(
    costVerdict(false, 129, 128),
    /more operations than recurrence while m is above d: 129 here, against 128/,
  );
});
