// A frame's attention patterns by kind, and what a sliding window leaves of them.

/** The patterns by kind of attention, each with the windows of its layers; `stacks` are the catalog's. */
export function patternsOf({ arrays }, stacks) {
  const windowed = Object.entries(stacks).map(([kind, { windows }]) => {
    return [kind, Object.assign(arrays[`pattern_${kind}`] ?? arrays.pattern, { windows })];
  });
  return Object.fromEntries(windowed);
}

/** One head's rows, with the window of its layer. */
export function rowsOf(pattern, layer, head) {
  return pattern.head(layer, head, pattern.windows[layer]);
}

/** The mean over a layer's heads. */
export function meanOf(pattern, layer) {
  const sums = new Uint32Array(pattern.perHead);
  for (let head = 0; head < pattern.heads; head++) {
    const { values } = pattern.head(layer, head);
    for (let i = 0; i < sums.length; i++) sums[i] += values[i];
  }
  const values = Uint16Array.from(sums, (sum) => Math.round(sum / pattern.heads));
  return pattern.rows(values, pattern.windows[layer]);
}
