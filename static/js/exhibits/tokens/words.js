// What the tokens exhibit writes: about the rows of the ruler, one piece, the cutting of a word, and what languages cost.

import { comesOut, count, decimal, decimalsOf, plural } from "../../format.js";
import { hex, spoken, visible, visibleCharacter } from "../../page/chips.js";

const NOTHING = "–";
const ON_ITS_WAY = "on its way";

/**
 * Above the ruler: the fewest and the most tokens of the vocabularies that lose nothing, null where each loses something, and
 * which do; how far all agree, and how many tokens the model has `added`.
 */
export function summary({ counted, first, bytes }, { least, most, lossy = [] }, { places, shared }, added) {
  const size = `${plural(counted, "character")}, ${plural(bytes, "byte")}`;
  const others = lossy.length > 0 ? "that loses nothing" : "here";
  const range = !least
    ? "every subword vocabulary here loses some of it"
    : least.tokens === most.tokens
      ? `every subword vocabulary ${others} needs ${plural(least.tokens, "token")}`
      : `${least.label} needs ${plural(least.tokens, "token")}, ${most.label} ${count(most.tokens)}`;
  const agreed = places ? ` Of the ${count(places)} places where one cuts, all cut at ${count(shared)}.` : "";
  const part = first > 0 ? ` The rows show the text from character ${count(first)} on; the counts are of all.` : "";
  const more = added ? ` The model adds ${plural(added, "token")} of its own.` : "";
  const lost =
    least && lossy.length > 0 ? ` Not compared, for what is lost: ${lossy.map(({ label }) => label).join(", ")}.` : "";
  return `${size}: ${range}.${lost}${agreed}${part}${more}`;
}

/** The full name of a row, under the pointer. */
export function rowTitle({ name, own }) {
  return own ? `${name}: the model's own` : name;
}

/** A row's label for a screen reader; `before` is how many tokens the pinned text has in it. */
export function rowSaid(row, before) {
  const pinned = before === undefined ? "" : `, ${count(before)} when pinned`;
  const said = row.ready ? plural(row.tokens, "token") + pinned : ON_ITS_WAY;
  return `${row.label}, ${row.kind || "vocabulary"}${row.own ? ", the model's own" : ""}: ${said}`;
}

/** How many tokens a row has, beside it. */
export function rowCount({ ready, tokens }) {
  return ready ? count(tokens) : "…";
}

export function takeAway({ label }) {
  return `Take ${label} away`;
}

/** The place where the arrow keys are, for a screen reader; `index` is -1 where there is no token. */
export function placeSaid(row, index) {
  return `${row.label}: ${pieceSaid(row, index)}. Left and right go along the text, up and down to another vocabulary.`;
}

function pieceSaid(row, index) {
  if (index < 0) return "no token";
  const piece = row.piece(index);
  const what = piece.unknown ? "unknown, lost" : spoken(piece);
  return `token ${row.skipped + index + 1} of ${row.tokens}, ${what}, id ${piece.id}`;
}

/** What a piece in the list reads. */
export function pieceChip(token) {
  return token.unknown ? "unknown" : visible(token);
}

/** Its bytes. */
export function pieceBytes({ special, unknown, raw }) {
  return special || unknown ? "none" : hex(raw);
}

/** The same for a screen reader. */
export function chipSaid(token) {
  return `${token.unknown ? "unknown" : spoken(token)}, id ${token.id}`;
}

/**
 * One piece in full, by the names of its facts: `token` at `position` of its row, its `characters`, and where the row's
 * characters count from. All nothing without a token.
 */
export function facts(token, position, characters, first) {
  if (!token) return { text: NOTHING, position: NOTHING, id: NOTHING, span: NOTHING, points: NOTHING, bytes: NOTHING };
  return {
    text: token.unknown ? "nothing: unknown" : token.special ? token.text : visible(token),
    position: count(position),
    id: count(token.id),
    span: place(token, first),
    points: characters.length ? codePoints(characters) : NOTHING,
    bytes: token.special || !token.raw ? NOTHING : hex(token.raw),
  };
}

