// The attention before the mask as the matrix draws it, and how much of it the mask takes.

import { Rows } from "../../state/decode.js";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const upTo = (size) => Array.from({ length: size }, (_, index) => index);

/** Readers of the part that is lost. Where `head` is null, the mean over the layer's heads is meant. */
export function lossOf({ arrays: { lost }, tokens }, { n_heads: heads }) {
  const size = tokens.length;
  const one = (layer, head, query) => lost[(layer * heads + head) * size + query];
  const row = (layer, head, query) =>
    head === null ? mean(upTo(heads).map((each) => one(layer, each, query))) : one(layer, head, query);
  return {
    row, // of one query
    part: (layer, head) => mean(upTo(size).map((query) => row(layer, head, query))), // over all queries
    whole: mean(lost), // over all there is
  };
}

/**
 * One head's attention before the mask, 0..255, or the mean over the layer's heads: `value(query, key)`, the `largest`
 * there is, and `parted(cells)`: as Rows of what the mask keeps and of what it strikes, each NaN where the other is.
 */
export function before(pattern, layer, head) {
  const each = (head === null ? upTo(pattern.heads) : [head]).map((one) => pattern.head(layer, one));
  const size = pattern.queries;
  const values = new Float32Array(size * size);
  let largest = 0;
  for (let query = 0; query < size; query++) {
    for (let key = 0; key < each[0].reach(query); key++) {
      let sum = 0;
      for (const rows of each) sum += rows.at(query, key);
      values[query * size + key] = sum / each.length;
      largest = Math.max(largest, sum / each.length);
    }
  }

  function parted(cells) {
    const [kept, struck] = [0, 1].map(() => new Float32Array(size * size).fill(Number.NaN));
    for (let query = 0; query < size; query++) {
      for (let key = cells.first(query); key < cells.reach(query); key++) {
        const part = cells.at(query, key) ? kept : struck;
        part[query * size + key] = values[query * size + key];
      }
    }
    const rows = (of) => new Rows(of, size, size, false);
    return { kept: rows(kept), struck: rows(struck), largest };
  }

  return { value: (query, key) => values[query * size + key], largest, parted };
}
