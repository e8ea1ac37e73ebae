// What a full bar stands for, where it is not the whole: it is said beside the bars, and it does not follow each number.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { fullBar: ofShares } = await import("../../static/js/exhibits/sampling/thousand.js");
const { fullBar: ofBytes } = await import("../../static/js/exhibits/cache/memory.js");

test("a share of a thousand draws is drawn on a round scale that holds the largest", () => {
  assert.deepEqual([1, 0.51, 0.5, 0.134, 0.001].map(ofShares), [1, 1, 0.5, 0.2, 0.02]);
});

test("the cache's bars grow with the text: the scale doubles, and stays between", () => {
  assert.deepEqual([0, 1024, 1025, 1500, 2048].map(ofBytes), [1, 1024, 2048, 2048, 2048]);
});
