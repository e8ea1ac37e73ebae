// What the positions exhibit writes: the schemes, what stands in their fields, and what they do to the text.

import { comesOut, count, decimal, decimalsOf, percent, signed } from "../../format.js";
import { visible } from "../../page/chips.js";
import { factor, short, tokensLong } from "./numbers.js";

/** By name, in the order of the page: what stands over the drawing, and in its one sentence. */
export const SCHEMES = {
  sinusoidal: {
    name: "Sinusoids",
    says: "Every place gets a vector of sines and cosines by formula, waves from fast to slow. It is added to √d times the token's embedding; nothing is trained, and it never ends.",
  },
  learned: {
    name: "Learned vectors",
    says: "Every place has a vector of its own that training found. It is added to the embedding. There are only as many as were trained.",
  },
  rope: {
    name: "RoPE, rotation",
    says: "Queries and keys are turned, pair of coordinates by pair, by an angle that grows with the place: fast pairs on the left, slow on the right. A dot product sees only the difference of two angles.",
  },
  alibi: {
    name: "ALiBi, a slope",
    says: "Every score loses a little for each token of distance, and each head has a slope of its own. Nothing is trained, and no distance is too long.",
  },
  t5: {
    name: "T5's buckets",
    says: "Distances fall into buckets, one each when near and ever wider when far; training gave each head a number per bucket that is added to the score.",
  },
  disentangled: {
    name: "Disentangled attention",
    says: "Every distance has a vector, and contents are compared with it: the query with a key of the distance, the key with a query of it. So what a distance adds to a score differs from word to word, in every layer and head.",
  },
  none: {
    name: "Nothing, NoPE",
    says: "Nothing says where a token stands. But a token that sees only what is before it mixes over one more token at each place: even shares of 1/n tell the place, and training can build on that.",
  },
};

/** The schemes in a few letters, where six models stand in one chart. */
export const SHORT_NAME = {
  sinusoidal: "sinusoids",
  learned: "learned",
  rope: "RoPE",
  alibi: "ALiBi",
  t5: "T5's buckets",
  none: "nothing",
};

export const OWN_SCHEME = "this model's own scheme";

/** What the columns of each field are, below it. */
export const FOOT = {
  sinusoidal: (pairs) => `the sines of ${pairs} pairs, fast to slow, then their cosines`,
  learned: (dimensions, source) => `dimensions 1 to ${dimensions} of ${source}'s table`,
  rope: (pairs, layer) => `pairs 1 to ${pairs}, fast to slow${layer === null ? "" : `; of layer ${layer + 1}`}`,
  scores: "keys: the tokens that are read",
};

/** Why a field is not there. */
export const MISSING = {
  learned: "No checkpoint with learned positions is here; `make train` trains gpt-learned.",
  t5: "No checkpoint with T5's buckets is here; `make train` trains gpt-t5bias.",
  disentangled: "What it adds depends on the contents, so it is drawn of a model that has it: open a DeBERTa.",
};

/** One number of each field, as it is computed. */
export const READS = {
  sinusoidal: (wave, row, frequency, value) =>
    `${wave}(${row} × ${factor(frequency, row, 3, Math[wave])}) = ${decimal(value, 3)}`,
  learned: (dimension, value) => `dimension ${dimension + 1}: ${decimal(value, 3)}`,
  learnedAround: (first, last, value) =>
    `dimensions ${first + 1} to ${last + 1} around it: ${decimal(value, 3)} furthest from 0`,
  unlearned: (source, row) => `${source} has no vector for place ${row}`,
  rope: (pair, row, frequency) =>
    `pair ${pair + 1}: ${row} × ${factor(frequency, row, 2)} = ${decimal(row * frequency)} rad`,
  alibi: (slope, distance, value) => `−${factor(slope, distance, 3)} × ${distance} = ${decimal(value, 3)}`,
  t5: (bucket, value) => `bucket ${bucket}: ${signed(value, 3)}`,
  none: (shares) => `one of ${shares} equal shares: ${decimal(1 / shares, 3)}`,
};

/** Over a field with a row a token: the place, and the number that is pointed at. */
export function readAtPlace(token, row, number) {
  return `${visible(token)} at place ${row}; ${number}`;
}

/** Over a field with a row a query: the two tokens, and what is between them; `number` null for a key that comes later. */
export function readBetween(query, key, away, number) {
  if (number === null) return `${visible(query)} may not read ${visible(key)}: it comes later`;
  return `${visible(query)} reads ${visible(key)}, ${away} away; ${number}`;
}

