// The store and a server that answers when the test lets it: one request in flight, the newest state wins, and what went
// wrong leaves the last frame.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../static/js/state/store.js";

const CATALOG = { models: { gpt: { family: "gpt" }, bert: { family: "bert" } } };
const EXHIBITS = { attention: { asks: [], enlarges: ["attention"] }, cache: { asks: ["layer"], enlarges: [] } };
const STATE = {
  exhibit: "attention",
  model: "gpt",
  text: "",
  sampling: {},
  interventions: {},
  pin: null,
  layer: 0,
  query: null,
  draws: 0,
};

/** Lets all that waits for no answer run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A store whose server keeps its requests in `asked` until one is answered, in turn. */
function make(state = {}) {
  const asked = [];
  const waits = (request) => new Promise((resolve) => asked.push({ request, resolve }));
  const seen = { changed: 0, answered: 0 };
  const page = {
    changed: () => seen.changed++,
    answered: () => seen.answered++,
    open: (exhibit) => store.set({ exhibit }),
    address: () => "",
  };
  const server = { frame: waits, cell: waits, draw: waits };
  const store = new Store(server, CATALOG, { ...STATE, ...state }, page, EXHIBITS);
  const pauses = [];
  store.pause = (ms) => new Promise((over) => pauses.push({ ms, over }));
  const answer = async (answered = {}) => {
    asked.at(-1).resolve({ arrays: {}, blob: new Uint8Array(), ...answered });
    await settled();
  };
  return { store, asked, seen, pauses, answer, texts: () => asked.map(({ request }) => request.text) };
}

test("one frame is asked for at a time, and the newest text is the next", async () => {
  const { store, answer, texts } = make();
  for (const text of ["a", "ab", "abc"]) store.type(text);
  assert.deepEqual(texts(), ["a"]);
  await answer();
  assert.deepEqual(texts(), ["a", "abc"]);
  assert.equal(store.frame.text, "a");
  await answer();
  assert.equal(store.frame.text, "abc");
  await settled();
  assert.deepEqual(texts(), ["a", "abc"]);
});

test("a newer text is sent instead of a request that is long on its way, and what is out of date is not shown", async () => {
  const { store, asked, pauses, texts } = make();
  store.type("a page");
  await settled();
  store.type("a page o");
  await settled();
  assert.deepEqual(texts(), ["a page"], "it may come soon");
  pauses.at(-1).over();
  await settled();
  assert.deepEqual(texts(), ["a page", "a page o"]);
  assert.equal(asked[0].request.instead_of, undefined);
  assert.equal(asked[1].request.instead_of, asked[0].request.seq);
  asked[1].resolve({ arrays: {}, blob: new Uint8Array() });
  await settled();
  assert.equal(store.frame.text, "a page o");
  asked[0].resolve({ error: "Nobody waits for this answer any more.", again: true });
  await settled();
  assert.equal(store.error, null);
  assert.deepEqual(texts(), ["a page", "a page o"]);
});

test("a frame that was overtaken on the way is shown if it comes first, and never after a newer one", async () => {
  for (const first of [0, 1]) {
    const { store, asked, pauses } = make();
    store.type("a");
    await settled();
    store.type("ab");
    await settled();
    pauses.at(-1).over();
    await settled();
    for (const at of [first, 1 - first]) {
      asked[at].resolve({ arrays: {}, blob: new Uint8Array() });
      await settled();
      if (at === 0) assert.equal(store.frame.text, first === 0 ? "a" : "ab");
    }
    assert.equal(store.frame.text, "ab");
  }
});

test("an error leaves the last frame and is said, and the next change asks again", async () => {
  const { store, answer, texts, seen } = make();
  store.type("good");
  await answer({ tokens: 1 });
  store.type("bad");
  await answer({ error: "The text is bad." });
  assert.equal(store.frame.text, "good");
  assert.equal(store.error, "The text is bad.");
  assert.equal(seen.answered, 2);
  store.type("good again");
  await answer();
  assert.equal(store.error, null);
  assert.deepEqual(texts(), ["good", "bad", "good again"]);
});

test("no answer at all is an error too", async () => {
  const { store, asked } = make();
  store.type("a");
  asked[0].resolve(null);
  await settled();
  assert.match(store.error, /could not be reached/);
});

test("a server that is silent is not waited for longer than 20 seconds", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { store } = make();
  store.type("a");
  context.mock.timers.tick(20_000);
  await settled();
  assert.match(store.error, /20 seconds/);
});

test("what is only looked at asks the server nothing", () => {
  const { store, asked, seen } = make();
  store.set({ layer: 1, query: 3 });
  assert.equal(asked.length, 0);
  assert.equal(seen.changed, 1);
  store.set({ layer: 1 });
  assert.equal(seen.changed, 1);
});

