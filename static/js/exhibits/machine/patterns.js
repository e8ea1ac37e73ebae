// A frame's attention patterns by kind, and what a sliding window leaves of them.

/** The patterns by kind of attention: "text", or a T5's "encoder", "decoder" and "cross". */
export function patternsOf({ arrays, written }) {
  if (!written) return { text: arrays.pattern };
  return { encoder: arrays.pattern_encoder, decoder: arrays.pattern_decoder, cross: arrays.pattern };
}

/** The window of a layer; null where a query reads all that the mask lets it. */
const windowOf = ({ window, windowed }, layer) => (windowed.includes(layer) ? window : null);

/** One head's rows, with the window of its layer. */
export function rowsOf(pattern, layer, head, machine) {
  return pattern.head(layer, head, windowOf(machine, layer));
}

/** The mean over a layer's heads. */
export function meanOf(pattern, layer, machine) {
  const sums = new Uint32Array(pattern.perHead);
  for (let head = 0; head < pattern.heads; head++) {
    const { values } = pattern.head(layer, head);
    for (let i = 0; i < sums.length; i++) sums[i] += values[i];
  }
  const values = Uint8Array.from(sums, (sum) => Math.round(sum / pattern.heads));
  return pattern.rows(values, windowOf(machine, layer));
}
