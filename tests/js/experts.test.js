// Who is chosen, and who is next in line: by probability, within groups, and where a bias takes part in the choice.

import assert from "node:assert/strict";
import test from "node:test";
import { layersOf } from "../../static/js/exhibits/experts/view.js";
import { weightSum } from "../../static/js/exhibits/experts/words.js";

const CONFIG = { n_experts: 4, top_k: 1, layers: [2] };
const arrays = {
  router_logits: Float32Array.of(2, 1, 0, -1),
  router: Float32Array.of(0.64, 0.24, 0.09, 0.03),
  weights: Float32Array.of(0, 0, 0.2, 0),
};

function row(ranked, biased) {
  const experts = { layers: [{ load: [0, 0, 1, 0], balance_loss: 1 }], biased };
  const frame = { tokens: [{}], arrays: ranked ? { ...arrays, ranked: Float32Array.from(ranked) } : arrays, experts };
  return layersOf(frame, CONFIG)[0].rows[0];
}

test("no expert outside of a token's groups is next in line", () => {
  const { chosen, runnerUp, short } = row([-Infinity, -Infinity, 0.09, 0.03], false);
  assert.deepEqual([chosen, runnerUp, short], [[2], 3, 1]);
});

test("with a bias in the choice, what the next one lacks is told in what they are chosen by", () => {
  const { runnerUp, short } = row([0.5, 0.25, 0.75, 0.125], true);
  assert.deepEqual([runnerUp, short], [0, 0.25]);
});

test("a weight that is not divided by the sum is its probability, times the scale", () => {
  const routed = { chosen: [2], probabilities: [0.64, 0.24, 0.08, 0.04], weights: [0, 0, 0.2, 0] };
  assert.match(weightSum(routed, { normalize: false, scale: 2.5 }), /that of E3 is 2\.5 × 8\.0\u00a0% = 0\.200\.$/);
});
