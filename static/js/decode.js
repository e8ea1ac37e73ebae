// From the packed frame that the server sends to typed arrays. The layout is described in app/payload.py.

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

/** Attention probabilities as bytes, 255 for 1: [layer, head, query, key] with key <= query. */
export class Pattern {
  constructor(values, [layers, heads, tokens]) {
    Object.assign(this, { values, layers, heads, tokens, perHead: (tokens * (tokens + 1)) / 2 });
  }

  /** One head's rows, concatenated: row q starts at q (q + 1) / 2 and holds keys 0..q. */
  head(layer, head) {
    const start = (layer * this.heads + head) * this.perHead;
    return this.values.subarray(start, start + this.perHead);
  }
}

/** One value of a head's concatenated rows. */
export function at(rows, query, key) {
  return rows[(query * (query + 1)) / 2 + key];
}

/** The answer of `server.frame` with `arrays` replaced by typed arrays, `pattern` among them as a Pattern. */
export function decode(answer) {
  const bytes = fromBase64(answer.blob);
  const arrays = {};
  for (const [name, description] of Object.entries(answer.arrays)) {
    const values = new KINDS[description.dtype](bytes.buffer, description.offset, lengthOf(description));
    arrays[name] = description.half ? new Pattern(values, description.shape) : values;
  }
  const { blob, ...rest } = answer;
  return { ...rest, arrays, bytes: blob.length };
}
