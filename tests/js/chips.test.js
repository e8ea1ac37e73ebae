// What stands on a token: the character that a run of bytes spells, and one word for what a vocabulary does not know.

import assert from "node:assert/strict";
import { test } from "node:test";
import { labelsOf, nameWholes, spoken, visible, wholeOf } from "../../static/js/page/chips.js";

const part = (raw, start) => ({ text: "\ufffd", raw, special: false, start, end: start + 1 });

test("a run of bytes is named by its character, once, and two runs side by side by two", () => {
  const tokens = [part("e4", 0), part("bda0", 0), part("f0", 1), part("9f90", 1), part("95", 1), part("ce", 2)];
  assert.deepEqual(
    tokens.map((_, index) => wholeOf(tokens, index)),
    ["你", "", "🐕", "", "", ""], // the last has no end: it spells nothing
  );
  assert.equal(labelsOf(tokens).text(0), "你 E4");
  assert.equal(labelsOf(tokens).text(1), "BD\u00a0A0");
  nameWholes(tokens);
  assert.deepEqual(
    tokens.map((token) => visible(token)),
    ["你 E4", "你 BD\u00a0A0", "🐕 F0", "🐕 9F\u00a090", "🐕 95", "CE"],
    "alone, each says whose part it is",
  );
  assert.equal(labelsOf(tokens).text(1), "BD\u00a0A0", "in a row it is said once");
});

test("what a vocabulary does not know is called the same in all", () => {
  for (const text of ["[UNK]", "<unk>"]) {
    const token = { text, raw: "", special: true, start: 0, end: 1 };
    assert.deepEqual([visible(token), visible(token, true), spoken(token)], ["unknown", "unknown", "unknown"]);
  }
});
