// The scale under a picture: the ramp as it is, from zero, or from minus it, to the largest value in the picture.

import { setText } from "../dom.js";
import { once } from "../draw/once.js";
import { paintRamp } from "../draw/ramp.js";
import { percent } from "../format.js";
import { fit } from "./canvas.js";

const WIDTH = 96;
const HEIGHT = 8;

/** Gives `draw(ramp, text)`: a ramp and what it stands for. */
export function mountRamp({ children: [canvas, words] }) {
  const paint = once((ramp) => paintRamp(fit(canvas, WIDTH, HEIGHT), ramp, 0, 0, WIDTH, HEIGHT));
  return function draw(ramp, text) {
    paint(ramp);
    setText(words, text);
  };
}

/** Gives `draw(largest, note, ramp)`: a ramp and its range, in per cent of attention; `largest` from 0 to 1. */
export function mountScale(node) {
  const drawRamp = mountRamp(node);
  return function draw(largest, note, ramp) {
    drawRamp(ramp, `${ramp.zero ? "±" : "0 to "}${percent(largest)} ${note}`);
  };
}
