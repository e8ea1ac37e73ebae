// The six schemes: what each is called, and the field of numbers that it makes of a text, position by position.

import { decimal } from "../../format.js";

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
  none: {
    name: "Nothing, NoPE",
    says: "Nothing says where a token stands. But a token that sees only what is before it mixes over one more token at each place: even shares of 1/n tell the place, and training can build on that.",
  },
};

const largestOf = (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);

/** A head that the scheme's table has. */
export function headOf(state, count) {
  return Math.min(state.head, count - 1);
}

/** What is added at a distance, by key minus query, in one head of T5's buckets. */
export function bucketBias({ arrays, positions }, head) {
  const { reach } = positions.t5;
  return (relative) => arrays.t5_bias[head * (2 * reach - 1) + relative + reach - 1];
}

/** What a head adds to the score of a pair at this distance. */
export function valueAt(scheme, frame, head, relative) {
  return scheme === "alibi"
    ? -frame.positions.alibi.slopes[head] * Math.abs(relative)
    : bucketBias(frame, head)(relative);
}

/** The distance from which all earlier keys fall into the last of T5's buckets. */
export function lastBucket({ arrays, positions }) {
  const at = (distance) => arrays.t5_buckets[positions.t5.reach - 1 - distance];
  let distance = positions.t5.reach - 1;
  while (distance > 0 && at(distance - 1) === at(distance)) distance -= 1;
  return distance;
}

/** How many heads T5's table has. */
export function bucketHeads({ arrays, positions }) {
  return arrays.t5_bias.length / (2 * positions.t5.reach - 1);
}

/**
 * The field of a scheme: {rows, cols, value(row, col), largest, highest (where it is not the largest size), signed,
 * square, reads(row, col), foot: what the columns are}; `square` fields have a row for each query and a column for each key, others a row for each token. With `causal`, keys come no later than the
 * query. {missing: a sentence} where a checkpoint is not there.
 */
export function fieldOf(scheme, frame, state) {
  const { positions, arrays, tokens } = frame;
  const rows = tokens.length;
  if (scheme === "sinusoidal") {
    const { frequencies, d_model: cols } = positions.sinusoidal;
    const pairs = frequencies.length;
    const wave = (col) =>
      col < pairs ? [Math.sin, "sin", frequencies[col]] : [Math.cos, "cos", frequencies[col - pairs]];
    const value = (row, col) => wave(col)[0](row * wave(col)[2]);
    const reads = (row, col) => `${wave(col)[1]}(${row} × ${short(wave(col)[2])}) = ${decimal(value(row, col), 3)}`;
    const foot = `the sines of ${pairs} pairs, fast to slow, then their cosines`;
    return { rows, cols, value, reads, largest: 1, signed: true, foot };
  }
  if (scheme === "learned") {
    if (!positions.learned)
      return { missing: "No checkpoint with learned positions is here; `make train` trains gpt-learned." };
    const { source, n_positions } = positions.learned;
    const known = Math.min(rows, n_positions);
    const cols = arrays.learned.length / known;
    const value = (row, col) => (row < known ? arrays.learned[row * cols + col] : null);
    const reads = (row, col) =>
      row < known ? `dimension ${col + 1}: ${decimal(value(row, col), 3)}` : `${source} has no vector for place ${row}`;
    return {
      rows,
      cols,
      value,
      reads,
      largest: largestOf(arrays.learned),
      signed: true,
      foot: `dimensions 1 to ${cols} of ${source}'s table`,
    };
  }
  if (scheme === "rope") {
    const { frequencies } = positions.rope;
    const value = (row, col) => (1 - Math.cos(row * frequencies[col])) / 2;
    const reads = (row, col) =>
      `pair ${col + 1}: ${row} × ${short(frequencies[col])} = ${decimal(row * frequencies[col])} rad`;
    return {
      rows,
      cols: frequencies.length,
      value,
      reads,
      largest: 1,
      signed: false,
      turns: frequencies,
      foot: `pairs 1 to ${frequencies.length}, fast to slow`,
    };
  }
  const square = { rows, cols: rows, square: true, causal: true, foot: "keys: the tokens that are read" };
  if (scheme === "alibi") {
    const { slopes } = positions.alibi;
    const slope = slopes[headOf(state, slopes.length)];
    const value = (query, key) => -slope * Math.abs(query - key);
    const reads = (query, key) => `−${short(slope)} × ${query - key} = ${decimal(value(query, key), 3)}`;
    return { ...square, value, reads, largest: slope * Math.max(1, rows - 1), highest: 0, signed: true };
  }
  if (scheme === "t5") {
    if (!positions.t5) return { missing: "No checkpoint with T5's buckets is here; `make train` trains gpt-t5bias." };
    const bias = bucketBias(frame, headOf(state, bucketHeads(frame)));
    const value = (query, key) => bias(key - query);
    const reads = (query, key) =>
      `bucket ${arrays.t5_buckets[key - query + positions.t5.reach - 1]}: ${signedNumber(value(query, key))}`;
    const causal = positions.t5.sees === "left";
    const span = Array.from({ length: causal ? rows : 2 * rows - 1 }, (_, index) => bias(index + 1 - rows));
    return { ...square, causal, value, reads, largest: largestOf(span) || 1, signed: true };
  }
  const reads = (query) => `one of ${query + 1} equal shares: ${decimal(1 / (query + 1), 3)}`;
  return { ...square, value: (query) => 1 / (query + 1), reads, largest: 1, signed: false };
}

/** A number to three digits that count, without a power of ten. */
export function short(value) {
  if (value === 0) return "0";
  const digits = Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return decimal(value, digits);
}

export function signedNumber(value, digits = 3) {
  return (value > 0 ? "+" : "") + decimal(value, digits);
}
