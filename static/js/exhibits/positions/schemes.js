// The field of numbers that each of the six schemes makes of a text, position by position.

import { FOOT, MISSING, READS } from "./words.js";

const largestOf = (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);

/** The chosen head, held within those that the scheme's table has. */
export function headOf(chosen, count) {
  return Math.min(chosen, count - 1);
}

/**
 * What is added at a distance, by key minus query, in one head of T5's buckets.
 *
 * @param {Frame} frame
 * @param {number} head
 */
export function bucketBias({ arrays, positions }, head) {
  const { reach } = positions.t5;
  return (relative) => arrays.t5_bias[head * (2 * reach - 1) + bucketAt(positions, relative)];
}

/** Where a distance, by key minus query, stands in the table of T5's buckets: what is further than it goes, at its end. */
export function bucketAt({ t5: { reach } }, relative) {
  return Math.max(1 - reach, Math.min(reach - 1, relative)) + reach - 1;
}

/** What a head adds to the score of a pair at this distance. */
export function valueAt(scheme, frame, head, relative) {
  return scheme === "alibi"
    ? -frame.positions.alibi.slopes[head] * Math.abs(relative)
    : bucketBias(frame, head)(relative);
}

/**
 * The distance from which all earlier keys fall into the last of T5's buckets.
 *
 * @param {Frame} frame
 */
export function lastBucket({ arrays, positions }) {
  const at = (distance) => arrays.t5_buckets[positions.t5.reach - 1 - distance];
  let distance = positions.t5.reach - 1;
  while (distance > 0 && at(distance - 1) === at(distance)) distance -= 1;
  return distance;
}

/**
 * How many heads T5's table has.
 *
 * @param {Frame} frame
 */
export function bucketHeads({ arrays, positions }) {
  return arrays.t5_bias.length / (2 * positions.t5.reach - 1);
}

/**
 * The trained vectors of a text of which not all are there: in small, and in full those of the two that are compared.
 *
 * @param {Frame} frame
 */
function learnedInPart({ positions, arrays, tokens }) {
  const { source, block } = positions.learned;
  const { query, key } = positions.compared;
  const [rows, cols] = [tokens.length, arrays.learned_rows.length / 2];
  const across = Math.ceil(cols / block);
  const inFull = (row, col) =>
    row === query ? arrays.learned_rows[col] : row === key ? arrays.learned_rows[cols + col] : null;
  const around = (row, col) => arrays.learned_small[Math.floor(row / block) * across + Math.floor(col / block)];
  const reads = (row, col) => {
    const first = block * Math.floor(col / block);
    return inFull(row, col) === null
      ? READS.learnedAround(first, Math.min(cols, first + block) - 1, around(row, col))
      : READS.learned(col, inFull(row, col));
  };
  return {
    rows,
    cols,
    value: (row, col) => inFull(row, col) ?? around(row, col),
    reads,
    alike: (one, other) => (one === query ? arrays.learned_alike[other] : null),
    inPart: true,
    largest: largestOf(arrays.learned_small),
    signed: true,
    foot: FOOT.learned(cols, source),
  };
}

/**
 * The field of a scheme: {rows, cols, value(row, col), largest, highest (where it is not the largest size), signed,
 * square, reads(row, col), foot: what the columns are}, and of vectors alike(row, row), the cosine between two, where it is
 * known without them; `inPart`, those of the compared tokens alone are there; `square` fields have a row for each query and a column for each
 * key, others a row for each token. With `causal`, keys come no later than the query. {missing: a sentence} where a
 * checkpoint is not there.
 *
 * @param {string} scheme
 * @param {Frame} frame
 * @param {number} head
 * @returns {any}
 */
export function fieldOf(scheme, frame, head) {
  const { positions, arrays, tokens } = frame;
  const rows = tokens.length;
  if (scheme === "sinusoidal") {
    const { frequencies, d_model: cols } = positions.sinusoidal;
    const pairs = frequencies.length;
    const wave = (col) =>
      col < pairs ? [Math.sin, "sin", frequencies[col]] : [Math.cos, "cos", frequencies[col - pairs]];
    const value = (row, col) => wave(col)[0](row * wave(col)[2]);
    const reads = (row, col) => READS.sinusoidal(wave(col)[1], row, wave(col)[2], value(row, col));
    // sin a sin b + cos a cos b = cos(a - b), and every vector is as long as the others.
    const alike = (one, other) => frequencies.reduce((sum, each) => sum + Math.cos((one - other) * each), 0) / pairs;
    return { rows, cols, value, reads, alike, largest: 1, signed: true, foot: FOOT.sinusoidal(pairs) };
  }
  if (scheme === "learned") {
    if (!positions.learned) return { missing: MISSING.learned };
    const { source, n_positions, block } = positions.learned;
    if (block !== null) return learnedInPart(frame);
    const known = Math.min(rows, n_positions);
    const cols = arrays.learned.length / known;
    const value = (row, col) => (row < known ? arrays.learned[row * cols + col] : null);
    const reads = (row, col) => (row < known ? READS.learned(col, value(row, col)) : READS.unlearned(source, row));
    return {
      rows,
      cols,
      value,
      reads,
      largest: largestOf(arrays.learned),
      signed: true,
      foot: FOOT.learned(cols, source),
    };
  }
  if (scheme === "rope") {
    const { frequencies, layer } = positions.rope;
    const value = (row, col) => (1 - Math.cos(row * frequencies[col])) / 2;
    const reads = (row, col) => READS.rope(col, row, frequencies[col]);
    return {
      rows,
      cols: frequencies.length,
      value,
      reads,
      largest: 1,
      signed: false,
      turns: frequencies,
      foot: FOOT.rope(frequencies.length, layer),
    };
  }
  const square = { rows, cols: rows, square: true, causal: true, foot: FOOT.scores };
  if (scheme === "alibi") {
    const { slopes } = positions.alibi;
    const slope = slopes[headOf(head, slopes.length)];
    const value = (query, key) => -slope * Math.abs(query - key);
    const reads = (query, key) => READS.alibi(slope, query - key, value(query, key));
    return { ...square, value, reads, largest: slope * Math.max(1, rows - 1), highest: 0, signed: true };
  }
  if (scheme === "t5") {
    if (!positions.t5) return { missing: MISSING.t5 };
    const bias = bucketBias(frame, headOf(head, bucketHeads(frame)));
    const value = (query, key) => bias(key - query);
    const reads = (query, key) => READS.t5(arrays.t5_buckets[bucketAt(positions, key - query)], value(query, key));
    const causal = positions.t5.sees === "left";
    const span = Array.from({ length: causal ? rows : 2 * rows - 1 }, (_, index) => bias(index + 1 - rows));
    return { ...square, causal, value, reads, largest: largestOf(span) || 1, signed: true };
  }
  const reads = (query) => READS.none(query + 1);
  return { ...square, value: (query) => 1 / (query + 1), reads, largest: 1, signed: false };
}
