// The scale under a picture: the ramp as it is, from zero, or from minus it, to the largest value in the picture.

import { colours } from "./color.js";
import { fit, setText } from "../dom.js";
import { percent } from "../format.js";

const WIDTH = 96;
const HEIGHT = 8;

const drawn = new WeakMap(); // by canvas: the ramp that it shows

/** Draws a ramp and says its range, in per cent of attention; `largest` in 0..255. */
export function drawScale(node, largest, note, ramp = colours().ramp) {
  const [canvas, words] = node.children;
  if (drawn.get(canvas) !== ramp) {
    const context = fit(canvas, WIDTH, HEIGHT);
    for (let x = 0; x < WIDTH; x++) {
      context.fillStyle = ramp.css[Math.round(((ramp.css.length - 1) * x) / (WIDTH - 1))];
      context.fillRect(x, 0, 1, HEIGHT);
    }
    drawn.set(canvas, ramp);
  }
  const most = percent(largest / 255);
  setText(words, `${ramp.zero ? "±" : "0 to "}${most} ${note}`);
}
