// Numbers as the page writes them: a true minus sign, a fixed number of decimals so that columns align.

const MINUS = "\u2212";
const NBSP = "\u00a0";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const MORE_DECIMALS = 6; // at the most, for an equation
const grouped = new Intl.NumberFormat("en-GB");

/**
 * 14.31, −0.40
 *
 * @param {number} value
 */
export function decimal(value, digits = 2) {
  if (!Number.isFinite(value)) return value < 0 ? `${MINUS}∞` : "∞";
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/**
 * +0.87, −0.40, 0.00
 *
 * @param {number} value
 */
export function signed(value, digits = 2) {
  const text = decimal(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/**
 * 31.0 %, 0.04 %, < 0.01 %
 *
 * @param {number} probability
 */
export function percent(probability) {
  const value = 100 * probability;
  if (value === 0 || value === 1e2) return `${value}${NBSP}%`;
  if (value < 0.01) return `<${NBSP}0.01${NBSP}%`;
  return `${value.toFixed(value < 0.095 ? 2 : 1)}${NBSP}%`;
}

/**
 * 31 %, < 1 %
 *
 * @param {number} probability
 */
export function wholePercent(probability) {
  return probability < 0.01 ? `<${NBSP}1${NBSP}%` : `${Math.round(100 * probability)}${NBSP}%`;
}

/**
 * 4,096
 *
 * @param {number} value
 */
export function count(value) {
  return grouped.format(value).replace("-", MINUS);
}

const BINARY = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

/**
 * 27.0 KiB, 1.00 GiB: three figures.
 *
 * @param {number} bytes
 */
export function size(bytes) {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < BINARY.length - 1) [value, unit] = [value / 1024, unit + 1];
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${decimal(value, digits)}${NBSP}${BINARY[unit]}`;
}

/**
 * 10⁻³
 *
 * @param {number} exponent
 */
export function powerOfTen(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]);
  return `10${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}

/**
 * 5.7 · 10⁻⁶, or 0
 *
 * @param {number} value
 */
export function scientific(value) {
  if (value === 0) return "0";
  const [factor, exponent] = value.toExponential(1).split("e");
  return `${factor} · ${powerOfTen(Number(exponent))}`;
}

/**
 * "1 token", "8 tokens"
 *
 * @param {number} value
 * @param {string} noun
 */
export function plural(value, noun) {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/**
 * How many decimals the numbers of an equation need, from `least` on, for it to hold as it is printed: `holds` is asked
 * with what rounds a number to so many decimals, and with how many they are.
 *
 * @param {number} least
 * @param {(rounded: (value: number) => number, digits: number) => boolean} holds
 */
export function decimalsOf(least, holds) {
  let digits = least;
  while (digits < least + MORE_DECIMALS && !holds((value) => Number(value.toFixed(digits)), digits)) digits++;
  return digits;
}

/**
 * Whether what a reader computes of printed numbers is the printed result, which is `exact` to so many decimals; half-way
 * between two it is not, as the one rounds such a number up and the other to even.
 *
 * @param {number} computed
 * @param {number} exact
 * @param {number} digits
 */
export function comesOut(computed, exact, digits) {
  return Math.abs(computed - Number(exact.toFixed(digits))) < 0.499 * 10 ** -digits;
}
