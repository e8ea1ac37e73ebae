// What stands beside the text box.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inShort, onThisMachine } from "../../static/js/page/words.js";
import "./page.js";

const { message } = await import("../../static/js/page/bar.js");
const example = { text: "a, a", shows: "Said twice" };
const said = (text, notice = null, error = null) => message({ error, frame: { notice }, example, state: { text } });

test("what an example shows stands there until the text is another", () => {
  assert.equal(said("a, a"), "Said twice.");
  assert.equal(said("a, a", "Showing the last 2 tokens of 4."), "Showing the last 2 tokens of 4. Said twice.");
  assert.equal(said("a, b"), "");
});

test("an error stands there alone", () => {
  assert.equal(
    said("a, a", null, "Broken."),
    "Broken. The picture is of the last text that worked; the next key tries again.",
  );
});

test("a model says what it has read, where that is known, and else how large it is", () => {
  const model = { parameters: 4_920_000, n_heads: 6, positions: "rope", about: "a small GPT, trained on stories" };
  assert.equal(inShort(model), "a small GPT, trained on stories");
  assert.equal(inShort({ ...model, about: null }), "4.9 M parameters".replace(" ", " "));
  assert.match(onThisMachine(model, [6]), /^a small GPT, trained on stories · on this machine · 6 layers/);
  assert.match(onThisMachine({ ...model, about: null }, [6]), /^on this machine · 6 layers/);
});
