// An exhibit's own parts of the state, read from an address.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  entry,
  initials,
  intoAddress,
  line,
  oneOf,
  outOfAddress,
  real,
  typed,
  whole,
} from "../../static/js/state/fields.js";

const FIELDS = {
  window: whole(8, 1, 512),
  factor: real(2, 1, 8),
  precision: oneOf("fp16", ["fp32", "fp16"]),
  rulers: line("", 5),
  target: entry(),
};
const read = (address) => outOfAddress(FIELDS, new URLSearchParams(address));

test("a field stands in the address only where it differs from what it is at first", () => {
  const address = new URLSearchParams();
  intoAddress(FIELDS, { ...initials(FIELDS), window: 9, precision: "fp32" }, address);
  assert.equal(address.toString(), "window=9&precision=fp32");
});

test("a number outside its limits is brought to the nearest, and a whole one is rounded", () => {
  assert.deepEqual(read("window=9999&factor=0.5"), { window: 512, factor: 1 });
  assert.deepEqual(read("window=7.6&factor=2.5"), { window: 8, factor: 2.5 });
});

test("what cannot be read is left out", () => {
  assert.deepEqual(read("window=many&factor=&precision=fp8"), {});
});

test("a line is as long as it may be, and well formed", () => {
  assert.deepEqual(read("rulers=abcdefg"), { rulers: "abcde" });
  assert.deepEqual(outOfAddress({ rulers: line("", 5) }, new Map([["rulers", "a\ud800"]])), { rulers: "a\ufffd" });
});

test("an entry of the vocabulary is held within the model's, and 0 is one", () => {
  const { within } = entry();
  assert.deepEqual(read("target=0"), { target: 0 });
  assert.equal(within(7, { d_vocab: 8 }), 7);
  assert.equal(within(8, { d_vocab: 8 }), null);
});

test("a text of a link has the line ends that a box would give it", () => {
  assert.equal(typed("a\r\nb\rc\nd\ud800"), "a\nb\nc\nd\ufffd");
});
