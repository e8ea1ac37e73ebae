// A mask out of a link is one that the server takes, or none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { painted, read, square } from "../../static/js/state/mask_specification.js";
import { read as readPin } from "../../static/js/state/pin.js";

test("a number outside its limits is brought to the nearest, and one that is left out is as at first", () => {
  assert.equal(read("window:0"), "window:1");
  assert.equal(read("window:999"), "window:128");
  assert.equal(read("window:4"), "window:4");
  assert.equal(read("bigbird:2"), "bigbird:2:1:1:0");
  assert.equal(read("fixed:1:2:3"), "fixed:2:2");
  assert.equal(read("longformer"), "longformer:4:1");
});

test("of too many documents the first count, each once and in order", () => {
  const starts = Array.from({ length: 399 }, (_, index) => 400 - index);
  const kept = Array.from({ length: 32 }, (_, index) => index + 2);
  assert.equal(read(["document", ...starts].join(":")), ["document", ...kept].join(":"));
  assert.equal(read("document:9:9:0"), "document:1:9");
});

test("what is no mask is none", () => {
  for (const text of ["", "constructor", "__proto__:1", "toString", "window:-1", "window:x", "window:1e9"]) {
    assert.equal(read(text), null, text);
  }
});

test("a painted mask that was cut off is none", () => {
  const whole = painted({ size: 9, cells: new Uint8Array(81).fill(1) });
  assert.ok(square(whole));
  for (let length = whole.length - 1; length > 0; length--) assert.equal(read(whole.slice(0, length)), null);
});

test("a pin of a model that is none of the catalog's is no pin", () => {
  for (const model of ["constructor", "__proto__", "toString", "gpt"]) {
    assert.equal(readPin(`model=${model}&text=a`, {}), null, model);
  }
});
