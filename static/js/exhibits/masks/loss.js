// The attention before the mask as the matrix draws it, and how much of it the mask takes.

import { largestOf } from "../../draw/raster.js";
import { Rows } from "../../state/decode.js";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const upTo = (size) => Array.from({ length: size }, (_, index) => index);

/**
 * Readers of the part that is lost. Where `head` is null, the mean over the layer's heads is meant. Of a long text, that of
 * each query is there for what the matrix shows alone.
 */
export function lossOf({ arrays: { lost, lost_mean: means }, tokens }, { n_heads: heads }) {
  if (means) {
    const each = (layer) => means.subarray(layer * heads, (layer + 1) * heads);
    return {
      row: (_layer, _head, query) => lost[query],
      part: (layer, head) => (head === null ? mean(each(layer)) : each(layer)[head]),
      whole: mean(means),
    };
  }
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
 * The attention before the mask, of one head or the mean over the layer's heads: as `rows`, in steps, and `parted(cells)`: as
 * Rows of what the mask keeps and of what it strikes, each NaN where the other is, and the `largest` of both.
 */
export function before({ pattern_head: one }) {
  const rows = one.head(0, 0);
  const size = rows.queries;

  function parted(cells) {
    const [kept, struck] = [0, 1].map(() => new Float32Array(size * size).fill(Number.NaN));
    for (let query = 0; query < size; query++) {
      for (let key = cells.first(query); key < cells.reach(query); key++) {
        const part = cells.at(query, key) ? kept : struck;
        part[query * size + key] = rows.at(query, key);
      }
    }
    const square = (of) => new Rows(of, size, size, false);
    return { kept: square(kept), struck: square(struck), largest: largestOf(rows) };
  }

  return { rows, parted };
}