/** A field, for those who do not see it. */
export const fieldLabel = (scheme) => `${SCHEMES[scheme].name} on this text`;

/** Beside the scale of a field: its ends, and what its numbers are. */
export function scaleWords({ largest, highest = largest, turns, signed: isSigned, square }) {
  const what = isSigned ? `added to a ${square ? "score" : "coordinate"}` : "an even share";
  const turned = "(1 − cos angle) / 2, how far from where it began; the hand is the angle";
  return `${short(isSigned ? -largest : 0)} to ${short(highest)}, ${turns ? turned : what}`;
}

export function pairName(pair, n_pairs) {
  return `Pair ${pair + 1} of ${n_pairs}`;
}

/** How fast a pair turns. */
export function pairWave(frequency) {
  return `${short(frequency)} rad a token; once around in ${tokensLong((2 * Math.PI) / frequency)} tokens`;
}

/** The angle of a place. */
export function angle(place, frequency) {
  const turned = place * frequency;
  const degrees = (radians) => (radians * 180) / Math.PI;
  const digits = decimalsOf(2, (rounded) => comesOut(degrees(rounded(turned)), degrees(turned), 1));
  const product = `${place} × ${factor(frequency, place, digits)} = ${decimal(turned, digits)} rad`;
  return `${product} = ${decimal(degrees(turned), 1)}°`;
}

/** The angle between two places. */
export function angleBetween(query, key, frequency) {
  return `(${query} − ${key}) × ${factor(frequency, query - key, 2)} = ${decimal((query - key) * frequency)} rad`;
}

/** How alike the vectors of two places are; `cosine` is null where one has none. */
export function likeness(tokens, { query, key }, cosine) {
  const pair = `${visible(tokens[query])} at ${query}, ${visible(tokens[key])} at ${key}`;
  return cosine === null ? `${pair}: one of the two has no vector.` : `${pair}: cosine ${decimal(cosine, 3)}`;
}

/** How long a token's vector is, and what its place adds. */
export function addedLengths(token, embedding, position) {
  return `In this model the vector of ${visible(token)} is ${decimal(embedding)} long, what its place adds ${decimal(position)}.`;
}

/** What the axes of the charts are. */
export const AXIS = {
  place: "place",
  cosine: "cosine with the blue place",
  relative: "key minus query",
  distance: "distance in tokens",
  added: "added to a score",
  pairs: "pair, fast to slow",
  wavelength: "wavelength in tokens",
  position: "position",
  nats: "nats a token",
};

export function headOfTable(head, n_heads, source) {
  return `Head ${head + 1} of ${n_heads}, ${source}`;
}

/** The slopes of all heads, the chosen one marked. */
export function slopesRule(slopes, head) {
  return `slopes ${slopes.map((slope, index) => `${index === head ? "▸" : ""}${short(slope)}`).join("  ")}`;
}

export function bucketsRule({ n_buckets, sees }, last) {
  return `${n_buckets} buckets${sees === "both" ? ", half of them for later keys" : ""}; all from ${last} tokens on share the last`;
}

export const KEY_COMES_LATER = "The key comes later: no score to add to.";

/** What is added between two tokens; `bucket` is null where there are none. */
export function addedBetween(query, key, away, bucket, value) {
  const inBucket = bucket === null ? "" : `bucket ${bucket}, `;
  return `${visible(query)} and ${visible(key)}, ${away} away: ${inBucket}${signed(value, 3)}`;
}

/** How the place leaks into a model without positions. */
export function evenShares(token, n) {
  return `${visible(token)} sees ${n} ${n === 1 ? "token" : "tokens"}, itself counted: with even scores the first token's share of its mix is 1/${n} = ${decimal(1 / n, 3)}.`;
}

export const OTHER_DIRECTION =
  "These buckets look the other way than this model; choose its own direction to see what they do.";

/** How much of what a token reads the scheme moves. */
export function effectOnRow({ layer, head }, share, token) {
  return `Layer ${layer + 1}, head ${head + 1}: the scheme moves ${percent(share)} of what ${visible(token)} reads.`;
}

/** What a query reads of one key: shares, null where it may not read it; `pinned` undefined where nothing is pinned. */
export function effectOnCell(token, without, now, pinned) {
  const share = (value) => (value === null ? "none" : `${decimal(100 * value, 1)} %`);
  const then =
    pinned === undefined ? "" : pinned === null ? "; another token when pinned" : `, ${share(pinned)} when pinned`;
  return `${visible(token)}: ${share(without)} without, ${share(now)} with${then}`;
}

