// The heads that have most of one cell.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";
import { Pattern } from "../../static/js/state/decode.js";

const { readersOf } = await import("../../static/js/exhibits/attention/readers.js");

/** Three layers of two heads over two tokens; `shares` are the steps of cell (1, 0), head by head. */
const causal = (shares) =>
  new Pattern(Float32Array.from(shares.flatMap((share) => [99, share, 99 - share])), [3, 2, 2, 2], true);

test("the five heads with most of a cell are found, the earlier first where two have the same", () => {
  const found = readersOf(causal([5, 40, 0.5, 7, 40, 90]), 1, 0);
  assert.deepEqual(found, [
    { layer: 2, head: 1, steps: 90 },
    { layer: 0, head: 1, steps: 40 },
    { layer: 2, head: 0, steps: 40 },
    { layer: 1, head: 1, steps: 7 },
    { layer: 0, head: 0, steps: 5 },
  ]);
});

test("no head has any of a cell that none may read", () => {
  assert.deepEqual(readersOf(causal([5, 40, 1, 7, 40, 90]), 0, 1), []);
});
