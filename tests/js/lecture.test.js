// Lectures: the order in its file and its link, the course, the keys, and what style sheets are told of the slide.

import assert from "node:assert/strict";
import { test } from "node:test";
import { everyStep, partsOf, placeOf } from "../../static/js/lecture/course.js";
import { asked } from "../../static/js/lecture/keys.js";
import { answered } from "../../static/js/lecture/media.js";
import { MOST, moved, pack, read, unpack, write } from "../../static/js/lecture/order.js";
import { itemSaid } from "../../static/js/lecture/words.js";

const ITEMS = [
  { link: "exhibit=masks&model=gpt&step=2&text=The+dog", note: "Ask them first.\nThen show." },
  { link: "exhibit=trio&model=t5&text=Собака", note: "" },
];
const order = (more) => JSON.stringify({ cutaway: "order", version: 1, items: ITEMS, ...more });

test("an order comes back from its file and from its link", async () => {
  assert.deepEqual(read(write(ITEMS)), ITEMS);
  const packed = await pack(ITEMS);
  assert.match(packed, /^[\w-]+$/);
  assert.deepEqual(await unpack(packed), ITEMS);
  assert.deepEqual(await unpack(await pack([])), []);
});

test("an order of forty states stands in a link that browsers and mails carry", async () => {
  const many = Array.from({ length: 40 }, (_, index) => ({
    link: `exhibit=attention&model=gpt&layer=${1 + (index % 6)}&head=${1 + (index % 5)}&step=${1 + (index % 8)}&text=The+little+dog+ran+to+the+park+because`,
    note: `What do you see here? ${index}`,
  }));
  assert.ok((await pack(many)).length < 2000);
});

test("links are taken from whole addresses, and an order that was kept by hand needs no notes", () => {
  const items = [{ link: "http://127.0.0.1:7860/?view=lecture#exhibit=cache&step=1" }];
  assert.deepEqual(read(order({ items })), [{ link: "exhibit=cache&step=1", note: "" }]);
});

test("a damaged order is refused whole, in one sentence that says where", () => {
  const refused = [
    ["not json", /no JSON/],
    ["null", /no order of a lecture/],
    [order({ cutaway: "trace" }), /no order of a lecture/],
    [order({ items: {} }), /no order of a lecture/],
    [order({ version: 2 }), /newer Cutaway/],
    [order({ version: "x" }), /newer Cutaway/],
    [order({ items: [ITEMS[0], { note: "x" }] }), /^Item 2 .* no link/],
    [order({ items: [null] }), /^Item 1 /],
    [order({ items: [{ link: "javascript:alert(1)" }] }), /^Item 1 /],
    [order({ items: [{ ...ITEMS[0], note: 7 }] }), /note of item 1/],
    [order({ items: [{ ...ITEMS[0], note: "x".repeat(MOST.note + 1) }] }), /note of item 1/],
    [order({ items: [{ link: `exhibit=masks&text=${"x".repeat(MOST.link)}` }] }), /link of item 1/],
    [order({ items: Array(MOST.items + 1).fill(ITEMS[0]) }), /201 items; at most 200/],
  ];
  for (const [text, said] of refused) {
    assert.throws(
      () => read(text),
      ({ message }) =>
        said.test(message) && /^[^.]+(\. |: )?[^.]*\. Nothing of what was here has changed\.$/.test(message),
      text.slice(0, 60),
    );
  }
});

test("a link that is cut off, or made to swell, holds no order", async () => {
  const packed = await pack(ITEMS);
  for (const cut of [packed.slice(0, -9), packed.slice(9), "%%%", ""]) {
    await assert.rejects(unpack(cut), /damaged or cut off/, cut);
  }
  const bytes = new Uint8Array(
    await new Response(
      new Blob([" ".repeat(20_000_000)]).stream().pipeThrough(new CompressionStream("deflate-raw")),
    ).arrayBuffer(),
  );
  await assert.rejects(unpack(Buffer.from(bytes).toString("base64url")), /damaged or cut off/);
});

test("an item is moved within the order, and no further", () => {
  const items = ["a", "b", "c"];
  assert.deepEqual(moved(items, 0, 1), ["b", "a", "c"]);
  assert.deepEqual(moved(items, 2, -1), ["a", "c", "b"]);
  assert.deepEqual(moved(items, 0, -1), items);
  assert.deepEqual(moved(items, 2, 1), items);
});

test("without an order the course leads through every step that holds for the model", () => {
  const step = (families) => ({ says: "", focus: "", state: {}, families, feed: null, trait: null });
  const catalog = {
    walk: ["a", "b", "c"],
    models: { gpt: { family: "gpt", experts: null } },
    steps: { a: [step(["gpt"]), step(["bert"]), step(["gpt"])], b: [step(["t5"])], c: [step(["gpt"])] },
  };
  const stops = everyStep(catalog, "gpt");
  assert.deepEqual(
    stops.map(({ exhibit, step }) => `${exhibit}${step}`),
    ["a0", "a1", "c0"],
  );
  assert.equal(placeOf(stops, { exhibit: "a", step: 1 }, catalog.walk), 1);
  assert.equal(placeOf(stops, { exhibit: "a", step: null }, catalog.walk), 0);
  assert.equal(placeOf(stops, { exhibit: "b", step: null }, catalog.walk), 2);
});

test("an item is told in short", () => {
  const { exhibit, ...parts } = partsOf(ITEMS[0].link);
  assert.equal(itemSaid({ stop: exhibit, ...parts }), "masks, step 2 · gpt · “The dog”");
  assert.equal(itemSaid({ stop: "Trio", model: "t5", step: null, text: "" }), "Trio · t5");
});

test("keys and clickers lead on, but not what is written or pressed with another key", () => {
  const none = { altKey: false, ctrlKey: false, metaKey: false };
  const free = { isWriting: false, isAside: false };
  for (const key of ["ArrowRight", "PageDown", " "]) assert.deepEqual(asked({ key, ...none }, free), ["on"]);
  for (const key of ["ArrowLeft", "PageUp"]) assert.deepEqual(asked({ key, ...none }, free), ["back"]);
  for (const key of ["b", "B", "."]) assert.deepEqual(asked({ key, ...none }, free), ["blank"]);
  assert.equal(asked({ key: "ArrowRight", ...none, ctrlKey: true }, free), null);
  assert.equal(asked({ key: "b", ...none }, { isWriting: true, isAside: false }), null);
  assert.deepEqual(asked({ key: "PageDown", ...none }, { isWriting: true, isAside: false }), ["on"]);
  assert.equal(asked({ key: "Escape", ...none }, { isWriting: false, isAside: true }), null);
});

test("a style sheet that asks for the window's size is answered with the slide's", () => {
  const size = { width: 960, height: 540 };
  assert.equal(answered("(max-width: 1279px)", size), "(min-width: 0px)");
  assert.equal(answered("(max-width: 799px), (max-height: 699px)", size), "(max-width: 0px), (min-width: 0px)");
  assert.equal(answered("(min-width: 800px) and (max-width: 959.5px)", size), "(min-width: 0px) and (max-width: 0px)");
  assert.equal(answered("(prefers-reduced-motion: reduce)", size), "(prefers-reduced-motion: reduce)");
});
