// Links that are damaged, hostile or newer: the page opens with what can be read, and says in one sentence what could not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf } from "../../static/js/state/link_faults.js";
import { allFields } from "../../static/js/state/registry.js";
import { fromAddress, initial, toAddress } from "../../static/js/state/state.js";
import { exhibits } from "./page.js";

const there = { models: { gpt: {}, bert: {} }, exhibits: Object.keys(exhibits), fields: allFields(exhibits) };
const state = initial({ model: "gpt", text: "The dog", exhibit: "attention" }, there.fields);
const link = (/** @type {object} */ more) => toAddress({ ...state, ...more }, exhibits.attention);

test("a link as the page writes it has no fault", () => {
  for (const exhibit of there.exhibits) {
    assert.equal(faultsOf(`#${toAddress({ ...state, exhibit }, exhibits[exhibit])}`, there), null);
  }
  assert.equal(faultsOf("", there), null);
});

test("what cannot be read is named in one sentence, and the rest is read", () => {
  const damaged = "exhibit=atention&model=gpt&layer=abc&head=2&text=The+dog";
  assert.equal(
    faultsOf(damaged, there),
    "Part of this link could not be read and was left out: exhibit=atention, layer=abc.",
  );
  assert.equal(fromAddress(damaged, there).head, 1);
  assert.match(faultsOf("a=1&b=2&c=3&d=4&e=5", there) ?? "", /a=1, b=2, c=3 and 2 more\.$/);
});

test("a hostile link is quoted short, and names of objects are no models", () => {
  const said = faultsOf(`exhibit=__proto__&theme=${"x".repeat(5000)}&mask=%ff%fe`, there) ?? "";
  assert.match(said, /exhibit=__proto__, theme=x{24}…, mask=/);
  assert.ok(said.length < 200);
});

test("a link of a newer form says so, and what it does not know is left out", () => {
  assert.match(faultsOf("v=2&exhibit=attention&dream=1", there) ?? "", /newer Cutaway/);
  assert.equal(faultsOf("v=1&exhibit=attention", there), null);
  assert.equal(fromAddress("v=2&exhibit=attention", there).exhibit, "attention");
});

test("500 characters of Latin, Cyrillic or Chinese stay below 2 kB, and come back as they were", () => {
  for (const text of ["The dog. ".repeat(60), "Собака бежала. ".repeat(40), "小狗跑到公园去了。".repeat(60)]) {
    const wanted = Array.from(text).slice(0, 500).join("");
    const address = link({ text: wanted, key: 3, view: "lines", layer: 4 });
    assert.ok(address.length < 2000, `${address.length} characters`);
    assert.equal(fromAddress(address, there).text, wanted);
    assert.equal(faultsOf(address, there), null);
  }
});

test("a text that was packed and is damaged leaves the text as it was", () => {
  assert.match(faultsOf("text16=%%%", there) ?? "", /text16=%%%/);
  assert.equal("text" in fromAddress("text16=%%%", there), false);
});
