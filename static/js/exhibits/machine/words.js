// The sentences and labels that the machine's scripts write: into the drawing, for a screen reader, and below it. Blocks,
// heads and experts are numbered from 0 here, from 1 for a reader.

import { comesOut, count, decimal, decimalsOf, percent } from "../../format.js";

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const inWords = (n) => NUMBERS[n] ?? count(n);

const lengthDigits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** 46.6, 949, 0.63; with `more` decimals where an equation needs them. */
export function length(value, more = 0) {
  const digits = lengthDigits(value) + more;
  return digits === 0 ? count(Math.round(value)) : decimal(value, digits);
}

/** What one block of a stack is called. */
export function blockName({ name }, layer) {
  const kind = { encoder: "Encoder block", decoder: "Decoder block" }[name] ?? "Block";
  return `${kind} ${layer + 1}`;
}

export const openOf = (layers) => `of ${layers}, open`;
export const OTHERS = "how others build it";
export const EXPERTS = "Experts";
export const WRITES = "what it writes";
/** Of a model that predicts no token, whose decoder reads the text as well. */
export const READS_AGAIN = "the text again";
export const POOLER = "pooler";
export const EMBEDDING = "embedding";

/** What stands behind the last block: a norm, unless those stand behind each sum, and the head of a model that has one. */
export function behindBlocks({ post_norm: post, stacks: [stack], predicts }, two) {
  if (!predicts) return post ? "" : "final norm";
  if (!two && !stack.causal) return `${post ? "" : "final norm, "}dense, norm, unembedding`;
  return two ? "unembedding" : "final norm, unembedding";
}

const HEADS = { one: "above, each head’s pattern", two: "over each river, the patterns of the heads that read it" };
const DOTS = "a dot for each expert, as large as its share of the tokens";
const BARS = "a bar for each token, as long as the square root of what the MLP adds";
const FOLDED = " Folded ones have one row for each block: the mean of its heads.";

/** How to read closed blocks; `experts` are in "all" of them, "some" or "none". */
export function closedBlocks(two, experts, folded) {
  const below = { none: BARS, some: `${DOTS}, or ${BARS}`, all: DOTS }[experts];
  return `Closed blocks in small: ${HEADS[two ? "two" : "one"]}; below, ${below}.${folded ? FOLDED : ""}`;
}

/** Over a slab: the number of its first block, with the letter of a T5's stack, and of its last. */
export const slabFirst = ({ name }, layer) => `${{ encoder: "E", decoder: "D" }[name] ?? ""}${layer + 1}`;
export const slabLast = (layer) => `–${layer + 1}`;

/** A kind of attention, and what is to be known of it; `window`: what a token that looks both ways reads of each side. */
export function attentionName(kind, causal, window) {
  const near = window && !causal ? `up to ${window - 1} on each side` : "all read all";
  return {
    text: ["Attention", causal ? "who reads whom" : near],
    encoder: ["Attention", "all read all"],
    decoder: ["Self-attention", ""],
    cross: ["Cross-attention", "the decoder reads the text"],
  }[kind];
}

export const [QUERY, KEY, VALUE] = ["query", "key", "value"];

/** The scales of the drawing. */
export const LANE_SCALE = "lane, + pipe: length, √";
export const embeddingScale = (each) => `embedding: means of ${each}`;
export const PATTERN_SCALE = "attention";
export const PIPE_SCALE = "pipe: probability";
export const plus = (value) => `+${decimal(value)}`;

/** The head that is open, and what all of them add. */
export const headOf = (head, heads) => `head ${head + 1} of ${heads}`;
export const keysShared = (by) => `keys shared by ${by}`;
export const headsAdd = (added) => `heads add ${length(added)}`;
export const heads = (n) => (n > 1 ? `${inWords(n)} heads` : "one head");
export const add = (added) => `add ${length(added)}`;
export const adds = (added) => `adds ${length(added)}`;

/** Around the MLP or the experts. */
export const ONE_FOR_ALL = "one for all tokens";
export const chosenOf = (k, experts) => `${inWords(k)} of ${inWords(experts)} a token`;
export const expertName = (expert) => `E${expert + 1}`;
export const gate = (expert, probability) => `${expertName(expert)} ${percent(probability)}`;
export const more = (n) => `and ${n} more`;

export function barScale(tight, longest) {
  const bar = tight ? "length added, √" : "the length of what the MLP adds to its lane, √";
  return `a bar for each token: ${bar}; the longest ${length(longest)}`;
}

