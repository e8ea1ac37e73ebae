// From the bytes of a frame to typed arrays that look at them. The layout is described in app/wire/payload.py.

const HEAD = 4; // bytes that say how long the JSON in front of the blob is
const KINDS = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array };

/** @typedef {{dtype: keyof typeof KINDS, shape: number[], offset: number, half: boolean}} Packed an array in the blob */

/**
 * How many values an array holds in the blob: of a causal square, only the half below the diagonal travels.
 *
 * @param {Packed} packed
 */
function lengthOf({ shape, half }) {
  if (!half) return shape.reduce((product, size) => product * size, 1);
  const rows = shape[shape.length - 1];
  return (shape.slice(0, -2).reduce((product, size) => product * size, 1) * rows * (rows + 1)) / 2;
}

/** @typedef {Uint16Array | Uint8Array | Int8Array | Uint32Array | Float32Array} Numbers */

/** Which keys the queries of one head may read. */
export class Sight {
  /**
   * If `causal`, query q reads the keys 0..q alone; of a `window` only so many, its own the last. If not, so many on
   * each side, its own counted.
   *
   * @param {number} keys
   * @param {boolean} causal
   * @param {number | null} window
   */
  constructor(keys, causal, window) {
    this.keys = keys;
    this.causal = causal;
    this.window = window;
  }

  /**
   * The first key that a query may read.
   *
   * @param {number} query
   */
  first(query) {
    return this.window ? Math.max(0, query - this.window + 1) : 0;
  }

  /**
   * One past the last.
   *
   * @param {number} query
   */
  reach(query) {
    if (this.causal) return query + 1;
    return this.window ? Math.min(this.keys, query + this.window) : this.keys;
  }

  /**
   * Whether a query may read a key.
   *
   * @param {number} query
   * @param {number} key
   */
  allows(query, key) {
    return key >= this.first(query) && key < this.reach(query);
  }
}

/** One head's probabilities in steps (patterns.js), or other numbers: a row a query, a column a key. */
export class Rows extends Sight {
  /**
   * `values` are the rows one after the other; if `causal`, row q has the keys 0..q alone, and no others are read; of a
   * `window` a query reads only so many keys, its own the last. In small, a row stands for `block` of `tokens.queries`,
   * a column for as many of `tokens.keys`.
   *
   * @param {Numbers} values
   * @param {number} queries
   * @param {number} keys
   * @param {boolean} causal
   * @param {number | null} window
   * @param {{queries: number, keys: number}} tokens
   * @param {number} block
   */
  constructor(values, queries, keys, causal, window = null, tokens = { queries, keys }, block = 1) {
    super(keys, causal, window === null || block === 1 ? window : Math.ceil(window / block) + 1);
    this.values = values;
    this.queries = queries;
    this.down = tokens.queries / block; // how many rows it is high, of which the last may be a part
    this.across = tokens.keys / block;
  }

  /**
   * Where a row starts in `values`.
   *
   * @param {number} query
   */
  start(query) {
    return this.causal ? (query * (query + 1)) / 2 : query * this.keys;
  }

  /**
   * One value; 0 where nothing may be read.
   *
   * @param {number} query
   * @param {number} key
   */
  at(query, key) {
    return key < this.reach(query) ? this.values[this.start(query) + key] : 0;
  }
}

/** Every head's Rows: [layer, head, query, key]. */
export class Pattern {
  /**
   * `tokens` and `block` are as in Rows.
   *
   * @param {Numbers} values
   * @param {number[]} shape
   * @param {boolean} causal
   * @param {{queries: number, keys: number}} tokens
   * @param {number} block
   */
  constructor(values, [layers, heads, queries, keys], causal, tokens = { queries, keys }, block = 1) {
    this.values = values;
    this.layers = layers;
    this.heads = heads;
    this.queries = queries;
    this.keys = keys;
    this.causal = causal;
    this.tokens = tokens;
    this.block = block;
    this.perHead = causal ? (queries * (queries + 1)) / 2 : queries * keys;
  }

  /**
   * Values in the form of one head of this pattern.
   *
   * @param {Numbers} values
   * @param {number | null} window
   */
  rows(values, window = null) {
    return new Rows(values, this.queries, this.keys, this.causal, window, this.tokens, this.block);
  }

  /**
   * The same heads, in small: each cell stands for a block of so many of the tokens along its side.
   *
   * @param {{queries: number, keys: number}} tokens
   * @param {number} block
   */
  inSmall(tokens, block) {
    return new Pattern(this.values, [this.layers, this.heads, this.queries, this.keys], this.causal, tokens, block);
  }

  /**
   * One head.
   *
   * @param {number} layer
   * @param {number} head
   * @param {number | null} window
   */
  head(layer, head, window = null) {
    const start = (layer * this.heads + head) * this.perHead;
    return this.rows(this.values.subarray(start, start + this.perHead), window);
  }
}

/**
 * What a frame's body says, and the `blob` behind it, both where they lie; `bytes` is how long it is.
 *
 * @param {ArrayBuffer} body
 * @returns {{blob: Uint8Array, bytes: number, [more: string]: any}}
 */
export function opened(body) {
  const length = new DataView(body).getUint32(0, true);
  const said = JSON.parse(new TextDecoder().decode(new Uint8Array(body, HEAD, length)));
  return { ...said, blob: new Uint8Array(body, HEAD + length), bytes: body.byteLength };
}

/**
 * The answer of `server.frame` with `arrays` replaced by typed arrays; those named "pattern..." become a Pattern.
 *
 * @param {{arrays: Record<string, Packed>, blob: Uint8Array, [more: string]: any}} answer
 * @returns {Record<string, any>}
 */
export function decode({ blob, ...answer }) {
  /** @type {Record<string, any>} */
  const arrays = {};
  for (const [name, description] of Object.entries(answer.arrays)) {
    const start = blob.byteOffset + description.offset;
    const values = new KINDS[description.dtype](/** @type {ArrayBuffer} */ (blob.buffer), start, lengthOf(description));
    const { shape, half } = description;
    arrays[name] = name.startsWith("pattern") ? new Pattern(values, shape, half) : values;
  }
  return { ...answer, arrays };
}
