// The sentences that the smaller exhibit's scripts write. Layers, heads, rows and columns are numbered from 0 here, from 1
// for a reader.

import { count, decimal, percent, plural, scientific, signed, wholePercent } from "../../format.js";
import { visible } from "../../page/chips.js";

const NBSP = "\u00a0";
const STACKS = { text: "", encoder: "encoder ", decoder: "decoder ", cross: "cross " };

/** 9.84 MB, 412 kB */
export function size(bytes) {
  if (bytes < 1e6) return `${count(Math.round(bytes / 1e3))}${NBSP}kB`;
  return `${decimal(bytes / 1e6)}${NBSP}MB`;
}

/** 0.042 bits; of very few 3.1 · 10⁻⁵ bits */
export const bits = (value) =>
  `${value === 0 || value >= 0.001 ? decimal(value, 3) : scientific(value)}${NBSP}${value === 1 ? "bit" : "bits"}`;

// The sliders

export const bitsSaid = (value) => (value >= 16 ? "16, as stored" : `${value}`);
export const zeroedSaid = (value) => (value ? `${value}${NBSP}%` : "none");
export const removedSaid = (value, of) => (value ? `${count(value)} of ${count(of)}` : `none of ${count(of)}`);

export const MEASURE =
  "The first move of a slider of heads or layers measures what each costs on this text; what costs least goes first.";
export const measuring = (done, total) =>
  `Measuring what each head and layer costs on this text: ${count(done)} of ${total ? count(total) : "all"}.`;
export const failed = (error) => `What each part costs could not be measured: ${error}`;
export const OTHER_TEXT =
  "What is removed was chosen on another text, or elsewhere on this page; move a slider to choose on this one.";

/** Which part goes next, of those whose costs are known. */
export function nextToGo(head, layer) {
  const said = [head, layer].filter(Boolean).map((part) => `${partName(part)} (${bits(part.kl_bits)} alone)`);
  return said.length ? `What costs least goes first. Next: ${said.join(", ")}.` : "Nothing is left to remove.";
}

/** "head 3 of layer 2", "encoder layer 4" */
export const partName = ({ kind, layer, head }) =>
  head === null ? `${STACKS[kind]}layer ${layer + 1}` : `head ${head + 1} of ${STACKS[kind]}layer ${layer + 1}`;

// What is left

export const ofWhole = ({ before, after }) =>
  after === before ? "as stored, nothing taken away" : `of ${size(before)}, ${percent(after / before)}`;
export const LOST = "lost at this prediction: KL(before ‖ after)";

/** The whole text in a sentence. */
export function overText({ bits: mean, most, token, same, places }) {
  if (most === 0) return `At all ${plural(places, "place")} of the text both say the very same.`;
  return (
    `Over ${plural(places, "place")} of the text ${bits(mean)} on average, most at “${visible(token)}” ` +
    `(${bits(most)}); the likeliest entry is the same at ${count(same)}.`
  );
}

/** Over the bars of the places: how high the highest is. */
export const most = (value) => `bits at each place, up to ${bits(value)}`;
export const placesSaid = (text) => `The divergence at each place of the text. ${overText(text)}`;

export const was = (probability) => `was ${percent(probability)}`;

// The matrix

/** How a matrix is called in the list: as the file has it. */
export const matrixName = (name) => name.replace(/\.weight$/, "");

export function matrixSaid({ shape: [rows, columns], rows: shown, columns: across, expert, zero }) {
  const which = expert ? "the first expert’s, " : "";
  const zeros = zero ? ` ${percent(zero / (rows * columns))} of all are zero after.` : "";
  return `${which}${count(rows)} rows of ${count(columns)} weights; drawn are ${count(shown)} × ${count(across)}.${zeros}`;
}

export const POINT = "Point at a weight, or go there with the arrow keys: its row and its levels stand below.";

