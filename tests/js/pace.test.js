// What is done often is done at once as long as the allowance lasts, and the last of it always.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { paced } from "../../static/js/state/pace.js";

test("the first ones are done at once, later ones as the allowance fills, and the last is never left out", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let time = 0;
  const done = [];
  const ask = paced(() => done.push(time), { most: 3, aSecond: 2, now: () => time });
  const pass = (ms) => {
    time += ms;
    mock.timers.tick(ms);
  };
  for (let key = 0; key < 10; key++) {
    ask();
    pass(10);
  }
  assert.deepEqual(done, [0, 10, 20]);
  pass(400);
  assert.equal(done.length, 4);
  pass(5_000);
  assert.equal(done.length, 4);
  ask();
  assert.equal(done.length, 5);
  mock.timers.reset();
});
