// Packed arrays, as the server packs them (make_packed.py), become typed arrays and patterns.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Sight, decode, opened } from "../../static/js/state/decode.js";

const packed = JSON.parse(readFileSync(new URL("packed.json", import.meta.url), "utf-8"));
const { buffer: body } = Uint8Array.from(Buffer.from(packed, "base64"));
const { arrays, bytes, ...rest } = decode(opened(body));

test("each array has its type and its values", () => {
  assert.deepEqual(arrays.int8, Int8Array.of(-1, 0, 1));
  assert.deepEqual(arrays.uint8, Uint8Array.of(0, 1, 2, 3, 4));
  assert.deepEqual(arrays.uint16, Uint16Array.of(0, 300, 600));
  assert.deepEqual(arrays.uint32, Uint32Array.of(0, 70_000));
  assert.deepEqual(arrays.float32, Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5));
});

test("what else the answer says stays, and how long all of it was", () => {
  assert.deepEqual(rest, { seq: 7 });
  assert.equal(bytes, body.byteLength);
});

test("no array is a copy: each looks at the bytes that came", () => {
  for (const array of [arrays.float32, arrays.uint16, arrays.pattern.values]) assert.equal(array.buffer, body);
});

test("of a causal pattern only what lies on and below the diagonal is there", () => {
  const { pattern } = arrays;
  assert.deepEqual([pattern.layers, pattern.heads, pattern.queries, pattern.keys], [2, 2, 3, 3]);
  const head = pattern.head(1, 0); // the third head of six values each: 12..17
  assert.deepEqual([head.at(0, 0), head.at(1, 0), head.at(1, 1), head.at(2, 2)], [12, 13, 14, 17]);
  assert.equal(head.at(0, 1), 0);
  assert.deepEqual([head.reach(0), head.reach(2)], [1, 3]);
});

test("a pattern across has a row for each query and a column for each key", () => {
  const head = arrays.pattern_cross.head(0, 1);
  assert.deepEqual([head.at(0, 0), head.at(0, 2), head.at(1, 0), head.at(1, 2)], [6, 8, 9, 11]);
  assert.equal(head.reach(0), 3);
});

test("a window is behind a query that looks back, and on both sides of one that looks both ways", () => {
  const seen = (sight, query) => [0, 1, 2, 3, 4, 5].filter((key) => sight.allows(query, key));
  assert.deepEqual(seen(new Sight(6, true, 2), 3), [2, 3]);
  assert.deepEqual(seen(new Sight(6, false, 2), 3), [2, 3, 4]);
  assert.deepEqual(seen(new Sight(6, false, 2), 5), [4, 5]);
  assert.deepEqual(seen(new Sight(6, false, null), 3), [0, 1, 2, 3, 4, 5]);
});