/** The weight that is looked at: "Row 3, column 17: −0.113 → −0.108, level −3 of ±7, a step is 0.036." */
export function weight({ row, column }, before, after, { levels, step }) {
  const place = `Row ${row + 1}, column ${column + 1}: ${signed(before, 4)} → ${signed(after, 4)}`;
  if (!levels) return `${place}.`;
  return `${place}, level ${signed(step ? Math.round(after / step) : 0, 0)} of ±${count(levels)}; a step is ${decimal(step, 4)}.`;
}

/** What the line of levels shows. */
export function levelsSaid({ row, from, to, levels }) {
  const whose = `Weights ${count(from + 1)} to ${count(to)} of row ${count(row + 1)}`;
  if (!levels) return `${whose}: above as they were, below as they are; at 16 bits there are no levels to move to.`;
  return `${whose}: above as they were, below each on the nearest of ${count(2 * levels + 1)} levels, the thin lines.`;
}
export const matrixPicture = (name, isAfter) =>
  `The matrix ${matrixName(name)} ${isAfter ? "after" : "before"}, a cell for each weight`;
export const BEFORE = "before";
export const AFTER = "after";

// The curves

export const WAYS = {
  group: "bits, 32 share a scale",
  row: "bits, a row shares one",
  zeroed: "weights to zero",
  heads: "heads",
  layers: "layers",
};
export const WAYS_SHORT = { group: "bits, 32", row: "bits, row", zeroed: "zeros", heads: "heads", layers: "layers" };
export const BYTES = "MB of weights left";
export const KL = "bits of KL divergence";

/** A point of a curve in words. */
export function point(way, [at, bytes, kl_bits, same]) {
  const what = {
    group: `${at} bits, a scale for 32 weights`,
    row: `${at} bits, a scale for a row`,
    zeroed: `${at}${NBSP}% of the weights zero`,
    heads: `${plural(at, "head")} removed`,
    layers: `${plural(at, "layer")} removed`,
  }[way];
  return `${what}: ${size(bytes)}, ${bits(kl_bits)}, the same entry likeliest at ${wholePercent(same)}`;
}

export const POINT_CURVE = "point at a dot to read it; a click sets the slider there";
export const curvesSaid = (n, points) =>
  `Bytes and divergence over ${count(n)} predictions on held-out text: ${points.join("; ")}`;
export const heldOut = (n) =>
  `The dots are means over ${count(n)} predictions on stories that no bundled model was trained on, measured once by ` +
  "python -m export smaller: heads and layers in the order of what each costs there alone. The ring is this text, now.";
export const unmeasured = (model) => `Nobody has measured ${model}: python -m export smaller does it.`;

// The race

const GRAPHS = { fused: "", encoder: "encoder: ", decoder: "decoder: " };

/** What was run: "32 tokens", "one token more after 127". */
export const raceRow = ({ graph, n_tokens, n_past }) =>
  GRAPHS[graph] + (n_past ? `one token more after ${count(n_past)}` : `${count(n_tokens)} tokens at once`);
export const milliseconds = (ms) => `${decimal(ms)}${NBSP}ms`;
export const ofTime = ({ float32_ms, int8_ms }) => wholePercent(int8_ms / float32_ms);

/** In how many of the runs int8 is the quicker one. */
function quicker(rows) {
  const n = rows.filter(({ float32_ms, int8_ms }) => int8_ms < float32_ms).length;
  return `Of ${plural(rows.length, "run")} int8 is the quicker in ${n === 0 ? "none" : count(n)}.`;
}

export function raced({ machine, cores, runtime, bytes, predictions, kl_bits, same, rows }) {
  return (
    `${quicker(rows)} Measured once by python -m export race, not live: medians on ${machine}, ${plural(cores, "core")}, ${runtime}. ` +
    `The int8 graphs read ${size(bytes.int8)} of weights, those of float32 ${size(bytes.float32)}, stored in half ` +
    `precision. On held-out text int8 is ${bits(kl_bits)} away over ${count(predictions)} predictions, with the same ` +
    `entry likeliest at ${percent(same)}.`
  );
}
export const notRaced = (model) => `Nobody has raced ${model}: python -m export race does it.`;
