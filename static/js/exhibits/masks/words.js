// The sentences that the masks exhibit's scripts write: what each kind of mask allows, how many pairs it leaves, as a
// formula, and what is read off the pictures.

import { count, percent, plural, wholePercent } from "../../format.js";
import { withAdded } from "../../page/words.js";

const BYTES = 4; // of a score, as float32

const tokens = (number, words = "token") => (number === 1 ? `1 ${words}` : `${number} ${words}s`);

const TOLD = {
  none: (_, causal) => (causal ? "Every token sees itself and all before it." : "Every token sees every token."),
  window: ([window], causal) =>
    window === 1
      ? "Each token sees only itself."
      : `Each token sees itself and the ${window - 1} ${causal ? "before it" : "on either side"}. News still travels further, one window a layer.`,
  strided: ([stride]) => `Each token sees the last ${stride}, itself among them, and before them every ${nth(stride)}.`,
  fixed: ([stride, summary]) =>
    `Each token sees its own block of ${stride}, and of every earlier block the last ${tokens(Math.min(stride, summary))}, which sum it up.`,
  longformer: ([window, global], causal) =>
    `Each token sees ${Math.floor(window / 2)} on ${causal ? "its left (a decoder has no right)" : "either side"}; ` +
    `the first ${tokens(global)} ${global === 1 ? "is" : "are"} seen by all${causal ? " that come later" : ` and ${global === 1 ? "sees" : "see"} all`}.`,
  bigbird: ([block, global, random], causal, n) =>
    `Blocks of ${tokens(block)}: each sees itself, ${causal ? "the one before" : "its neighbours"}, ` +
    `the first ${tokens(global, "block")}, and ${drawn(random, Math.ceil(n / block) - global, causal)}.`,
  document: (starts) =>
    `Texts packed into one row must not see each other: ${tokens(starts.length + 1, "document")} now. ` +
    "Click a token’s name beside the matrix to begin one there.",
  painted: () => "Drag over the matrix to forbid cells or allow them again; or arrow keys and Space.",
};

/** How many blocks are drawn for each; a text needs three `others` than the global ones to have one that is not a neighbour. */
function drawn(random, others, causal) {
  const most = `up to ${random} drawn at random from the others${causal ? " behind it" : ""}`;
  return random > 0 && others < 3 ? `${most}: this text is too short to have one` : most;
}

const FORMULAS = {
  none: (causal) => (causal ? "n (n + 1)/2 pairs" : "n² pairs"),
  window: (causal) => (causal ? "n w − w (w − 1)/2 pairs" : "n (2w − 1) − w (w − 1) pairs"),
  strided: () => "about n (s + n/2s) pairs",
  fixed: () => "about n (s/2 + c n/2s) pairs",
  longformer: (causal) => (causal ? "about n (w/2 + 1 + g) pairs" : "about n (w + 1 + 2g) pairs"),
  bigbird: (causal) => (causal ? "about n b (3/2 + g + r) pairs" : "about n b (3 + 2g + r) pairs"),
};

function nth(number) {
  return `${number}${{ 2: "nd", 3: "rd" }[number > 20 ? number % 10 : number] ?? (number % 10 === 1 && number > 20 ? "st" : "th")}`;
}

/** The sentence about a kind with these numbers, for a model that looks back only or both ways, on a text of n tokens. */
export function sentence(kind, numbers, causal, n) {
  return TOLD[kind](numbers, causal, n);
}

/** Its pairs as a formula of n tokens; null where there is none. */
function formula(kind, causal) {
  return FORMULAS[kind]?.(causal) ?? null;
}

export const IDLE = "Nothing is masked. Choose a mask above, or drag over the matrix.";
export const LOST = "lost";
export const MATRIX = "rows read from columns; drag to forbid or allow";

export const matrixTitle = (layer, head) =>
  head === null ? `Layer ${layer + 1}, mean of its heads` : `Layer ${layer + 1}, head ${head + 1}`;

export const matrixLabel = (layer, head) => `${matrixTitle(layer, head)}: mask over the attention matrix`;

/** What a cell says: of a key that the model does not allow. */
export const mayNotRead = (reader, other, isLater) =>
  `${reader} may not read ${other}: it ${isLater ? "comes later" : "lies before its window"}`;

/** And of one that it does; `part` is how much of the query's attention it had, 0 to 1. */
export function reads(reader, other, part, isKept) {
  return `${reader} ${isKept ? "keeps" : "loses"} the ${wholePercent(part)} that it reads from ${other}`;
}

/** Of a long text: how many of its tokens are shown, and around which one. */
export const shownOf = (shown, tokens, name) => `${shown} of ${count(tokens)} tokens are shown, around “${name}”.`;

/** What a person should know about the cells: what of a long text they are, which tokens are left with nothing, and where
 * paint ends. */
