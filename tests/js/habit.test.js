// What a head is said to do: measured on its pattern, and nothing where it does no one thing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { habitOf } from "../../static/js/exhibits/attention/habit.js";
import { headHint } from "../../static/js/exhibits/attention/words.js";
import { Rows } from "../../static/js/state/decode.js";
import { WHOLE } from "../../static/js/state/patterns.js";

const N = 6;

/** A head whose every query puts `share` on one key and the rest on another. */
function head(keyOf, share = 1, otherOf = () => 0) {
  const values = new Uint16Array(N * N);
  for (let query = 0; query < N; query++) {
    values[query * N + Math.min(N - 1, Math.max(0, keyOf(query)))] += share * WHOLE;
    values[query * N + otherOf(query)] += (1 - share) * WHOLE;
  }
  return new Rows(values, N, N, false);
}

test("a head is called by the place that it reads", () => {
  assert.equal(
    habitOf(
      head((query) => query - 1),
      true,
    ).place,
    "before",
  );
  assert.equal(
    habitOf(
      head((query) => query),
      true,
    ).place,
    "itself",
  );
  assert.equal(
    habitOf(
      head(() => 0),
      true,
    ).place,
    "first",
  );
  assert.deepEqual(
    habitOf(
      head((query) => query - 1, 0.75),
      true,
    ),
    { place: "before", share: 0.75 + 0.5 / WHOLE },
  );
});

test("a head that spreads, or reads another row, is not called so", () => {
  assert.equal(
    habitOf(
      head(
        (query) => query - 1,
        0.4,
        (query) => query,
      ),
      true,
    )?.place,
    "itself",
  );
  assert.equal(
    habitOf(
      head(
        (query) => query - 1,
        0.45,
        () => 5,
      ),
      true,
    ),
    null,
  );
  assert.equal(
    habitOf(
      head((query) => query - 1),
      false,
    ),
    null,
  );
  assert.equal(
    habitOf(
      head(() => 0),
      false,
    ).place,
    "first",
  );
});

test("what it does stands beside its share of the cell", () => {
  assert.equal(
    headHint(2, 3, 0.62, { place: "before", share: 0.78 }),
    "layer 3, head 4: 62\u00a0% of the cell; mostly reads the token before (78\u00a0%)",
  );
  assert.equal(headHint(2, 3, 0.62, null), "layer 3, head 4: 62\u00a0% of the cell; reads here and there");
});