/** U+0041 for each code point, with "…" after the eighth. */
function codePoints(characters) {
  const named = characters
    .slice(0, 8)
    .map((one) => `U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  return named.join(" ") + (characters.length > 8 ? " …" : "");
}

/** Where a piece stands in the text, in characters. */
function place({ special, start, end }, first) {
  if (special && start === end) return "none: put there for the model";
  if (start === end) return `none, before ${count(first + start)}`;
  return `${count(first + start)} to ${count(first + end)}`;
}

/** What stands in each column of the table for a row; `then`: how many tokens the pinned text has, if there is one. */
export function tableCells(row, card, { counted, bytes }, then) {
  if (!row.ready) return { kind: ON_ITS_WAY };
  const per = (size) => (row.tokens ? decimal(size / row.tokens) : NOTHING);
  return {
    kind: row.kind,
    entries: card ? count(card.entries) : "…",
    specials: card ? count(card.specials) : "…",
    tokens: then === undefined ? count(row.tokens) : `${count(then)} → ${count(row.tokens)}`,
    perToken: per(counted),
    bytesPerToken: per(bytes),
    lost: row.lost ? count(row.lost) : "0",
    returns: row.returns ? "exactly" : row.lost ? "no" : "nearly",
  };
}

/** What the button of a language does. */
export function takeLanguage(language) {
  return `${language}: put this paragraph into the text box`;
}

/** What a language costs in a vocabulary, under the pointer. */
export function languageCost(times, lost) {
  const lossy = lost ? `, and ${count(lost)} characters are lost` : "";
  return `${decimal(times, 1)} times English${lossy}`;
}

/** What the dearest language costs beside English. */
export function dearestLanguage(label, english, { language, cost }) {
  return `${label} needs ${count(english)} tokens for it in English and ${count(cost)} in ${language}: ${decimal(cost / english, 1)} times as many, so as much more context, time and money.`;
}

/** What is said of a vocabulary that a person adds. */
export const ADDING = {
  unnamed: "Type the name of a model on the hub, owner/model.",
  tooMany: (most) => `${most} at a time is the limit; take one away with its × first.`,
  there: (name) => `${name} is there already.`,
  looking: (name) => `Looking for ${name} …`,
};

/** The word that was cut. */
export function wordCut(characters) {
  return characters.map(visibleCharacter).join("") || "a space";
}

/** How the word was cut, by the kind of vocabulary. */
export const CUT_LEAD = {
  merges: ({ merges, entries }) =>
    `${plural(merges.length, "merge")} of the ${count(entries)} learned: of all neighbours, the pair learned earliest goes first.`,
  matches: ({ matches }) =>
    `From the left, the longest entry that fits, ${plural(matches.length, "time")}; what goes on inside a word is written with ##.`,
  paths: () =>
    "Every way to spell it has a probability, the product of its pieces'. Below each piece its natural logarithm.",
  none: ({ reason }) => reason,
};

/** What stands before and behind each step of the cut. */
export const CUT_STEP = {
  first: "at first",
  merge: (rank) => `rank ${count(rank + 1)}`,
  symbols: (n) => plural(n, "symbol"),
  match: (index) => `match ${index + 1}`,
  noEntry: "no entry",
  tried: (n) => `${plural(n, "beginning")} tried`,
  path: (index) => (index ? `${index + 1}` : "likeliest"),
  score: (score, digits) => decimal(score, digits),
  total: (total) => `log p = ${decimal(total, 2)}`,
};

/** How many decimals the scores of a path need to add up to its total as that is written. */
export function scoreDigits(scores, total) {
  const add = (numbers) => numbers.reduce((sum, one) => sum + one, 0);
  return decimalsOf(1, (rounded) => comesOut(add(scores.map(rounded)), total, 2));
}

/** The step that the slider is at, for a screen reader; "" where there is none. */
export function stepSaid(now, rows) {
  if (!rows[now]) return "";
  return `step ${now} of ${rows.length - 1}: ${rows[now].head}, ${rows[now].chips.map(({ text }) => text).join(" ")}`;
}
