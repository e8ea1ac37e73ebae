// Equations hold as they are printed: what a reader computes of the numbers on screen is the result on screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clockSummary } from "../../static/js/exhibits/cache/words.js";
import { weightSum } from "../../static/js/exhibits/experts/words.js";
import { grows } from "../../static/js/exhibits/machine/words.js";
import { angle, angleBetween, READS } from "../../static/js/exhibits/positions/words.js";
import { sumOfParts } from "../../static/js/exhibits/residual/words.js";
import { edgeDigits, sumDigits } from "../../static/js/exhibits/sampling/words.js";
import { scoreDigits } from "../../static/js/exhibits/tokens/words.js";
import { comesOut, decimal, decimalsOf } from "../../static/js/format.js";
import { dotProduct } from "../../static/js/page/words.js";

const RUNS = 2000;

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The numbers that stand in a sentence. */
const printed = (text) =>
  (text.match(/[−-]?\d[\d,]*(\.\d+)?/g) ?? []).map((one) => Number(one.replaceAll(",", "").replace("−", "-")));

/** That a result on screen, with so many decimals, is what the numbers beside it give. */
function holds(computed, result, decimals, said) {
  assert.ok(Math.abs(computed - result) <= 0.5 * 10 ** -decimals + 1e-9, `${said}: ${computed}`);
}

const decimalsIn = (number) => (String(number).split(".")[1] ?? "").length;

test("numbers get no more decimals than their equation needs", () => {
  const sum = (a, b, c) => decimalsOf(1, (rounded, digits) => comesOut(rounded(a) + rounded(b), c, digits));
  assert.equal(sum(49.5, 19.8, 69.3), 1);
  assert.equal(sum(49.53, 19.83, 69.36), 2); // 49.5 + 19.8 = 69.4
  assert.equal(sum(1, 1, 3), 7); // none would do
});

test("what lies half-way comes out by no rule", () => {
  assert.ok(comesOut(0.34, 0.3, 1));
  assert.ok(!comesOut(0.25, 0.3, 1));
  assert.ok(!comesOut(0.25, 0.2, 1));
});

test("the chosen experts' probabilities add up, and their quotient is the weight", () => {
  const random = seeded(1);
  let long = 0;
  for (let run = 0; run < RUNS; run++) {
    const probabilities = [0.05 + 0.5 * random(), 0.45 * random()].sort((a, b) => b - a);
    const weights = probabilities.map((one) => one / (probabilities[0] + probabilities[1]));
    const said = weightSum({ chosen: [0, 1], probabilities, weights }, { normalize: true, scale: 1 });
    const [first, second, whole, , over, under, weight] = printed(said);
    holds(first + second, whole, Math.max(1, decimalsIn(whole)), said);
    long += Number(decimalsIn(whole) > 2);
    assert.deepEqual([over, under], [first, whole]);
    holds(over / under, weight, 3, said);
  }
  assert.ok(long < RUNS / 20, `${long} have more than two decimals`);
});

test("the two times give the ratio behind them", () => {
  const random = seeded(2);
  for (let run = 0; run < RUNS; run++) {
    const kept = 0.05 + 5 * random();
    const said = clockSummary({ n: 1, kept, anew: kept * (0.5 + 20 * random()), runs: 5, server: "x" });
    const [cached, uncached, times] = printed(said);
    holds(uncached / cached, times, 1, said);
  }
});

test("a place times a frequency is the angle, in radians and in degrees", () => {
  const random = seeded(3);
  for (let run = 0; run < RUNS; run++) {
    const frequency = 10 ** (-4 * random());
    const [query, key] = [Math.floor(256 * random()), Math.floor(256 * random())];
    const [place, factor, radians, degrees] = printed(angle(query, frequency));
    holds(place * factor, radians, 2, angle(query, frequency));
    holds((radians * 180) / Math.PI, degrees, 1, angle(query, frequency));
    const [from, , by, between] = printed(angleBetween(query, key, frequency).replace("− ", ""));
    holds((from - key) * by, between, 2, angleBetween(query, key, frequency));
    const [, at, turn, angled] = printed(READS.rope(4, query, frequency));
    holds(at * turn, angled, 2, READS.rope(4, query, frequency));
    const wave = READS.sinusoidal("cos", query, frequency, Math.cos(query * frequency));
    const [row, step, height] = printed(wave);
    holds(Math.cos(row * step), height, 3, wave);
    const slope = READS.alibi(2 ** (-8 * random()), query, -1);
    assert.ok(printed(slope).every(Number.isFinite));
  }
});

test("a slope times a distance is what is added", () => {
  for (let head = 1; head <= 16; head++)
    for (let distance = 0; distance < 256; distance++) {
      const slope = 2 ** (-head / 2);
      const said = READS.alibi(slope, distance, -slope * distance);
      const [by, steps, added] = printed(said);
      holds(by * steps, added, 3, said);
    }
});

test("a stream's two lengths give its growth", () => {
  const random = seeded(4);
  for (let run = 0; run < RUNS; run++) {
    const first = 0.3 + 20 * random();
    const said = grows({ name: "text" }, first, first * (0.5 + 90 * random()));
    const [before, behind, times] = printed(said);
    holds(behind / before, times, times >= 100 ? 0 : times >= 10 ? 1 : 2, said);
    assert.match(said, /: ×\u00a0/); // no line ends between the sign and its number
  }
});

test("the sum of the parts is the logit where it says so, and nearly so elsewhere", () => {
  const whole = { against: null, scale: 1, cap: null, capped: null, behind: false };
  assert.match(sumOfParts({ ...whole, sum: 1.50344, logit: 1.50341 }), /1\.5034 = logit 1\.5034/);
  assert.match(sumOfParts({ ...whole, sum: 1.50346, logit: 1.50344 }), /1\.5035 ≈ logit 1\.5034/);
  const bounded = { ...whole, sum: 40, logit: 26.10175, cap: 30, capped: 26.10175, behind: true };
  assert.match(sumOfParts(bounded), /parts 40\.0000, .* before the soft cap\. Bounded at ±30 it comes to 26\.1017/);
});

test("a dot product over the root of its width is the scaled score", () => {
  const random = seeded(5);
  for (let run = 0; run < RUNS; run++) {
    const dot = 60 * (random() - 0.5);
    const cell = { dot, scaled: dot / Math.sqrt(24), scales: true, divisor: 24 };
    const [written] = printed(dotProduct(cell));
    holds(written / Math.sqrt(24), Number(cell.scaled.toFixed(2)), 2, String(dot));
  }
  assert.equal(dotProduct({ dot: 1.005001, scaled: 1.005001, scales: false, divisor: 1 }), "1.01");
});

test("what stands along a path adds up to what stands behind it", () => {
  const random = seeded(6);
  for (let run = 0; run < RUNS; run++) {
    const scores = Array.from({ length: 1 + Math.floor(8 * random()) }, () => -9 * random());
    const total = scores.reduce((sum, one) => sum + one, 0);
    const add = (digits) => scores.reduce((sum, one) => sum + Number(decimal(one, digits).replace("−", "-")), 0);
    const path = scores.map((one) => ({ log_probability: one, depth: scores.length, score: total }));
    for (const digits of [scoreDigits(scores, total), edgeDigits([path])])
      holds(add(digits), Number(total.toFixed(2)), 2, scores.join(" + "));
    const written = Number(total.toFixed(sumDigits([path.at(-1)])));
    holds(written / scores.length, Number((total / scores.length).toFixed(2)), 2, String(total));
  }
});
