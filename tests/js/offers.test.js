// What a candidate of the column offers: it goes on with a text, or stands at the place that was asked about.

import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { adding } = await import("../../static/js/page/offers.js");
const catalog = { models: { gpt: { family: "gpt" }, bert: { family: "bert" }, t5: { family: "t5" } } };
const it = { text: " it", special: false, raw: "206974" };

test("a GPT goes on with it", () => {
  const view = { state: { text: "a dog" }, frame: { text: "a dog", model: "gpt" }, catalog };
  assert.deepEqual(adding(view, it), { text: "a dog it", query: null, key: null, draws: 0 });
  assert.equal(adding({ ...view, state: { text: "a dog!" } }, it), null); // its picture is of another text
  assert.equal(adding(view, { ...it, special: true }), null);
  assert.equal(adding(view, { text: "id 4112, no entry", raw: "", special: false }), null);
  assert.equal(adding(view, { text: "\ufffd", raw: "f0", special: false }), null);
});

test("what begins a text that is read with a space in front of it is written without one", () => {
  const frame = { text: "", model: "gpt", puts_space_in_front: true };
  const view = (text, more) => ({ state: { text }, frame: { ...frame, text, ...more }, catalog });
  assert.equal(adding(view(""), it).text, "it");
  assert.equal(adding(view("", { puts_space_in_front: false }), it).text, " it");
  assert.equal(adding(view("a dog"), it).text, "a dog it");
});

test("a BERT has it in the place that was asked about, and forgets what its mask hid", () => {
  const tokens = [
    { text: "a", start: 0, end: 1, special: false },
    { text: "[MASK]", start: 2, end: 8, special: true },
    { text: "[MASK]", start: 9, end: 15, special: true },
  ];
  const frame = { text: "a [MASK] [MASK]", model: "bert", mask: "[MASK]", tokens };
  const state = { text: frame.text, hidden: "dog ran" };
  const put = (position, word) => adding({ state, frame: { ...frame, position }, catalog }, { ...it, text: word });
  assert.deepEqual([put(1, "cat").text, put(1, "cat").hidden], ["a cat [MASK]", "ran"]);
  assert.deepEqual([put(2, "##s").text, put(2, "##s").hidden], ["a [MASK] s", "dog"]);
  assert.deepEqual([put(0, "the").text, put(0, "the").hidden], ["the [MASK] [MASK]", "dog ran"]);
});

test("a T5 writes by itself", () => {
  assert.equal(adding({ state: { text: "a" }, frame: { text: "a", model: "t5" }, catalog }, it), null);
});
