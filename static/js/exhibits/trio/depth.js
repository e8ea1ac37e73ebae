// The attention of a chosen depth: for each kind one table of probabilities, a row for each token that reads. The server
// sends the mean over heads and layers, in steps.

import { Rows } from "../../state/decode.js";
import { probability } from "../../state/patterns.js";

export const DEPTHS = ["mean", "first", "middle", "last"];

/** Which of `count` layers a depth means, counted from 0. */
export function layersAt(depth, count) {
  if (depth === "mean") return Array.from({ length: count }, (_, layer) => layer);
  return [{ first: 0, middle: Math.ceil(count / 2) - 1, last: count - 1 }[depth]];
}

/** Rows as of one head, of all heads and some layers: shares from 0 to 1. */
class Table extends Rows {
  share(query, key) {
    return this.at(query, key);
  }

  /** Whether a query may read a key at all. */
  allows(query, key) {
    return key < this.reach(query);
  }

  /** The mean share of several rows: what a word of several tokens reads. */
  mean(queries) {
    return Float32Array.from({ length: this.keys }, (_, key) => {
      let sum = 0;
      for (const query of queries) sum += this.share(query, key);
      return queries.length ? sum / queries.length : 0;
    });
  }
}

/** The tables of a frame by their names in its arrays; of a model that is missing there are none. */
export function tables({ trio, arrays }) {
  const found = {};
  const table = (name, queries, keys, causal) => {
    found[name] = new Table(Float32Array.from(arrays[name], probability), queries, keys, causal);
  };
  const [gpt, bert, read] = [trio.gpt, trio.bert, trio.t5].map(({ tokens }) => tokens?.length);
  if (gpt) table("gpt", gpt, gpt, true);
  if (bert) table("bert", bert, bert, false);
  if (read) {
    const { written, ended } = trio.t5;
    const rows = written.length + (ended ? 0 : 1);
    table("encoder", read, read, false);
    table("cross", rows, read, false);
    table("decoder", rows, rows, true);
  }
  return found;
}
