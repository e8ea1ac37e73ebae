// How numbers are written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { count, decimal, percent, plural, powerOfTen, scientific, signed } from "../../static/js/format.js";

test("a decimal has a true minus sign, and none before a zero", () => {
  assert.equal(decimal(14.306), "14.31");
  assert.equal(decimal(-0.4), "\u22120.40");
  assert.equal(decimal(-0.001), "0.00");
  assert.equal(decimal(2 / 3, 3), "0.667");
});

test("a count below zero has the same minus sign", () => {
  assert.equal(count(-4096), "\u22124,096");
});

test("what is not finite is infinite, on its side of zero", () => {
  assert.equal(decimal(Number.POSITIVE_INFINITY), "∞");
  assert.equal(decimal(Number.NEGATIVE_INFINITY), "\u2212∞");
});

test("a share keeps one decimal, two where one would say nothing, and none at its ends", () => {
  assert.equal(percent(0.31), "31.0\u00a0%");
  assert.equal(percent(0.0004), "0.04\u00a0%");
  assert.equal(percent(0.00095), "0.1\u00a0%");
  assert.equal(percent(0.00001), "<\u00a00.01\u00a0%");
  assert.equal(percent(0), "0\u00a0%");
  assert.equal(percent(1), "100\u00a0%");
});

test("a count is grouped, and one thing is one", () => {
  assert.equal(count(4096), "4,096");
  assert.equal(plural(1, "token"), "1 token");
  assert.equal(plural(8192, "token"), "8,192 tokens");
});

test("a signed number says which side of zero it is on, unless it is written as zero", () => {
  assert.equal(signed(0.5), "+0.50");
  assert.equal(signed(-1.25), "\u22121.25");
  assert.equal(signed(0.001), "0.00");
  assert.equal(signed(0.001, 3), "+0.001");
});

test("a power of ten stands in superscripts", () => {
  assert.equal(powerOfTen(-12), "10⁻¹²");
  assert.equal(powerOfTen(3), "10³");
  assert.equal(scientific(0.0000057), "5.7 · 10⁻⁶");
  assert.equal(scientific(0), "0");
});
