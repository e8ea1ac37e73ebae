// The things to try: a word that a setting hides is hidden as the model on the page writes its mask.

import assert from "node:assert/strict";
import { test } from "node:test";
import { applySetting } from "../../static/js/state/settings.js";

/** What a setting changes on a page whose picture is of `model`, with its mask. */
function set(setting, mask, model = "roberta") {
  const patches = [];
  const state = { model, sampling: { seed: 7 }, text: "old" };
  applySetting(
    { state, frame: { model: "roberta", mask }, set: (patch) => patches.push(patch) },
    JSON.stringify(setting),
  );
  return patches[0];
}

const HIDES = { hides: "bert", text: "She was [MASK].", query: null };

test("a model that guesses hidden words hides it behind its own mask", () => {
  assert.deepEqual(set(HIDES, "<mask>"), { text: "She was <mask>.", query: null, draws: 0 });
});

test("one that guesses none, or whose picture is not there yet, makes way for one that does", () => {
  for (const patch of [set(HIDES, null), set(HIDES, "<mask>", "t5-encoder")]) {
    assert.deepEqual(patch, { model: "bert", text: "She was [MASK].", query: null, draws: 0 });
  }
});

test("other settings name no model, and keep the seed", () => {
  const patch = set({ text: "A", sampling: { topK: 3 } }, null);
  assert.ok(!("model" in patch) && !("hides" in patch));
  assert.equal(patch.sampling.seed, 7);
  assert.equal(patch.sampling.topK, 3);
});
