// What the masks exhibit says of a mask on the text that is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sentence } from "../../static/js/exhibits/masks/words.js";

test("what is said of BigBird's random blocks is true of the text", () => {
  const said = (n, causal) => sentence("bigbird", [2, 1, 1, 0], causal, n);
  assert.match(said(9, true), /, and up to 1 drawn at random from the others behind it\.$/);
  assert.match(said(7, false), /, and up to 1 drawn at random from the others\.$/);
  assert.match(said(6, true), /: this text is too short to have one\.$/);
});
