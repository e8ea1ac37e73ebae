// The sentences that the attention exhibit's scripts write.

import { count, decimal, percent, plural, wholePercent } from "../../format.js";

export const IDLE =
  "Every head is on. Switch one off: its output is then multiplied by 0 before it reaches the stream.";

const KINDS = {
  encoder: "Every token of the text reads from all of it, on both sides.",
  decoder: "What it has written so far reads from itself; later tokens are not there yet.",
  cross: "What it writes, down, reads from the text that it was given, across.",
};

const LEGENDS = {
  lines: "of a row; lines below 2 % are left out",
  causal: "of a row; hatched: not allowed, it comes later",
  whole: "of a row",
  change: "since the pin",
  elsewhere: "since the pin; grey: another token",
};

/** The same of a model that predicts no token, whose decoder reads the text as well. */
const SILENT_KINDS = {
  decoder: "The decoder, which reads the text again, reads from itself; later tokens are not there yet.",
  cross: "The text as the decoder reads it, down, reads from what was encoded, across.",
};

/** What a kind of attention is, for a model that has several. */
export const aboutKind = (kind, predicts) => (predicts ? KINDS : { ...KINDS, ...SILENT_KINDS })[kind] ?? "";

export const headTitle = (layer, head) => `Layer ${layer + 1}, head ${head + 1}`;
export const switchLabel = (layer, head) => `${headTitle(layer, head)}: on`;
export const switchState = (off) => (off ? "off" : "on");

/** A head of the atlas, and the mark that switches it. */
export const headLabel = (layer, head, off) => `layer ${layer + 1}, head ${head + 1}${off ? ", off" : ""}`;

const HABITS = { before: "the token before", itself: "itself", after: "the token after", first: "the first token" };

/** What a head does on this text: see habit.js. */
export const habitSaid = (habit) =>
  habit ? `mostly reads ${HABITS[habit.place]} (${wholePercent(habit.share)})` : "reads here and there";

/** What stands for a number that is on its way. */
export const UNKNOWN = "…";

/** Over the atlas: as long as nothing is pointed at; what the head that is pointed at has of the open cell, null as long as that is on its way, and does. */
export const ATLAS_HINT = "layers across, heads down";
export const headHint = (layer, head, share, habit) =>
  `layer ${layer + 1}, head ${head + 1}: ${share === null ? UNKNOWN : wholePercent(share)} of the cell; ${habitSaid(habit)}`;
export const markTitle = (off) => (off ? "switch this head on" : "switch this head off");
export const atlasScale = (since) => (since ? "since the pin" : "of a row");

/** How to read the large head: as `lines`, or the matrix of a `causal` head or another; `changes` are drawn since a pin. */
export function legend({ lines, causal, changes, differ }) {
  if (changes) return LEGENDS[differ ? "elsewhere" : "change"];
  return LEGENDS[lines ? "lines" : causal ? "causal" : "whole"];
}

/** Beside the switch that leaves out where attention rests: `names` of those tokens, each once. */
export function aboutSinks(names, hidden) {
  if (names.length === 0) return "No token here that attention rests on.";
  const which = names.join(", ");
  if (!hidden) return `${which} shown: many heads rest there when they find nothing to read.`;
  return `Left out: ${which}. The rest of each row is scaled to 100\u00a0%; a row with less than 1\u00a0% left is empty.`;
}

export const leftOut = (read) => `${read} is left out: attention rests there`;

/** What one cell of a long head says before it is there in full. */
export const atMost = (reader, read, most) => `${reader} reads at most ${wholePercent(most)} from ${read}`;
/** Under the overview of a long head: lines. */
export const overview = (tokens) => [`all ${count(tokens)} tokens`, "drag the window"];
/** Over the open row of a long head. */
export const wholeRow = (reader, keys, largest) =>
  `all that ${reader} reads, of ${count(keys)} tokens; the tallest is ${largest}`;

export const resting = (lines) => (lines ? "left: who reads; right: who is read" : "each row reads from the columns");

export const matrixLabel = (head, changes) => `${head}: attention matrix${changes ? ", change since the pin" : ""}`;

/** What one cell says of a probability; `then` is what it was when pinned, or null. */
export const reads = (reader, read, now, then) =>
  `${reader} reads ${wholePercent(now)} from ${read}${then === null ? "" : `, ${wholePercent(then)} when pinned`}`;

export const mayNotRead = (reader, read) => `${reader} may not read ${read}: it comes later`;

/** The steps of the open cell. */
export const rooted = (d) => (Number.isInteger(d) ? count(d) : decimal(d));
export const scaleStep = (scales, d) => (scales ? `scale: divided by √${rooted(d)}` : "scale: none, T5 has no √d");
export const capStep = (cap) => `soft cap: ${count(cap)} · tanh(it / ${count(cap)})`;
export const maskStep = (allowed) => (allowed ? "may attend" : "not allowed");

/** `since`: a state is pinned; `isSame`: both tokens are those of then; `then`: the probability then, once it is known. */
export function softmaxStep(since, isSame, then) {
  if (!since || (isSame && then === null)) return "softmax over the row";
  return `softmax; ${isSame ? `when pinned ${percent(then)}` : "another token when pinned"}`;
}

export const PRODUCTS = "q × k";
export const vectorsLabel = (d, dot) => `query and key of ${d} numbers each; their products add up to ${dot}`;
export const vectorsScale = (largest, tallest, dot) =>
  `colours ±${decimal(largest)}, bars ±${decimal(tallest)}; sum ${dot}`;
export const scoresScale = (lowest, highest) => `scores of the row, ${decimal(lowest, 1)} to ${decimal(highest, 1)}`;
export const softmaxScale = (most, pinned) =>
  `softmax: 0 to ${percent(most)}${pinned ? "; line: when pinned" : `, in all 100${"\u00a0"}%`}`;

/** Why scores are divided: one row's softmax, divided or not, and whether the model has it so. */
export function softened({ entropy_bits: bits, probabilities }, divided, own) {
  const how = divided ? "divided" : "not divided";
  const whose = own ? " (this model)" : "";
  return `${how}${whose}: entropy ${decimal(bits)} bits, largest ${percent(Math.max(...probabilities))}`;
}

export const pairs = (n) => plural(n, "pair");

export const softenedLabel = (own, other) =>
  `the row's softmax as the model has it, entropy ${decimal(own)} bits, and the other way, ${decimal(other)} bits`;

/** What attention costs: of `n` queries and `m` keys, a model `d` wide, and a convolution over `kernel` neighbours. */
export const costName = (own) => (own ? "self-attention" : "cross-attention");
export const costFormula = (own) => (own ? "n² · d" : "n · m · d");

export function costSize(own, n, m, d, kernel, most) {
  const lengths = own ? `n = ${plural(n, "token")}` : `n = ${plural(n, "token")} decoded, m = ${count(m)} encoded`;
  return `${lengths}, d = ${count(d)}, k = ${kernel}; a full bar: ${count(most)} operations`;
}

export function costVerdict(own, m, d) {
  const n = own ? "n" : "m";
  const here = `${count(m)} here, against ${count(d)}`;
  if (m === d) return `Attention costs as many operations as recurrence where ${n} equals d: ${here}.`;
  const [beside, side] = m < d ? ["fewer", "below"] : ["more", "above"];
  return `Attention costs ${beside} operations than recurrence while ${n} is ${side} d: ${here}.`;
}
