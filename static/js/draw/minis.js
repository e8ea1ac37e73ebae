// Patterns in miniature, many of them in one image.

import { asShapes, cellsOf, paintShapes, picture, rasterize } from "./raster.js";

/**
 * Gives `paint(context, places, ramp, largest)`: `places` is a list of {rows, x, y, size}. The image is kept from one
 * painting to the next, as it is a megabyte.
 */
export function mountMinis() {
  const pictureOf = picture();

  return function paint(context, places, ramp, largest) {
    const cells = context.isVector ? places.reduce((sum, { rows }) => sum + cellsOf(rows), 0) : 0;
    if (asShapes(context, cells)) {
      for (const { rows, x, y, size } of places) paintShapes(context, rows, ramp, largest, { x, y, width: size });
      return;
    }
    const ratio = context.getTransform().a;
    let [right, bottom] = [1, 1];
    for (const { x, y, size } of places) {
      right = Math.max(right, Math.ceil((x + size + 1) * ratio));
      bottom = Math.max(bottom, Math.ceil((y + size + 1) * ratio));
    }
    const image = pictureOf(right, bottom, (pixels) => {
      for (const { rows, x, y, size } of places) {
        const side = Math.max(1, Math.round(size * ratio));
        rasterize(rows, ramp, largest, pixels, right, Math.round(x * ratio), Math.round(y * ratio), side);
      }
    });
    context.drawImage(image, 0, 0, right / ratio, bottom / ratio);
  };
}
