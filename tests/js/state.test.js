// The state and its form in the address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { allFields } from "../../static/js/state/registry.js";
import {
  NEUTRAL,
  fromAddress,
  initial,
  nothingChosen,
  toAddress,
  unsaid,
  within,
} from "../../static/js/state/state.js";
import { exhibits } from "./page.js";

const GPT = { family: "gpt", stacks: { text: { layers: 3 } }, n_layers: 3, n_heads: 4, d_vocab: 100 };
const MODELS = { gpt: GPT, other: { ...GPT, stacks: { text: { layers: 1 } }, n_layers: 1, n_heads: 2 } };
const FIELDS = allFields(exhibits);
const CATALOG = { models: MODELS, exhibits: Object.keys(exhibits), fields: FIELDS };
const FIRST = initial({ model: "gpt", text: "first", exhibit: "attention" }, FIELDS);

const addressOf = (state) => toAddress(state, exhibits[state.exhibit]);
const through = (state) => ({ ...FIRST, ...fromAddress(`#${addressOf(state)}`, CATALOG) });

/** Another value than the first of a field, as a person might choose it. */
function another({ initial, read }) {
  const tries = [
    "5",
    "2.5",
    "fp32",
    "encoder",
    "both",
    "difference",
    "head",
    "sentiment",
    "rope",
    "last",
    "gpt2",
    "hidden",
    "off",
    "row",
    "mean",
    "logit",
    "bloom",
  ];
  return tries.map(read).find((value) => value !== undefined && value !== initial);
}

test("a state as it is at first comes back from its address", () => {
  for (const exhibit of Object.keys(exhibits)) assert.deepEqual(through({ ...FIRST, exhibit }), { ...FIRST, exhibit });
});

test("layer and head count from 1 in the address and from 0 in the state", () => {
  const state = { ...FIRST, layer: 2, head: 1 };
  const address = new URLSearchParams(addressOf(state));
  assert.deepEqual([address.get("layer"), address.get("head")], ["3", "2"]);
  assert.deepEqual(fromAddress("#layer=1&head=1", CATALOG).layer, 0);
  assert.deepEqual(through(state), state);
});

test("everything that a person sets on the whole page comes back", () => {
  const state = {
    ...FIRST,
    text: "Ünicode & more = 100 %\n",
    query: 5,
    key: 0,
    view: "lines",
    hidden: "dog  park",
    written: 2,
    sampling: { temperature: 0.8, top_k: 40, top_p: 0.95, min_p: 0.05, seed: 2 ** 32 - 1 },
    draws: 3,
    interventions: { "text.2.3": "off", mask: "window:4" },
    pin: { text: "then & there", model: "other", interventions: { mask: "window:2" } },
    theme: "blueprint",
    step: 2,
  };
  assert.deepEqual(through(state), state);
});

test("every field of every exhibit comes back from the exhibit's own address", () => {
  for (const [exhibit, { fields }] of Object.entries(exhibits)) {
    const set = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, another(field)]));
    for (const [name, value] of Object.entries(set)) assert.notEqual(value, undefined, `${exhibit} ${name}`);
    const state = { ...FIRST, exhibit, ...set };
    assert.deepEqual(through(state), state);
  }
});

test("a field of an exhibit that is not open stays out of the address", () => {
  const [name, field] = Object.entries(exhibits.cache.fields)[0];
  assert.ok(!(name in exhibits.tokens.fields));
  assert.ok(!new URLSearchParams(addressOf({ ...FIRST, exhibit: "tokens", [name]: another(field) })).has(name));
});

test("an address that cannot be read changes nothing", () => {
  const strange = "#exhibit=none&model=none&view=none&theme=none&layer=x&query=&pin=none&off=x&temperature=hot&text=";
  assert.deepEqual({ ...FIRST, ...fromAddress(strange, CATALOG) }, { ...FIRST, text: "" });
});

test("a link lets go of the tokens that were chosen in the text before", () => {
  const before = { ...FIRST, query: 3, key: 2, written: 1 };
  const { query, key, written } = { ...before, ...fromAddress("#text=a&query=5", CATALOG) };
  assert.deepEqual([query, key, written], [5, null, null]);
});

test("what an exhibit's link leaves out is as it was at first, whatever was chosen before", () => {
  for (const [exhibit, one] of Object.entries(exhibits)) {
    const set = Object.fromEntries(Object.entries(one.fields).map(([name, field]) => [name, another(field)]));
    const first = { ...FIRST, exhibit };
    const before = { ...first, ...set, draws: 3, ...(one.addressed.includes("view") ? { view: "lines" } : {}) };
    assert.deepEqual({ ...before, ...unsaid(one), ...fromAddress(addressOf(first), CATALOG) }, first);
  }
});

test("a number outside its range is brought to the nearest", () => {
  const { sampling, layer } = fromAddress("#temperature=99&top_p=0&seed=-1&layer=0", CATALOG);
  assert.deepEqual(sampling, { ...NEUTRAL, temperature: 10, top_p: 0.01, seed: 0 });
  assert.equal(layer, 0);
});

test("a smaller model holds layer, head and changes within its own", () => {
  const state = {
    ...FIRST,
    model: "other",
    layer: 2,
    head: 3,
    interventions: { "text.0.3": "off", "text.0.1": "off" },
  };
  const held = within(state, MODELS.other, FIELDS);
  assert.deepEqual([held.layer, held.head, held.interventions], [0, 1, { "text.0.1": "off" }]);
});

test("another model or text lets go of what was chosen in the one before", () => {
  const left = nothingChosen(FIELDS);
  assert.deepEqual([left.query, left.key, left.written], [null, null, null]);
  for (const [name, { ofModel, initial }] of Object.entries(FIELDS)) {
    if (ofModel) assert.equal(left[name], initial);
    else assert.ok(!(name in left), name);
  }
});