export function ofAll(index, n) {
  return `${index + 1} of ${n}`;
}

/** A tick of the axis of shares. */
export function shareTick(value) {
  return `${decimal(100 * value, Number.isInteger(Number((100 * value).toFixed(3))) ? 0 : 1)} %`;
}

/** A tick of the axis of what pairs add. */
export function addedTick(value) {
  return signed(value, Math.abs(value) < 1 && value !== 0 ? 1 : 0);
}

/** The dot product of two tokens before and after the rotation; `pinned` is null where it is not known. */
export function dotProducts(query, key, before, after, pinned) {
  const once = pinned === null ? "" : `, ${decimal(pinned)} pinned`;
  return `${visible(query)} · ${visible(key)}: q · k = ${decimal(before)} before${once ? "" : " turning"}, ${decimal(after)} after${once}`;
}

/** How far a model is to be stretched. */
export function stretchLead({ source, n_ctx }, factor) {
  return `${source} was trained on ${count(n_ctx)} tokens; at × ${factor} it is to read ${count(Math.round(factor * n_ctx))}.`;
}

export function factorTimes(factor) {
  return `× ${factor}`;
}

export function factorSaid(factor, n_ctx) {
  return `${factor} times ${n_ctx} tokens`;
}

/** YaRN's temperature of attention, where RoPE turns all of a head or `partly`. */
export function yarnTemperature(factor, attention_factor, partly) {
  const what = partly ? "what the turned pairs add to a score" : "every score";
  return (
    `YaRN also multiplies cos and sin by 0.1 ln ${factor} + 1 = ${decimal(attention_factor, 3)}, ` +
    `so ${what} by ${decimal(attention_factor ** 2, 3)}: attention stays sharp among more tokens.`
  );
}

/** The ways to stretch: in the table, and at the ends of their lines. */
export const STRETCHED = { trained: "as trained", linear: "interpolated, PI", yarn: "YaRN" };
export const STRETCHED_SHORT = { trained: "trained", linear: "PI", yarn: "YaRN" };

export function frequencyOf(frequency) {
  return `${short(frequency)} rad`;
}

/** How much of a pair's frequency YaRN keeps. */
export function yarnKeeps(pair, n_pairs, share) {
  return `${pairName(pair, n_pairs)}: YaRN keeps ${Math.round(100 * share)} % of it`;
}

export function turnsIn(n_ctx) {
  return `turns in ${count(n_ctx)}`;
}

export function trainedLength(n_ctx) {
  return `trained length, ${count(n_ctx)}`;
}

/** The wavelengths, for those who do not see them; `rows` are {name, wavelength} of the chosen pair. */
export function wavelengthsSaid(pair, rows) {
  const each = rows.map(({ name, wavelength }) => `${name} ${tokensLong(wavelength)} tokens`);
  return `Wavelength of each pair. Pair ${pair + 1}: ${each.join(", ")}`;
}

/** While the six models read. */
export const READING = {
  now: (reader) => `${reader} is reading …`,
  refused: (reader, message) => `${reader}: ${message}`,
};

/** A model of the six, under the pointer. */
export function readerTitle({ name, there }) {
  return there === false ? `${name} is not here; make train trains it` : name;
}

/** What stands where there is no loss; `isBeyond` the trained length. */
export function noLoss({ there, scheme }, isBeyond) {
  if (there === undefined) return "…";
  return there && scheme === "learned" && isBeyond ? "ends" : "–";
}

/** How the losses were measured; `there` are those of the models that are here. */
export function farSummary({ length, n_stretches, block, trained_at, models }, there) {
  if (models.every(({ there: isHere }) => isHere === false))
    return "None of the six checkpoints is here; `make train` trains them.";
  if (there.length === 0) return "";
  const ends = there.some(({ scheme }) => scheme === "learned")
    ? ` Learned vectors end there: no vector for place ${trained_at + 1}.`
    : "";
  return (
    `Measured now: mean loss of every ${block} tokens over ${n_stretches} stretches of ${length} tokens of held-out stories. ` +
    `All were trained on rows of ${trained_at}.${ends}`
  );
}

/** What stands in the chart of the losses. */
export const FAR = { trained: "trained", ends: "learned vectors end here" };

/** The losses, for those who do not see them. */
export function lossesSaid(there) {
  const each = there.map(
    ({ scheme, curve }) => `${SHORT_NAME[scheme]} from ${decimal(curve[0])} to ${decimal(curve.at(-1))} nats`,
  );
  return `Loss by position: ${each.join("; ")}`;
}
