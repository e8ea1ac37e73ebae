// A frame's attention patterns by kind, and what a sliding window leaves of them.

/** The patterns by kind of attention: "text", or a T5's "encoder", "decoder" and "cross". */
export function patternsOf({ arrays, written }) {
  if (!written) return { text: arrays.pattern };
  return { encoder: arrays.pattern_encoder, decoder: arrays.pattern_decoder, cross: arrays.pattern };
}

/** One head's rows, with the window of its layer. */
export function rowsOf(pattern, layer, head, { window, windowed }) {
  return Object.assign(pattern.head(layer, head), { window: windowed.includes(layer) ? window : null });
}

/** The mean over a layer's heads. */
export function meanOf(pattern, layer, machine) {
  const sums = new Uint32Array(pattern.perHead);
  for (let head = 0; head < pattern.heads; head++) {
    const { values } = pattern.head(layer, head);
    for (let i = 0; i < sums.length; i++) sums[i] += values[i];
  }
  const values = Uint8Array.from(sums, (sum) => Math.round(sum / pattern.heads));
  return Object.assign(pattern.rows(values), { window: machine.windowed.includes(layer) ? machine.window : null });
}

/** The first key that a query may read. */
export function firstKey({ window }, query) {
  return window ? Math.max(0, query - window + 1) : 0;
}

/** Whether a query may read a key. */
export function mayRead(rows, query, key) {
  return key >= firstKey(rows, query) && key < rows.reach(query);
}

/** Takes what lies behind the window out of a picture of rows. */
export function clearBehind(context, rows, { left, top, width, height }, colour) {
  if (!rows.window || rows.window >= rows.queries) return;
  const [across, down] = [width / rows.keys, height / rows.queries];
  context.fillStyle = colour;
  for (let query = rows.window; query < rows.queries; query++) {
    context.fillRect(left, top + query * down, firstKey(rows, query) * across, down + 0.5);
  }
}