/** What the boxes show, and how even the load is. */
export function loads({ load, ideal, balance }) {
  const busiest = load.indexOf(Math.max(...load));
  const idlest = load.indexOf(Math.min(...load));
  const times = (expert) => `${expertName(expert)} × ${decimal(load[expert] / ideal, 1)}`;
  return [
    `box: share of the tokens; dashed: even, ${decimal(ideal, 1)}`,
    `busiest ${times(busiest)}, idlest ${times(idlest)} · balance loss ${decimal(balance)}`,
  ];
}

/** The width of a lane. */
export const eachLane = (group, d_model) => (group > 1 ? `${group} tokens a lane` : `${count(d_model)} numbers a lane`);

/** How far a token has moved since the pin, as a part of its length; NaN where the token was another. */
export function moved(part, rounding) {
  if (Number.isNaN(part)) return "another token then";
  return part > rounding ? `moved ${percent(part)} since pin` : "unmoved since pin";
}

/** Sentences of a position scheme: what is written where it stands. Those added to the embeddings stand there. */
export const SCHEMES = {
  rope: "RoPE on q and k",
  alibi: "ALiBi on scores",
  t5: "T5 bias",
  disentangled: "distance terms",
};

/** The ways to other exhibits. */
export const TOKENS = "tokens";
export const STREAM = "residual stream";
export const TRAINING = "how it was trained";
export const WEIGHTS = "weights, made smaller";
export const CACHED = "keys and values";
/** Vectors that are added to the embeddings; those of DeBERTa, where it has some besides, are learned. */
export const positions = (scheme) => `${scheme === "disentangled" ? "learned" : scheme} positions`;
export const mask = (window) => (window ? `mask: the last ${window} only` : "mask: no reading ahead");

/** What can be pressed, as a screen reader says it. */
export const BLOCKS = "Blocks: the one that is open";
const SPOKEN_KIND = { decoder: " of self-attention", cross: " of cross-attention" };
export const headsLabel = (kind) => `Heads${SPOKEN_KIND[kind] ?? ""} of the open block`;
export const headLabel = (head) => `head ${head + 1}`;

const titled = (exhibit) => `the exhibit ${exhibit[0].toUpperCase()}${exhibit.slice(1)}`;
export const opensExhibit = (exhibit) => `Open ${titled(exhibit)}`;
export const wayTo = (name, exhibit) => `${name}: open ${titled(exhibit)}`;

export function blockLabel(stack, layer, nHeads, nExperts) {
  const feed = nExperts ? `${nExperts} experts` : "an MLP";
  return `${blockName(stack, layer).toLowerCase()}: ${nHeads} heads and ${feed}`;
}

/** Of a matrix, a way to an exhibit if there is one; its kind is said where another is looked at. */
export function matrixLabel(exhibit, stack, layer, head, kind) {
  const way = exhibit ? `${opensExhibit(exhibit)} at ` : "";
  return `${way}${blockName(stack, layer).toLowerCase()}, head ${head + 1}${SPOKEN_KIND[kind] ?? ""}`;
}

export const LANES = { read: "Selected token", written: "Selected token of what it writes" };
export const tokenOf = (token, at, tokens) => `${token}, token ${at + 1} of ${tokens}`;

/** The card of the lit cell. */
export const CARD = "The lit cell in numbers";
export const STEPS = { dot: "q · k", scaled: "", capped: "", bias: "+ bias", mask: "mask", softmax: "softmax" };
export const scale = (d) => `÷ √${Number.isInteger(d) ? d : decimal(d)}`;
export const cap = (c) => `capped, ±${c}`;

/** What the mask says of the cell; `masked`: there is one, of the model or of a person. */
export function maskStep(allowed, masked) {
  if (!allowed) return "not allowed";
  return masked ? "may attend" : "none";
}

/** Why the norm stands where it stands. */
export const BEFORE = "before the first block";
export const BEHIND = "behind the last";
const STREAMS = { text: "the stream", encoder: "the encoder’s stream", decoder: "the decoder’s stream" };

/** From its `first` length to its `last`. */
export function grows({ name }, first, last) {
  const printed = (value, more) => Number(value.toFixed(lengthDigits(value) + more));
  const more = decimalsOf(0, (_, extra) =>
    comesOut(printed(last, extra) / printed(first, extra), last / first, lengthDigits(last / first)),
  );
  const way = `${length(first, more)} long before the first block and ${length(last, more)} behind the last`;
  return `On your text ${STREAMS[name]} is ${way}: ×\u00a0${length(last / first)}.`;
}

/** Between its lengths behind norms, up to those of the sums before them. */
export function comesBack({ name }, least, most, sum) {
  const range = `between ${length(least)} and ${length(most)}`;
  return `On your text every norm brings ${STREAMS[name]} back to ${range}; the sums before them reach ${length(sum)}.`;
}
