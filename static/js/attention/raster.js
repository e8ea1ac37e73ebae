// One head as pixels. Where there are more cells than pixels, a pixel shows the largest value it covers,
// so that a sharp line stays visible at any length.

/** The first cell of each pixel, and one past the last. */
function bounds(cells, pixels) {
  const starts = new Int32Array(pixels);
  const ends = new Int32Array(pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    starts[pixel] = Math.floor((pixel * cells) / pixels);
    ends[pixel] = Math.max(starts[pixel] + 1, Math.floor(((pixel + 1) * cells) / pixels));
  }
  return { starts, ends };
}

/**
 * Paints `rows` (see Rows) into `pixels`, a Uint32Array of an image `stride` wide, as a rectangle of `width` by `height`
 * pixels with its corner at (left, top). `lookup` has the packed colour of each of 256 values; `largest` is the value
 * that gets the deepest. Pixels of what may not be read are left as they are.
 */
export function rasterize(rows, lookup, largest, pixels, stride, left, top, width, height = width) {
  const [across, down] = [bounds(rows.keys, width), bounds(rows.queries, height)];
  const { values } = rows;
  const gain = 255 / Math.max(1, largest);
  for (let y = 0; y < height; y++) {
    const out = (top + y) * stride + left;
    const furthest = rows.reach(down.ends[y] - 1);
    for (let x = 0; x < width; x++) {
      if (across.starts[x] >= furthest) break;
      let value = -1;
      for (let query = down.starts[y]; query < down.ends[y]; query++) {
        const row = rows.start(query);
        const stop = Math.min(across.ends[x], rows.reach(query));
        for (let key = across.starts[x]; key < stop; key++) if (values[row + key] > value) value = values[row + key];
      }
      if (value >= 0) pixels[out + x] = lookup[Math.min(255, Math.round(value * gain))];
    }
  }
}

/** The largest value of a Pattern or of Rows. */
export function largestOf({ values }) {
  let largest = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  return largest;
}
