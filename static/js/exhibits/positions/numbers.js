// Numbers as the positions exhibit writes them: to three digits that count, or as many as an equation needs.

import { comesOut, count, decimal, decimalsOf } from "../../format.js";

/** A number to three digits that count, without a power of ten. */
export function short(value) {
  return value === 0 ? "0" : decimal(value, digitsOf(value));
}

const digitsOf = (value) => Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));

/** A factor of `times`, to three digits that count or as many as make what `of` makes of the product come out. */
export function factor(value, times, decimals, of = (product) => product) {
  const holds = (rounded) => comesOut(of(times * rounded(value)), of(times * value), decimals);
  return decimal(value, decimalsOf(digitsOf(value), holds));
}

/** A length in tokens, to three digits. */
export function tokensLong(value) {
  return value < 100 ? decimal(value, 1) : count(Number(value.toPrecision(3)));
}