test("a frame depends on what the open exhibit and the model's family ask with", () => {
  const names = (state) => Object.keys(make().store.asks({ ...STATE, ...state }));
  const always = ["text", "model", "exhibit", "sampling", "interventions", "pin"];
  assert.deepEqual(names({}), always);
  assert.deepEqual(names({ exhibit: "cache" }), [...always, "layer"]);
  assert.deepEqual(names({ model: "bert" }), [...always, "query"]);
});

test("a request says what was changed in the model, and in the pinned one", async () => {
  const pin = { text: "then", model: "gpt", interventions: { 1.2: "off" } };
  const { store, asked } = make({ pin, interventions: { "text.0.1": "off" } });
  store.type("now");
  const { request } = asked[0];
  assert.deepEqual(request.interventions, { expert_bias: {}, heads_off: ["text.0.1"] });
  assert.deepEqual(request.pin, { ...pin, interventions: { expert_bias: { 1.2: "off" }, heads_off: [] } });
});

test("a cell of another model than the one that is now there is let go", async () => {
  const { store, asked, answer } = make();
  store.fetchCell({ model: "gpt", text: "a" });
  store.fetchCell({ model: "gpt", text: "b" });
  assert.equal(asked.length, 1);
  store.state = { ...store.state, interventions: { "text.0.1": "off" } };
  await answer();
  assert.equal(store.cell, null);
});

test("draws are taken back one by one, and the same number decides again, until one types", async () => {
  const { store, answer } = make({ text: "a", query: 0 });
  store.refresh();
  await answer();
  for (const text of ["a b", "a b c"]) {
    store.draw();
    await answer({ text });
    await answer();
  }
  assert.deepEqual([store.state.text, store.state.draws], ["a b c", 2]);
  store.takeBack();
  assert.deepEqual([store.state.text, store.state.draws, store.state.query], ["a b", 1, null]);
  store.takeBack();
  assert.deepEqual([store.state.text, store.state.draws, store.state.query], ["a", 0, 0]);
  assert.equal(store.lastDraw, null);
  store.draw();
  await answer({ text: "a b" });
  store.type("a b!");
  store.takeBack();
  assert.equal(store.state.text, "a b!");
});

test("a drawn token is appended, unless the text has changed meanwhile", async () => {
  const drawn = make({ text: "a", query: 0 });
  drawn.store.frame = { text: "a" };
  drawn.store.draw();
  await drawn.answer({ text: "a b" });
  assert.deepEqual([drawn.store.state.text, drawn.store.state.draws, drawn.store.state.query], ["a b", 1, null]);
  const late = make({ text: "a" });
  late.store.draw();
  late.store.state = { ...late.store.state, text: "c" };
  await late.answer({ text: "a b" });
  assert.equal(late.store.state.text, "c");
});

test("the exhibit that enlarges a part of the model is found by the part", () => {
  const { store } = make();
  assert.equal(store.enlarging("attention"), "attention");
  assert.equal(store.enlarging("nothing"), undefined);
  store.set({ exhibit: "cache" });
  store.enter("attention");
  assert.equal(store.state.exhibit, "attention");
  store.enter("nothing");
  assert.equal(store.state.exhibit, "attention");
});

test("a busy server is asked again, for what is wanted by then, and no key is lost", async () => {
  const { store, pauses, answer, texts } = make();
  store.type("a");
  await answer({ error: "The server is busy.", again: true });
  assert.equal(store.error, "The server is busy.");
  store.type("ab");
  assert.deepEqual(texts(), ["a"]);
  pauses[0].over();
  await settled();
  await answer({ error: "The server is busy.", again: true });
  assert.ok(pauses[1].ms > pauses[0].ms);
  pauses[1].over();
  await settled();
  await answer();
  assert.deepEqual(texts(), ["a", "ab", "ab"]);
  assert.equal(store.frame.text, "ab");
  assert.equal(store.error, null);
});

test("a refusal is not asked again", async () => {
  const { store, pauses, answer, texts } = make();
  store.type("a");
  await answer({ error: "The text is bad." });
  assert.deepEqual([texts(), pauses], [["a"], []]);
});

test("what is asked for once is asked a few times of a busy server, and then fails", async () => {
  const { store, asked, pauses, answer } = make();
  const cell = store.fetchCell({ model: "gpt", query: 1 });
  for (let times = 1; times <= 4; times++) {
    await answer({ error: "The server is busy.", again: true });
    pauses[times - 1]?.over();
    await settled();
  }
  await cell;
  assert.equal(asked.length, 4);
  assert.equal(store.cell.error, "The server is busy.");
});
