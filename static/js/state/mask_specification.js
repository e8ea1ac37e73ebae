// A mask as one short text, the same in the state, the address and a request: "window:4", "document:5:9",
// "painted:12.BITS" (see app/wire/mask_specification.py, which makes the cells of it). Only painted cells are made here, so that paint
// dries at once.

export const MOST_PAINTED = 64;
const PAINTED = /^painted:(\d{1,2})\.([\w-]*)$/;
/** The limits of a kind's numbers, and what each is at first: [low, high, initial], as in the Python file. */
/** @type {Record<string, number[][]>} */
export const NUMBERS = {
  window: [[1, 128, 4]],
  strided: [[2, 64, 4]],
  fixed: [
    [2, 64, 4],
    [1, 64, 1],
  ],
  longformer: [
    [2, 128, 4],
    [0, 16, 1],
  ],
  bigbird: [
    [1, 32, 2],
    [0, 8, 1],
    [0, 4, 1],
    [0, 999, 0],
  ],
};
const STARTS = [1, 4095];
const MOST_STARTS = 32;
/** @type {Record<string, string>} */
const NAMES = {
  window: "sliding window",
  strided: "strided",
  fixed: "fixed",
  longformer: "Longformer",
  bigbird: "BigBird",
  document: "documents",
  painted: "painted by hand",
};

/**
 * The kind of a mask and its numbers; a painted one has none.
 *
 * @param {string} mask
 */
export function parts(mask) {
  const [kind, ...numbers] = mask.split(":");
  return { kind, numbers: kind === "painted" ? [] : numbers.map(Number) };
}

/**
 * @param {string} kind
 * @param {number[]} numbers
 */
export function written(kind, numbers) {
  return [kind, ...numbers].join(":");
}

/**
 * The mask in a text of an address; null for what is none. A number outside its limits is brought to the nearest, one
 * that is left out is as it is at first, and of too many the first count.
 *
 * @param {string} text
 */
export function read(text) {
  const { kind, numbers } = parts(text);
  if (kind === "painted") return square(text) ? text : null;
  if (!/^[a-z]+(:\d{1,6})*$/.test(text)) return null;
  if (kind === "document") {
    const starts = new Set(numbers.map((start) => held(start, STARTS)));
    return written(kind, [...starts].sort((a, b) => a - b).slice(0, MOST_STARTS));
  }
  if (!Object.hasOwn(NUMBERS, kind)) return null;
  return written(
    kind,
    NUMBERS[kind].map(([low, high, initial], index) => held(numbers[index] ?? initial, [low, high])),
  );
}

/**
 * @param {number} value
 * @param {number[]} limits
 */
function held(value, [low, high]) {
  return Math.min(high, Math.max(low, value));
}

/**
 * Whether a stack can have the mask: some look back only, as a decoder does.
 *
 * @param {string} mask
 * @param {Pick<Stack, "causal">} stack
 */
export function suits(mask, { causal }) {
  return causal || !["strided", "fixed"].includes(parts(mask).kind);
}

/**
 * In few words: "sliding window 4".
 *
 * @param {string} mask
 */
export function told(mask) {
  const { kind, numbers } = parts(mask);
  return [NAMES[kind], kind === "document" ? "" : numbers.join(" ")].filter(Boolean).join(" ");
}

/**
 * The forbidden cells of a painted mask: {size, cells}, row by row, 1 where forbidden; null for any other text.
 *
 * @param {string} mask
 */
export function square(mask) {
  const [, digits, bits] = PAINTED.exec(mask) ?? [];
  const size = Number(digits);
  if (!bits || size < 1 || size > MOST_PAINTED) return null;
  const bytes = decoded(bits.replaceAll("-", "+").replaceAll("_", "/"));
  if (bytes.length !== Math.ceil(size ** 2 / 8)) return null;
  const cells = Uint8Array.from({ length: size ** 2 }, (_, at) => (bytes.charCodeAt(at >> 3) >> (7 - (at & 7))) & 1);
  return { size, cells };
}

/**
 * What base64 stands for; nothing for what is none, such as a link that was cut off.
 *
 * @param {string} base64
 */
function decoded(base64) {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}

/**
 * The painted mask with these forbidden cells.
 *
 * @param {{size: number, cells: Uint8Array}} square
 */
export function painted({ size, cells }) {
  const bytes = new Uint8Array(Math.ceil(size ** 2 / 8));
  cells.forEach((forbidden, at) => {
    if (forbidden) bytes[at >> 3] |= 128 >> (at & 7);
  });
  const bits = btoa(String.fromCharCode(...bytes));
  return `painted:${size}.${bits.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}
