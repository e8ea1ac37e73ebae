// One ribbon of columns: its picture, what the pointer or the keys read in it, and how its newest column slides in.

import { setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { largestOf, paintValues, picture } from "../../draw/raster.js";
import { diverging } from "../../draw/ramp.js";
import { fit } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { mountCursor } from "./cursor.js";
import { HEIGHT, paint, placed } from "./kept.js";
import { readNumber, ribbonHint } from "./words.js";

/** What the colours of some arrays end at. */
export function largest(...arrays) {
  return Math.max(1e-9, ...arrays.map((values) => largestOf({ values })));
}

/** The ramps of what stands in a ribbon: from slate over the card to the colour of its role. */
export function rampsOf(tint) {
  const toward = (role) => diverging(tint.card, tint.residual, tint[role]);
  return { q: toward("query"), keys: toward("key"), values: toward("value"), z: toward("attention") };
}

/**
 * Gives `draw(frame, tokens, width, arriving, tint)` for the arrays `<prefix>_keys` and so on of a frame; `arriving`: how far
 * the newest column has slid in, 0 to 1, null where none is the newest token's own.
 */
export function mountRibbon(figure, store, prefix) {
  const [canvas, words] = [figure.querySelector("canvas"), figure.querySelector("figcaption p")];
  const cursor = mountCursor(canvas, store);
  const pictures = { q: picture(), keys: picture(), values: picture(), z: picture() };
  const partsOf = once((arrays) => {
    const names = ["q", "keys", "values", "weights", "z"];
    return Object.fromEntries(names.map((name) => [name, arrays[`${prefix}_${name}`]]));
  });
  const rampsFor = once(rampsOf);

  /** The numbers as pictures: columns from `first` on, and the two vectors beside them. Those of the last tokens are there. */
  const imagesOf = once((arrays, first, n, tint) => {
    const { q, keys, values, z } = partsOf(arrays);
    const from = first - (n - keys.length / q.length);
    const ends = { q: largest(q, keys), values: largest(values, z) };
    ends.keys = ends.q;
    ends.z = ends.values;
    const image = (name, array, columns, from) => {
      const d = name === "q" || name === "keys" ? q.length : z.length;
      return pictures[name](columns, d, (pixels) => {
        const value = (row, column) => array[(column + from) * d + row];
        paintValues(pixels, d, columns, value, rampsFor(tint)[name], ends[name]);
      });
    };
    return {
      q: image("q", q, 1, 0),
      keys: image("keys", keys, n - first, from),
      values: image("values", values, n - first, from),
      z: image("z", z, 1, 0),
    };
  });

  const placeOf = once(placed);
  const drawPicture = once((place, arrays, images, tokens, arriving, at, tint) => {
    const drawing = { images, weights: partsOf(arrays).weights, tokens, arriving, cursor: at };
    paint(fit(canvas, place.width, HEIGHT), place, drawing, tint);
  });

  /** What the pointer or the arrow keys are on, in numbers; else what the ribbon is. */
  function read(arrays, tokens, isOwn) {
    if (!cursor.at || cursor.at.token >= tokens.length) return setTerms(words, ribbonHint(isOwn));
    const { token, number } = cursor.at;
    const { q, keys, values, z, weights } = partsOf(arrays);
    const from = (all, d) => (number < d ? all[(token - tokens.length) * d + all.length + number] : undefined);
    const numbers = { key: from(keys, q.length), value: from(values, z.length), weight: weights[token] };
    setText(words, readNumber(tokens[token], { number, of: Math.max(q.length, z.length) }, numbers));
  }

  return function draw({ arrays, cache: { d_head: keys, d_value: values } }, tokens, width, arriving, tint) {
    const sent = partsOf(arrays).keys.length / keys;
    const place = placeOf(width, tokens.length, keys, values, sent);
    cursor.place = place;
    read(arrays, tokens, arriving !== null);
    const images = imagesOf(arrays, place.first, place.n, tint);
    drawPicture(place, arrays, images, tokens, arriving, cursor.at, tint);
  };
}
