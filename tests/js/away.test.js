// A link to a model that is not here: what is shown of it, and what stands in the address meanwhile.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOfAway, awayIn, shownOf } from "../../static/js/state/away.js";

const LINK = "#exhibit=attention&model=openai-community/gpt2&layer=12&head=12&text=The%20dog";
const SHOWN = { exhibit: "attention", model: "gpt", text: "The dog" };

test("only a link that names a model which is not here is one", () => {
  assert.deepEqual(awayIn(LINK, { gpt: {} }), { model: "openai-community/gpt2", fragment: LINK });
  assert.equal(awayIn(LINK, { "openai-community/gpt2": {} }), null);
  assert.equal(awayIn("#text=a", { gpt: {} }), null);
  assert.equal(awayIn("#model=constructor", { gpt: {} }).model, "constructor");
});

test("its layers and changes are of the other model; its text and place are shown", () => {
  assert.deepEqual(shownOf({ exhibit: "attention", text: "a", layer: 11, interventions: {} }), {
    exhibit: "attention",
    text: "a",
  });
});

test("the address is left alone until the text or the exhibit is another, and names the link's model even then", () => {
  const away = awayIn(LINK, { gpt: {} });
  assert.equal(addressOfAway(away, SHOWN, SHOWN), LINK);
  const address = new URLSearchParams(addressOfAway(away, SHOWN, { ...SHOWN, text: "A cat" }).slice(1));
  assert.deepEqual(
    ["exhibit", "model", "layer", "text"].map((name) => address.get(name)),
    ["attention", "openai-community/gpt2", "12", "A cat"],
  );
});
