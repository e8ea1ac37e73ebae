// What the exhibits' scripts say of themselves, and what stands where one says nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { whole } from "../../static/js/state/fields.js";
import { allFields } from "../../static/js/state/registry.js";
import { Store } from "../../static/js/state/store.js";
import { exhibits } from "./page.js";

const CATALOG = { models: { gpt: { family: "gpt" } } };
const quiet = { changed() {}, answered() {} };

test("every exhibit says all that the page asks of one, by itself or by default", () => {
  const names = Object.keys(exhibits.machine).sort();
  for (const [name, exhibit] of Object.entries(exhibits)) {
    assert.deepEqual(Object.keys(exhibit).sort(), names, name);
    assert.ok(Array.isArray(exhibit.asks) && Array.isArray(exhibit.examples), name);
  }
});

test("a field that two exhibits share is one; two of one name are refused", () => {
  assert.equal(exhibits.machine.fields.kind, exhibits.attention.fields.kind);
  const size = { fields: { size: whole(1, 1, 9) } };
  assert.deepEqual(Object.keys(allFields({ one: size, other: size })), ["size"]);
  assert.throws(
    () => allFields({ one: size, other: { fields: { size: whole(1, 1, 9) } } }),
    /other has another field "size"/,
  );
});

test("a part of the model leads to the first exhibit of the walk that enlarges it, and nowhere if none does", () => {
  const walk = { one: { enlarges: ["mask"] }, two: { enlarges: ["mask", "expert"] } };
  const store = new Store({}, CATALOG, { model: "gpt", exhibit: "one" }, quiet, walk);
  const opened = [];
  store.open = (exhibit) => opened.push(exhibit);
  for (const part of ["mask", "expert", "token"]) store.enter(part);
  assert.deepEqual(opened, ["one", "two"]);
  assert.equal(store.enlarging("token"), undefined);
});

test("every way of the machine leads somewhere", () => {
  const parts = ["token", "position", "attention", "mask", "expert", "residual stream", "softmax", "KV cache"];
  const enlarged = Object.values(exhibits).flatMap(({ enlarges }) => enlarges);
  for (const part of parts) assert.ok(enlarged.includes(part), part);
});

test("examples stand at places of their own, and name a text, what it shows and a family", () => {
  const examples = Object.values(exhibits).flatMap((exhibit) => exhibit.examples);
  const places = examples.map(({ place }) => place);
  assert.equal(new Set(places).size, examples.length);
  for (const { text, shows, family } of examples)
    assert.ok(text && shows && ["gpt", "bert", "t5"].includes(family), text);
});
