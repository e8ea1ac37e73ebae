// Questions that wait until what they depend on has rested.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resting } from "../../static/js/state/resting.js";

const PAUSE = 100;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A question whose answers the test gives, and what was shown. */
function make(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [asked, shown] = [[], []];
  const ask = (what) => new Promise((resolve, reject) => asked.push({ what, resolve, reject }));
  const { question, now } = resting(ask, (...told) => shown.push(told), PAUSE);
  const pass = (time) => context.mock.timers.tick(time);
  return { asked, shown, question, now, pass };
}

test("a question is asked once it has rested, and only the newest", (context) => {
  const { asked, question, pass } = make(context);
  question("one", 1);
  pass(PAUSE - 1);
  question("two", 2);
  pass(PAUSE - 1);
  assert.equal(asked.length, 0);
  pass(1);
  assert.deepEqual(
    asked.map(({ what }) => what),
    [2],
  );
});

test("the same question is not asked twice", (context) => {
  const { asked, question, pass } = make(context);
  for (let i = 0; i < 3; i++) {
    question("one", 1);
    pass(PAUSE);
  }
  assert.equal(asked.length, 1);
});

test("an answer to an older question is not shown, and the newest is asked when it is back", async (context) => {
  const { asked, shown, question, pass } = make(context);
  question("one", 1);
  pass(PAUSE);
  question("two", 2);
  pass(PAUSE);
  assert.equal(asked.length, 1);
  asked[0].resolve("first");
  await settled();
  assert.deepEqual(shown, []);
  asked[1].resolve("second");
  await settled();
  assert.deepEqual(shown, [["second", null, 2]]);
});

test("what went wrong is shown in the place of an answer", async (context) => {
  const { asked, shown, question, pass } = make(context);
  question("one", 1);
  pass(PAUSE);
  asked[0].reject(new Error("refused"));
  await settled();
  assert.deepEqual(shown, [[null, "refused", 1]]);
});

test("what is needed at once does not wait for the pause", async (context) => {
  const { asked, shown, question, now } = make(context);
  question("one", 1);
  const done = now();
  asked[0].resolve("first");
  await done;
  assert.deepEqual(shown, [["first", null, 1]]);
});
