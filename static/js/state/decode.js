// From the packed frame that the server sends to typed arrays. The layout is described in app/wire/payload.py.

const KINDS = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array };

/** The bytes behind a base64 text. */
function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** How many values an array holds in the blob: of a causal square, only the half below the diagonal travels. */
function lengthOf({ shape, half }) {
  if (!half) return shape.reduce((product, size) => product * size, 1);
  const rows = shape[shape.length - 1];
  return (shape.slice(0, -2).reduce((product, size) => product * size, 1) * rows * (rows + 1)) / 2;
}

/** One head's probabilities as bytes, 255 for 1: a row a query, a column a key. */
export class Rows {
  /**
   * `values` are the rows one after the other; if `causal`, row q has the keys 0..q alone, and no others are read; of a
   * `window` a query reads only so many keys, its own the last.
   */
  constructor(values, queries, keys, causal, window = null) {
    Object.assign(this, { values, queries, keys, causal, window });
  }

  /** Where a row starts in `values`. */
  start(query) {
    return this.causal ? (query * (query + 1)) / 2 : query * this.keys;
  }

  /** The first key that a query may read. */
  first(query) {
    return this.window ? Math.max(0, query - this.window + 1) : 0;
  }

  /** One past the last. */
  reach(query) {
    return this.causal ? query + 1 : this.keys;
  }

  /** Whether a query may read a key. */
  allows(query, key) {
    return key >= this.first(query) && key < this.reach(query);
  }

  /** One value; 0 where nothing may be read. */
  at(query, key) {
    return key < this.reach(query) ? this.values[this.start(query) + key] : 0;
  }
}

/** Every head's Rows: [layer, head, query, key]. */
export class Pattern {
  constructor(values, [layers, heads, queries, keys], causal) {
    const perHead = causal ? (queries * (queries + 1)) / 2 : queries * keys;
    Object.assign(this, { values, layers, heads, queries, keys, causal, tokens: queries, perHead });
  }

  /** Values in the form of one head of this pattern. */
  rows(values, window = null) {
    return new Rows(values, this.queries, this.keys, this.causal, window);
  }

  /** One head. */
  head(layer, head, window = null) {
    const start = (layer * this.heads + head) * this.perHead;
    return this.rows(this.values.subarray(start, start + this.perHead), window);
  }
}

/** The answer of `server.frame` with `arrays` replaced by typed arrays; those named "pattern..." become a Pattern. */
export function decode(answer) {
  const bytes = fromBase64(answer.blob);
  const arrays = {};
  for (const [name, description] of Object.entries(answer.arrays)) {
    const values = new KINDS[description.dtype](bytes.buffer, description.offset, lengthOf(description));
    const { shape, half } = description;
    arrays[name] = name.startsWith("pattern") ? new Pattern(values, shape, half) : values;
  }
  const { blob, ...rest } = answer;
  return { ...rest, arrays, bytes: blob.length };
}
