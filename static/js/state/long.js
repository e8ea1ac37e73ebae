// A head on a long text, of which the browser has a part: see app/asked/parts.py.

import { Sight } from "./decode.js";
import { line } from "./fields.js";

const LONGEST_PART = 24; // characters

/** Which part of a long head is looked at: a field (fields.js). */
export const PART = line("", LONGEST_PART);

/** @typedef {import("./decode.js").Rows} Rows */

/** One long head as far as it is there: read like Rows (decode.js), and where it is not, by the largest of its block. */
export class Partly extends Sight {
  /**
   * `small` are the Rows of the head in small, `inFull` those of a part that begins at row `top` and key `left`, `row` those
   * of one row in full; `at` says where they are. Of a `window` a query reads only so many keys.
   *
   * @param {Rows} small
   * @param {Rows} inFull
   * @param {Rows} row
   * @param {{row: number, top: number, left: number, block: number}} at
   * @param {{queries: number, keys: number}} tokens
   * @param {number | null} window
   */
  constructor(small, inFull, row, at, { queries, keys }, window = null) {
    super(keys, small.causal, window);
    this.small = small;
    this.inFull = inFull;
    this.row = row;
    this.place = at;
    this.queries = queries;
    this.values = small.values; // whose largest is the head's
  }

  /**
   * Whether a value is there itself.
   *
   * @param {number} query
   * @param {number} key
   */
  knows(query, key) {
    return query === this.place.row || !this.allows(query, key) || this.holds(query, key);
  }

  /**
   * Whether a cell lies in the part that is there in full.
   *
   * @param {number} query
   * @param {number} key
   */
  holds(query, key) {
    const [row, column] = [query - this.place.top, key - this.place.left];
    return row >= 0 && column >= 0 && row < this.inFull.queries && column < this.inFull.keys;
  }

  /**
   * One value, or the largest around it; 0 where nothing may be read.
   *
   * @param {number} query
   * @param {number} key
   */
  at(query, key) {
    if (!this.allows(query, key)) return 0;
    const { row, top, left, block } = this.place;
    if (query === row) return this.row.at(0, key);
    if (this.holds(query, key)) return this.inFull.at(query - top, key - left);
    return this.small.at(Math.floor(query / block), Math.floor(key / block));
  }
}

/** A window on Rows of any kind, in its own rows and columns from (`top`, `left`) on. */
export class Window {
  /**
   * @param {any} rows
   * @param {{top: number, left: number, high: number, wide: number}} place
   */
  constructor(rows, { top, left, high, wide }) {
    this.rows = rows;
    this.top = top;
    this.left = left;
    this.queries = high;
    this.keys = wide;
    this.causal = rows.causal;
  }

  /**
   * @param {number} key
   */
  #within(key) {
    return Math.max(0, Math.min(this.keys, key - this.left));
  }

  /**
   * @param {number} query
   */
  first(query) {
    return this.#within(this.rows.first(query + this.top));
  }

  /**
   * @param {number} query
   */
  reach(query) {
    return this.#within(this.rows.reach(query + this.top));
  }

  /**
   * The first query that may read a key.
   *
   * @param {number} key
   */
  from(key) {
    return this.causal ? Math.max(0, Math.min(this.queries, key + this.left - this.top)) : 0;
  }

  /**
   * @param {number} query
   * @param {number} key
   */
  at(query, key) {
    return this.rows.at(query + this.top, key + this.left);
  }
}

/**
 * One head: {queries, keys, causal, head()}, a Pattern where it came whole, else as far as it is there, by `place`. `name` is
 * what its array is called in `arrays`; `of` stands behind that and the others' names.
 *
 * @param {Record<string, any>} arrays
 * @param {string} name
 * @param {{row: number, top: number, left: number, block: number} | undefined} place
 * @param {{queries: number, keys: number}} tokens
 */
export function headFrom(arrays, name, place, tokens, of = "") {
  const whole = arrays[name + of];
  if (!place) return whole;
  const [part, row] = ["part", "row"].map((what) => arrays[`${name}_${what}${of}`].head(0, 0));
  const small = whole.inSmall(tokens, place.block).head(0, 0);
  /** @type {(layer: number, head: number, window?: number | null) => Partly} */
  const head = (_layer, _head, window = null) => new Partly(small, part, row, place, tokens, window);
  return { ...tokens, causal: whole.causal, values: whole.values, head };
}
