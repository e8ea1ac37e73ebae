// A head on a long text is read as far as it is there, and a window on it in its own rows and columns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { showing, wanted } from "../../static/js/exhibits/attention/long.js";
import { Pattern } from "../../static/js/state/decode.js";
import { headFrom, Window } from "../../static/js/state/long.js";

const N = 10;
const value = (query, key) => 100 * query + key + 1;
const upTo = (count) => Array.from({ length: count }, (_, at) => at);

/** A causal head of N tokens with blocks of 2, rows 4 to 7 of keys 2 to 5, and row 9. */
function made() {
  const blocks = upTo(5).flatMap((down) =>
    upTo(down + 1).map((across) => {
      const cells = [0, 1].flatMap((q) => [0, 1].map((k) => [2 * down + q, 2 * across + k]));
      return Math.max(...cells.filter(([q, k]) => k <= q).map(([q, k]) => value(q, k)));
    }),
  );
  const full = upTo(4).flatMap((q) => upTo(4).map((k) => (k + 2 <= q + 4 ? value(q + 4, k + 2) : 0)));
  const row = upTo(N).map((key) => value(9, key));
  const arrays = {
    pattern_head: new Pattern(Uint16Array.from(blocks), [1, 1, 5, 5], true),
    pattern_head_part: new Pattern(Uint16Array.from(full), [1, 1, 4, 4], false),
    pattern_head_row: new Pattern(Uint16Array.from(row), [1, 1, 1, N], false),
  };
  const place = { row: 9, top: 4, left: 2, block: 2 };
  return headFrom(arrays, "pattern_head", place, { queries: N, keys: N }).head(0, 0);
}

test("a value is itself where it is there, and else the largest of its block", () => {
  const rows = made();
  for (let query = 0; query < N; query++) {
    for (let key = 0; key < N; key++) {
      const isThere = query === 9 || (query >= 4 && query < 8 && key >= 2 && key < 6);
      assert.equal(rows.knows(query, key), isThere || key > query);
      if (key > query) assert.equal(rows.at(query, key), 0);
      else if (isThere) assert.equal(rows.at(query, key), value(query, key));
      else assert.ok(rows.at(query, key) >= value(query, key));
    }
  }
  assert.deepEqual([rows.queries, rows.keys, rows.reach(3)], [N, N, 4]);
});

test("a window reads the same cells by its own rows and columns", () => {
  const rows = made();
  const window = new Window(rows, { top: 4, left: 3, high: 3, wide: 3 });
  for (let query = 0; query < 3; query++) {
    for (let key = 0; key < 3; key++) {
      assert.equal(window.at(query, key), rows.at(query + 4, key + 3));
      assert.equal(key >= window.first(query) && key < window.reach(query), rows.allows(query + 4, key + 3));
      assert.equal(query >= window.from(key), rows.allows(query + 4, key + 3));
    }
  }
});

test("what a window shows is asked for where it is not there, and at the end by that name", () => {
  const held = { place: { row: 999 }, queries: 1000, keys: 1000, holds: (query, key) => query >= 872 && key >= 872 };
  const at = (top, left) => ({ top, left, high: 24, wide: 24 });
  assert.equal(wanted({ window: at(960, 900), rows: held, row: 999 }), undefined);
  assert.equal(wanted({ window: at(960, 10), rows: held, row: 999 }), "end.end.0");
  assert.equal(wanted({ window: at(500, 400), rows: held, row: 7 }), "7.448.348");
});

test("a window moves only where the cell that is looked at does not stand in it", () => {
  const window = { top: 100, left: 50, high: 20, wide: 20 };
  assert.deepEqual(showing(window, { query: 110, key: 55 }), { top: 100, left: 50 });
  const { top, left } = showing(window, { query: 200, key: 10 });
  assert.ok(top <= 200 && top + 20 > 200 && left <= 10 && left + 20 > 10);
});
