// The heads that have most of one cell.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { readersOf } = await import("../../static/js/exhibits/attention/readers.js");

test("the five heads with most of a cell are found, the earlier first where two have the same", () => {
  const found = readersOf([
    [0.05, 0.4],
    [0.005, 0.07],
    [0.4, 0.9],
  ]);
  assert.deepEqual(found, [
    { layer: 2, head: 1, share: 0.9 },
    { layer: 0, head: 1, share: 0.4 },
    { layer: 2, head: 0, share: 0.4 },
    { layer: 1, head: 1, share: 0.07 },
    { layer: 0, head: 0, share: 0.05 },
  ]);
});

test("no head has any of a cell that none may read", () => {
  assert.deepEqual(readersOf([[0, 0]]), []);
});
