// The attention of a chosen depth: each kind's layers blended into one table of probabilities, a row for each token
// that reads. The server sends the mean over heads, as whole numbers up to 65,535.

const STEPS = 65535;

export const DEPTHS = ["mean", "first", "middle", "last"];

/** Which of `count` layers a depth means, counted from 0. */
export function layersAt(depth, count) {
  if (depth === "mean") return Array.from({ length: count }, (_, layer) => layer);
  return [{ first: 0, middle: Math.ceil(count / 2) - 1, last: count - 1 }[depth]];
}

/** A table of probabilities: `at(query, key)`, and whether a query may read a key at all. */
class Table {
  constructor(rows, columns, causal) {
    Object.assign(this, { rows, columns, causal, values: new Float32Array(rows * columns), largest: 0 });
  }

  at(query, key) {
    return this.values[query * this.columns + key];
  }

  allows(query, key) {
    return !this.causal || key <= query;
  }

  /** The mean of several rows: what a word of several tokens reads. */
  mean(queries) {
    return Float32Array.from({ length: this.columns }, (_, key) => {
      let sum = 0;
      for (const query of queries) sum += this.at(query, key);
      return queries.length ? sum / queries.length : 0;
    });
  }
}

function blend(values, rows, columns, causal, depth) {
  const table = new Table(rows, columns, causal);
  const size = causal ? (rows * (rows + 1)) / 2 : rows * columns;
  const layers = layersAt(depth, values.length / size);
  const scale = 1 / (STEPS * layers.length);
  for (let query = 0; query < rows; query++) {
    const [start, end] = causal ? [(query * (query + 1)) / 2, query + 1] : [query * columns, columns];
    for (let key = 0; key < end; key++) {
      let sum = 0;
      for (const layer of layers) sum += values[layer * size + start + key];
      table.values[query * columns + key] = sum * scale;
      if (sum * scale > table.largest) table.largest = sum * scale;
    }
  }
  return table;
}

/** The tables of a frame by their names in its arrays; of a model that is missing there are none. */
export function tables({ trio, arrays }, depth) {
  const found = {};
  const table = (name, rows, columns, causal) => {
    found[name] = blend(arrays[name], rows, columns, causal, depth);
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
