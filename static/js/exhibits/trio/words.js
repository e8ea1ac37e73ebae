// What the trio writes: what each family is asked and says, what it may see, and how the score is read.

import { count, decimal, percent, plural } from "../../format.js";
import { spoken, visible } from "../../page/chips.js";

const LONGEST = 20; // characters of a word in a sentence of the page
const ORDINAL = { one: "st", two: "nd", few: "rd", other: "th" };
const rules = new Intl.PluralRules("en-GB", { type: "ordinal" });

const ordinal = (value) => `${count(value)}${ORDINAL[rules.select(value)]}`;
/** A token among words of the page: whichever way it is written, they keep their order. */
const isolated = (text) => `\u2068${text}\u2069`;
const quoted = (token, said) => `“${visible(token, said)}”`;

/** A word of the text, as an array of characters, in a sentence of the page. */
export function quotedWord(characters) {
  return `“${characters.length > LONGEST ? `${characters.slice(0, LONGEST).join("")}…` : characters.join("")}”`;
}

/** A token's label; the space in front of a word is where the word's token begins, so the axis shows it. */
export function trimmed(token, said = false) {
  return visible(token, said).replace(/^·(?=.)/, "");
}

/** What each family does with the text, below its name. */
export const LOOKS = { gpt: "looks left", bert: "looks both ways", t5: "reads, then writes" };

export const IT_WRITES = "it writes";

/** Behind what a T5 wrote, where it has not come to an end. */
export function stoppedAt(limit) {
  return `… stopped at ${limit} tokens`;
}

/** Along the sides of a family's square: what stands across and what stands down. */
export const SIDES = { mayRead: "may read", eachToken: "each token", read: "read", written: "written" };

/** Model and size, beside the name of a family. */
export function modelName({ name, parameters }) {
  return `${name}, ${decimal(parameters / 1e6, 1)} M parameters`;
}

/** What the family is asked, as the heading of its list. */
export function question(family, { trio, gapWord: word }) {
  const { by } = trio.gap;
  if (family === "gpt") {
    return by === "choice" || by === "text" ? `In place of ${word}` : "What comes next";
  }
  if (family === "bert") {
    if (by === null) return "No word to mask yet";
    return by === "text" ? `Behind ${word}` : `${word}, masked`;
  }
  const { position, written } = trio.t5;
  if (position === 0) return "Its first token";
  return `Token ${position + 1}, after ${quoted(written[position - 1], true)}`;
}

/** What it goes by, or what came of it. */
export function basis(family, { output }) {
  if (family === "t5") return output ? `all of it: “${output}”` : "all of it: no word";
  return family === "gpt" ? "from what stands to the left" : "from both sides";
}

/** What became of the text's own word. */
export function verdict(own) {
  if (!own) return "";
  if (own.probability === undefined) return `Its own word is ${own.pieces} pieces here: one mask cannot say it.`;
  const part = own.pieces > 1 ? `, first of ${own.pieces} pieces` : "";
  return `The text has ${quoted(own)}${part}: ${percent(own.probability)}, ${ordinal(own.rank)} likeliest.`;
}

/** What has changed since the pin: what was likeliest then, and how far the two predictions are apart. */
export function changed({ likeliest, change }) {
  const was = `Pinned: ${quoted(likeliest, true)} ${percent(likeliest.probability)}`;
  return change ? `${was}; ${decimal(change.kl_bits, 3)} bits apart.` : `${was}, of another vocabulary.`;
}

/** Why a family says nothing here. */
export function silence(family, { trio }) {
  if (trio.gap.by === null) return "Type a word, and it is masked here.";
  return family === "gpt"
    ? "Nothing that it reads stands before this word."
    : `The word lies before the end of the text that it reads.`;
}

/** What a word reads most: "park 22.3 %, …"; `found` is null where the family does not read it itself. */
export function readsMost(found) {
  if (!found) return "does not read it: only the end of the text fits";
  return found.map(({ token, share }) => `${isolated(trimmed(token))} ${percent(share)}`).join(", ");
}

export function wordReads(word, readers) {
  return `${word} reads ${readers}`;
}

/** A family's square, for those who do not see it. */
export function squareSaid(family, { tokens, written }) {
  const read = plural(tokens.length, "token");
  if (family === "gpt") return `A triangle of ${read}: each may read itself and what stands to its left.`;
  if (family === "bert") return `A full square of ${read}: each may read every other.`;
  return (
    `A full square of all that was read, ${read}; below it, a rectangle: each written token reads all of them; ` +
    `beside it, a triangle of ${plural(written.length, "written token")}: each reads what was written before.`
  );
}

export const OF_A_ROW = "of a row";

/** Which layers are drawn; `at` are {family, layer, layers} of the families that are there, null for the mean of all. */
export function depths(at) {
  if (!at) return "the mean over all layers and heads";
  const each = at.map(({ family, layer, layers }) => `${family.toUpperCase()} layer ${layer + 1} of ${layers}`);
  return `${each.join(", ")}, the mean over heads`;
}

/** Of a long text, what stands in front of the tokens that are shown; `cut` are {family, before, shown}. */
function leftOut(cut) {
  const each = cut.map(
    ({ family, before, shown }) =>
      ` Of what the ${family.toUpperCase()} read, ${plural(shown, "token")} around the word are shown and told of; ` +
      `${count(before)} stand before them.`,
  );
  return each.join("");
}

/**
 * How the score is read: `widest` px hold all of a token's attention, below `faintest` nothing is drawn; `cut` as in
 * `leftOut`.
 */
export function scoreLegend(word, { widest, faintest }, depth, cut) {
  return (
    `Arcs: what ${word ?? "a word"} reads. Ribbons: what the T5 read while it wrote each word. ` +
    `${widest} px wide is all of a token's attention, less than ${percent(faintest)} is not drawn; ${depth}.` +
    leftOut(cut)
  );
}

/** The score, for those who do not see it; `reads` has {family, readers}, `written` is what the T5 wrote, or null. */
export function scoreSaid(word, reads, written) {
  if (word === null) return "No word yet.";
  const said = reads.map(({ family, readers }) => `${family.toUpperCase()} reads ${readers}`);
  const wrote = written ? `. T5 writes ${written.map((token) => spoken(token, true)).join(" ")}` : "";
  return `${word}: ${said.join("; ")}${wrote}. Arrow keys choose a word, up and down a word that was written.`;
}
