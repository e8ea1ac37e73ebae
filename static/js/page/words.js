// What the parts of the page say that stand beside every exhibit: the bar, the pin, the column of predictions, and the
// voice of the screen reader.

import { comesOut, count, decimal, decimalsOf, percent, plural } from "../format.js";
import { spoken, visible } from "./chips.js";

// The bar

/** An error, beside the text box; with a picture of an older text below it or without. */
export function errorBeside(error, isPictured) {
  return isPictured ? `${error} The picture is of the last text that worked; the next key tries again.` : error;
}

/** Of a link's model that this server has not got. */
export const AWAY = {
  said: (model, shown) => `Not on this server: ${model}, which the link is to. What you see is ${shown}.`,
  fetch: "Fetch it",
  cancel: "Cancel",
};

/** In the place of a picture whose script did not come. */
export const NOT_LOADED =
  "This part of the page could not be loaded. It is asked for again; where it does not come, reload the page.";

export const SHARE = { offer: "Share", done: "Link copied", refused: "Copy the address" };

/** The button that changes the theme, by the theme that is on. */
export const otherTheme = (theme) => (theme === "paper" ? "Blueprint" : "Paper");

export function switchTheme(theme) {
  return `Switch to the ${otherTheme(theme).toLowerCase()} theme`;
}

/** How many of these tokens stand for nothing in the text: the model adds them around it. */
export const addedTo = (tokens) => tokens.filter(({ special, start, end }) => special && start === end).length;

/** How many tokens are read, "9 tokens, 1 added"; of how many, where it comes near the end of what can be. */
export function tokensOf(tokens, n_ctx) {
  const [n, added] = [tokens.length, addedTo(tokens)];
  const all = n > 0.8 * n_ctx ? `${count(n)} of ${count(n_ctx)} tokens` : plural(n, "token");
  return added ? `${all}, ${count(added)} added` : all;
}

/** The same in a sentence: "9 tokens, 1 of them added by the model"; all that are read of an empty text are. */
export function withAdded(tokens) {
  const added = addedTo(tokens);
  const all = plural(tokens.length, "token");
  if (added === 0) return all;
  return `${all}, ${added === tokens.length ? "" : `${count(added)} of them `}added by the model`;
}

export function notAsTrained(changes) {
  return `Not as trained: ${changes}`;
}

// The guide

/** Which walk it is, and where in it: "Follow one word · 2 of 5 · Attention"; `stop` is the exhibit's name in the rail. */
export function placeOfStep({ isFollow, stop, at, of }) {
  return `${isFollow ? "Follow one word" : "Show me"} · ${at + 1} of ${of} · ${stop}`;
}

export function onButton(isLast) {
  return isLast ? "Done" : "Next ›";
}

/** A step's sentence with its slots filled: {token}, the lit one, and {likeliest}. */
export function stepSaid(says, { token, likeliest }) {
  return says.replaceAll("{token}", `“${spoken(token)}”`).replaceAll("{likeliest}", `“${spoken(likeliest, true)}”`);
}

// The pin

const SHORT = 34;

export const PIN = {
  set: "Pin this",
  release: "Unpin",
  idle: "Keep this state to compare with: change the text or the model, and see what moved.",
  onBars: "On a bar, the outline is what it was then.",
  otherVocabulary: "Its vocabulary is another; the two lists cannot be compared.",
};

/** The end of a text, as it is what the prediction hangs on, from the beginning of a word. */
function short(text) {
  if (text.length <= SHORT) return text || "the empty text";
  const end = text.slice(1 - SHORT);
  const space = end.trimEnd().indexOf(" ");
  return `…${space < 0 ? end : end.slice(space)}`;
}

/** What is pinned: the model where it is another, the text, and what was changed in the model. */
export function pinned({ text, model }, changes, isOtherModel) {
  return `${isOtherModel ? `${model}, ` : ""}“${short(text)}”${changes ? `, ${changes}` : ""}`;
}

export function likeliestThen(likeliest) {
  return `Then likeliest: ${visible(likeliest, true)} ${percent(likeliest.probability)}. `;
}

// The change in prediction

export function bits(kl_bits) {
  return `${decimal(kl_bits, 3)} bits`;
}

/** What the divergence is, and whether a list follows. */
export function divergence(d_vocab, isListed) {
  const list = isListed ? "Moved most:" : "No candidate moved.";
  return `KL(before ‖ after) over all ${count(d_vocab)} tokens. ${list}`;
}

// The column of predictions

/** Its title and where the prediction is read, "" where the title says it; `position` {index, of} for what a T5 writes. */
/** Of a model that predicts no token: the title of the column, and what stands in the bar. */
export const NOTHING_SAID = { title: "No prediction", inBar: "It predicts no token" };

/** Where the effect of a change would stand, of such a model. */
export const NO_EFFECT = "The model is changed. It predicts no token, so there is no prediction that could have moved.";

export const SUBJECT = {
  next: () => ({ title: "What comes next", place: "" }),
  written: ({ index, of }) => ({
    title: "What it writes",
    place: `Token ${count(index + 1)} of ${count(of)}, out of `,
  }),
  mask: () => ({ title: "Behind the mask", place: "" }),
  token: (token) => ({ title: "At this token", place: `${visible(token)}: ` }),
};

/** The tokens of a T5's decoder: what it writes, or, where it predicts none, what it reads. */
export const WROTE = { written: "What it writes", read: "What its decoder reads" };

/** What the answer in the bar is to. */
export const ANSWER = { next: "next", mask: "masked", token: "here", written: "writes" };