export function note(shown, alone, isLong, most) {
  const said = shown ? [shown] : [];
  if (alone.length === 1) said.push(`${alone[0]} is left nothing to read, and reads only itself.`);
  if (alone.length > 1) said.push(`${alone.length} tokens are left nothing to read, and read only themselves.`);
  if (isLong) said.push(`Only the first ${most} tokens can be painted on.`);
  return said.join(" ");
}

const whenPinned = (former) => (former === null ? "" : `${percent(former)} when pinned; `);

/** Below the two sums; `former` is the part in the pinned state, or null. */
export const lostNote = (former, heads, tokens) =>
  `${whenPinned(former)}mean over ${plural(heads, "head")} and ${withAdded(tokens)}`;

/** `isEmpty`: the text is, so that all pairs are of tokens that the model adds. */
export const savedNote = (former, { pairs, of: all }, { kept, of }, isEmpty) =>
  `${whenPinned(former)}${count(pairs)} of ${plural(all, "pair")} left${isEmpty ? ", of added tokens alone" : ""}; ` +
  `${brief(of)} → ${brief(kept)} multiply-adds`;

/** The grid of heads: its last row, and what each of its buttons says. */
export const MEAN = "mean";
export const lostPercent = (lost) => (lost > 0 && lost < 0.5 ? "<1" : String(Math.round(lost)));

export function lostLabel(layer, head, lost) {
  const name = head === null ? `mean of the heads of layer ${layer + 1}` : `layer ${layer + 1}, head ${head + 1}`;
  return `${name}: ${lostPercent(lost)} percent lost`;
}

/** The cone, for a token by its name. */
export const coneTitle = (name) => `How far ${name} can hear`;

/** `counts` are how many tokens are heard after each number of layers, `former` how many in the end when pinned, or null. */
export function heard(name, counts, tokens, former) {
  const then = former === null ? "" : `, ${former} when pinned`;
  const layers = counts.length - 1;
  return `${counts.at(-1)} of ${plural(tokens, "token")} can reach ${name} within ${layers} layers${then}`;
}

export const heardFirst = (text, counts, shown) =>
  `${text}; ${counts[1]} after one${shown === null ? "" : `; ${shown} are shown`}`;
export const coneLabel = (text, counts) => `Receptive field. ${text}: ${counts.slice(1).join(", ")} after each layer`;

/** How many layers one token needs to be heard; null where it never is. */
export function distance(token, layers) {
  if (layers === null) return `${token} cannot reach it`;
  return layers === 0 ? `${token} is the token itself` : `${token} needs ${plural(layers, "layer")} to reach it`;
}

/** A row of the cone, before the first layer or after one; and how many are lit in it. */
export function coneRow(layer, narrow) {
  if (layer === 0) return narrow ? "text" : "the text";
  return `${narrow ? "layer" : "after layer"} ${layer}`;
}

export const coneCount = (lit, tokens) => `${lit} of ${tokens}`;

/** The growth: its lines, and the formulas of one head as trained, and under a mask of a kind, if there is one. */
export const TRAINED = "as trained";
export const MASKED = "masked";
export const THIS_TEXT = "this text";

export function growthFormulas(kind, causal, window, isKnown) {
  const own = window ? `${formula("window", causal)}, w = ${count(window)}` : formula("none", causal);
  const masked = isKnown ? `; masked ${formula(kind, causal)}` : "; no formula for this mask";
  return `one head: ${own}${kind && masked}`;
}

/** What the longest text would take: the pairs as trained and under the mask, and the memory of one layer's scores. */
export function longest(length, of, pairs, heads) {
  const bytes = (number) => `${brief(number * heads * BYTES)}B`;
  const masked = pairs < of ? `; masked ${count(pairs)}, which fit in ${bytes(pairs)}` : "";
  const whole = `the scores of one layer’s ${heads} heads take ${bytes(of)} as float32`;
  return `At ${count(length)} tokens: ${count(of)} pairs; ${whole}${masked}.`;
}

export const growthLabel = (text) => `Pairs against the length of the text. ${text}`;

/** 8.4 M, 2 M, 16 k */
export function brief(value) {
  /** @type {[number, string][]} */
  const units = [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  const [size, unit] = units.find(([least]) => value >= least) ?? [1, ""];
  const scaled = value / size;
  return `${scaled >= 9.95 || size === 1 ? Math.round(scaled) : Number(scaled.toFixed(1))}${unit && `\u00a0${unit}`}`;
}

/** The presets; as trained, what a token of a model sees that looks back only, or both ways. */
export const asTrained = (causal) => (causal ? "looks back only" : "no mask");
export const ONLY_DECODERS = "Defined for decoders, which look back only";
export const numberLabel = (name) => `${name} of the mask`;
export const beginAt = (token, isStart) => (isStart ? `No new document at ${token}` : `Begin one at ${token}`);
