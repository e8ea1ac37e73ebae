// One head's causal half as pixels. Where there are more cells than pixels, a pixel shows the largest value it covers,
// so that a sharp line stays visible at any length.

/** The first cell of each pixel, and one past the last. */
function bounds(tokens, pixels) {
  const starts = new Int32Array(pixels);
  const ends = new Int32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    starts[pixel] = Math.floor((pixel * tokens) / pixels);
    ends[pixel] = Math.max(starts[pixel] + 1, Math.floor(((pixel + 1) * tokens) / pixels));
  }
  return { starts, ends };
}

/**
 * Paints `rows` (see Pattern.head) into `pixels`, a Uint32Array of an image `stride` wide, as a square of `size` pixels
 * with its corner at (left, top). `lookup` has the packed colour of each of 256 values; `largest` is the value that
 * gets the deepest. Pixels of the masked half are left as they are.
 */
export function rasterize(rows, tokens, lookup, largest, pixels, stride, left, top, size) {
  const { starts, ends } = bounds(tokens, size);
  const gain = 255 / Math.max(1, largest);
  for (let y = 0; y < size; y++) {
    const out = (top + y) * stride + left;
    for (let x = 0; x < size; x++) {
      if (starts[x] >= ends[y]) break;
      let value = -1;
      for (let query = starts[y]; query < ends[y]; query++) {
        const row = (query * (query + 1)) / 2;
        const stop = Math.min(ends[x], query + 1);
        for (let key = starts[x]; key < stop; key++) if (rows[row + key] > value) value = rows[row + key];
      }
      if (value >= 0) pixels[out + x] = lookup[Math.min(255, Math.round(value * gain))];
    }
  }
}

/** The largest of some bytes. */
export function largestOf(values) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  return largest;
}