/** The likeliest after the first: "then ·he 18.6 %, ·the 4.0 %". */
export function after(candidates) {
  const said = candidates.map((one) => `${visible(one, true)} ${percent(one.probability)}`);
  return said.length > 0 ? `then ${said.join(", ")}` : "";
}

/** What a T5 writes, in one line. */
export function wroteAs(tokens) {
  return tokens.map((token) => visible(token, true)).join(" ");
}

/** What the sampling settings are called. */
export const SETTING = { temperature: "temperature", top_k: "top-k", top_p: "top-p", min_p: "min-p" };

/** Over how many tokens the probabilities are; by which `settings`, "" for none, and how many those keep, or whose they are. */
export function ofVocabulary(place, { d_vocab, kept }, settings, isChanged) {
  const whose = isChanged ? "as the changed model says it" : "as the model says it";
  const keeps = kept < d_vocab ? `, keeps ${count(kept)}` : "";
  return `${place}${count(d_vocab)} tokens, ${settings ? `${settings}${keeps}` : whose}`;
}

export const LEFT_OUT = "the sampling settings leave it out";

export function otherTokens(n) {
  return `the other ${count(n)} tokens`;
}

/** What the dot is that tokens show; said where they first stand in a column. */
export const DOT = "· is a space; it is part of its token";

/** How unsure the model is, in bits and as a choice among equals. */
export function entropy(entropy_bits) {
  const alike = 2 ** entropy_bits;
  const unsure = alike < 1.5 ? "nearly certain" : `like a choice among ${count(Math.round(alike))} equals`;
  return `entropy ${decimal(entropy_bits, 1)} bits: ${unsure}`;
}

/** What a candidate offers: to go on with, to stand at the place that was asked about, to see where it came from. */
export const OFFER = { add: "add", fill: "put in", apart: "take apart" };

/** How long a key took until its picture was there, and the model alone; both in milliseconds. */
export function keyToPicture(waited, graph) {
  return `${Math.round(waited)} ms from key to picture, ${Math.round(graph)} ms of it the model`;
}

/** The button that hides a word behind the mask or puts it back; `plan` is null where nothing can be done. */
export function maskButton(plan) {
  if (!plan) return "Mask it";
  return plan.hides ? `Mask “${plan.word}”` : `Put “${plan.word}” back`;
}

/** What Enter does at a token of the ribbon, for a screen reader. */
export const MASK_KEY = "Enter hides a word behind the mask and puts it back";

// The models

const SCHEME = {
  rope: "RoPE",
  alibi: "ALiBi",
  t5: "T5 bias",
  disentangled: "disentangled attention",
  none: "no positions",
};

/** "6 layers · 6 heads · RoPE · 8 experts"; `depths` are the layers of each stack. */
export function makeUp(model, depths) {
  const parts = [`${depths.join(" + ")} layers`, `${model.n_heads} heads`, SCHEME[model.positions] ?? model.positions];
  if (model.experts) parts.push(`${model.experts.n_experts} experts`);
  return parts.join(" · ");
}

export const ASKING = "asking the hub";

/** How far a fetch is. */
export function howFar({ doing, done, total, unit }) {
  if (unit === "B" && total) return `${megabytes(done)} of ${megabytes(total)}`;
  return total ? `${doing}: ${done} of ${total} files` : doing;
}

/** The same in the list of models, with how it is given up. */
export const fetching = (told) => `${howFar(told)}; choose again to cancel`;

export function onThisMachine(model, depths) {
  return [model.about, "on this machine", makeUp(model, depths)].filter(Boolean).join(" · ");
}

export function toFetch(bytes, licence) {
  return `${megabytes(bytes)} to fetch, ${licence}`;
}

/** "3.1 M" */
export function millions(parameters) {
  return `${decimal(parameters / 1e6, 1)} M`;
}

export function parametersOf({ parameters }) {
  return `${millions(parameters)} parameters`;
}

/** In the model's button: what it is and has read, where that is known. */
export function inShort(model) {
  return model.about ?? parametersOf(model);
}

/** The same at length. */
export function inFull(model, depths) {
  return [model.about, parametersOf(model), makeUp(model, depths)].filter(Boolean).join(" · ");
}

export const CARD = { coming: "Fetching the card …" };

/** What the link to a model's card is called. */
export function cardOf(model) {
  return `Card of ${model}: what it is, what it has read, what it cannot do`;
}

function megabytes(bytes) {
  return `${count(Math.round(bytes / 1e6))} MB`;
}

// The voice of the screen reader, when typing pauses

/** "9 tokens, 1 added; next: dog, 31 percent"; `size` as tokensOf has it. */
export function announced(size, news) {
  return `${size}; ${news}`;
}

/** "it writes: le chien" */
export function itWrites(tokens) {
  return `it writes: ${tokens.map((token) => spoken(token, true)).join(" ") || "nothing"}`;
}

/** "next: dog, 31 percent"; `where` is one of WHERE. */
export function likeliestNow(where, likeliest) {
  return `${where}: ${spoken(likeliest, true)}, ${Math.round(100 * likeliest.probability)} percent`;
}

export const WHERE = { next: "next", mask: "behind the mask", token: (token) => `at ${spoken(token)}` };

// One cell of attention in numbers

/** q · k, to as many decimals as make it the scaled score when it is divided. */
export function dotProduct({ dot, scaled, scales, divisor }) {
  const digits = decimalsOf(2, (rounded) => !scales || comesOut(rounded(dot) / Math.sqrt(divisor), scaled, 2));
  return decimal(dot, digits);
}

/** In the foot of a figure that stands alone. */
export const OPEN_WHOLE = "Open in Cutaway";

/** What the button is called that takes a figure away. */
export function takeLabel(name) {
  return `Take it with you: ${name}`;
}
