// The scale under a picture: the ramp as it is, from zero to the largest value in the picture.

import { colours } from "../color.js";
import { fit, setText } from "../dom.js";
import { percent } from "../format.js";

const WIDTH = 96;
const HEIGHT = 8;

/** Draws the ramp and says its range, in per cent of attention; `largest` in 0..255. */
export function drawScale(node, largest, note) {
  const [canvas, words] = node.children;
  const theme = document.documentElement.dataset.theme;
  if (canvas.dataset.theme !== theme) {
    const context = fit(canvas, WIDTH, HEIGHT);
    const { css } = colours().ramp;
    for (let x = 0; x < WIDTH; x++) {
      context.fillStyle = css[Math.round((255 * x) / (WIDTH - 1))];
      context.fillRect(x, 0, 1, HEIGHT);
    }
    canvas.dataset.theme = theme;
  }
  setText(words, `0 to ${percent(largest / 255)} ${note}`);
}
