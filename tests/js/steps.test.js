// A walk through steps: which hold for a model, what each sets, and that all of it is given back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NONE } from "../../static/js/state/interventions.js";
import { NEUTRAL } from "../../static/js/state/state.js";
import { FOLLOW, Walk, stepsOf } from "../../static/js/state/steps.js";
import { around, apart, opened } from "../../static/js/page/veil.js";

const PLAIN = {
  exhibit: "here",
  says: "",
  focus: "",
  state: {},
  families: ["gpt"],
  feed: null,
  trait: null,
  speaks: false,
};
const step = (more) => ({ ...PLAIN, ...more });
const BEFORE = {
  exhibit: "here",
  text: "a",
  layer: 1,
  head: 2,
  view: "matrix",
  sampling: { ...NEUTRAL, seed: 7 },
  interventions: NONE,
};
const at = (walk, index, state) => ({ ...state, ...walk.to(index, state) });

test("steps are chosen by the family, and by what its blocks have", () => {
  const models = {
    moe: { family: "gpt", experts: { layers: [0] } },
    plain: { family: "gpt", experts: null },
    bert: { family: "bert", experts: null },
  };
  const [any, experts, mlp] = [null, "experts", "mlp"].map((feed) => step({ feed }));
  const catalog = { models, steps: { here: [any, experts, mlp] }, follow: [mlp] };
  assert.deepEqual(stepsOf(catalog, "here", "moe"), [any, experts]);
  assert.deepEqual(stepsOf(catalog, "here", "plain"), [any, mlp]);
  assert.deepEqual(stepsOf(catalog, "here", "bert"), []);
  assert.deepEqual(stepsOf(catalog, FOLLOW, "plain"), [mlp]);
});

test("a model that predicts no token has no step about what is likely", () => {
  const models = { plain: { family: "gpt", experts: null, predicts: true } };
  models.silent = { ...models.plain, predicts: false };
  const steps = { here: [step({}), step({ speaks: true })] };
  assert.equal(stepsOf({ models, steps, follow: [] }, "here", "plain").length, 2);
  assert.deepEqual(stepsOf({ models, steps, follow: [] }, "here", "silent"), [steps.here[0]]);
});

test("a step sets its state, the next lets go of it, and in the end all is as it was", () => {
  const walk = new Walk(
    [step({ state: { view: "lines" } }), step({ exhibit: "there", state: { sampling: { top_p: 0.5 } } })],
    BEFORE,
  );
  let state = at(walk, 0, BEFORE);
  assert.equal(state.view, "lines");
  state = at(walk, 1, state);
  assert.deepEqual(
    [state.exhibit, state.view, state.sampling],
    ["there", "matrix", { ...NEUTRAL, seed: 7, top_p: 0.5 }],
  );
  const { hover, ...after } = { ...state, ...walk.back(state) };
  assert.deepEqual(after, BEFORE);
});

test("what was found for a step is given back too, and what a person chose meanwhile stays", () => {
  const walk = new Walk([step({ state: { find: "decided", view: "lines" } })], BEFORE);
  let state = at(walk, 0, BEFORE);
  assert.equal("find" in state, false);
  const found = { layer: 4, head: 5 };
  walk.found(found);
  state = { ...state, ...found, head: 3, text: "ab" };
  assert.deepEqual(walk.back(state), { layer: 1, view: "matrix", exhibit: "here" });
});

test("no interventions are the ones of the model as it was trained", () => {
  const walk = new Walk([step({ state: { interventions: {} } })], BEFORE);
  assert.equal(at(walk, 0, { ...BEFORE, interventions: { "text.0.1": "off" } }).interventions, NONE);
});

test("the veil is open around each part once, also where two lie over one another", () => {
  const box = (left, top, right, bottom) => ({ left, top, right, bottom });
  const [one, over, far] = [box(0, 0, 10, 10), box(5, 5, 20, 20), box(50, 50, 60, 60)];
  assert.deepEqual(apart([one, far, over]), [far, box(0, 0, 20, 20)]);
  const node = (rect) => ({ getBoundingClientRect: () => ({ ...rect, width: 400, height: 300 }) });
  const clip = around(node(box(0, 0, 400, 300)), [[node(one), node(over)], [node(far)]]);
  assert.match(clip, /^path\(evenodd, "M0 0H400V300H0z(M[^M]*z){2}"\)$/);
});

test("what the veil leaves open holds whole lines of text, and ends before the next ones", () => {
  const box = (left, top, right, bottom) => ({ left, top, right, bottom });
  const row = box(100, 100, 300, 120);
  assert.deepEqual(opened([row], []), [box(93, 93, 307, 127)]);
  const [above, below, behind] = [box(110, 80, 200, 96), box(110, 123, 200, 140), box(304, 102, 400, 118)];
  assert.deepEqual(opened([row], [above, below, behind]), [box(93, 96, 304, 123)]);
  const [reaching, touching] = [box(250, 102, 350, 118), box(40, 102, 108, 118)];
  assert.deepEqual(opened([row], [reaching]), [box(93, 93, 357, 127)]);
  assert.deepEqual(opened([row], [touching]), [box(108, 93, 307, 127)]);
  assert.equal(opened([row, box(310, 100, 400, 120)], []).length, 1, "the margins of two do not lie over one another");
});
