// Where the text is lost: at each place a bar, as high as the divergence there.

import { setAttribute } from "../../dom.js";
import { once } from "../../draw/once.js";
import { paintColumnLabels, slanted } from "../../draw/labels.js";
import { sans } from "../../draw/type.js";
import { fit, widthOf } from "../../page/canvas.js";
import { visible } from "../../page/chips.js";
import { colours } from "../../page/theme.js";
import * as words from "./words.js";

const HEIGHT = 128;
const [TOP, BOTTOM, LEFT, RIGHT] = [18, 66, 40, 4];
const WIDEST = 30; // px from one bar to the next

export function mountPlaces(canvas) {
  const paint = once((frame, width, tint) => {
    const { divergence } = frame.arrays;
    const tokens = frame.written ?? frame.tokens;
    const context = fit(canvas, width, HEIGHT);
    const pitch = Math.min(WIDEST, (width - LEFT - RIGHT) / divergence.length);
    const most = divergence.reduce((largest, bits) => Math.max(largest, bits), 0);
    context.font = sans(11, 450);
    context.fillStyle = tint.quiet;
    context.textAlign = "left";
    context.fillText(words.most(most), 0, TOP - 6);
    divergence.forEach((bits, at) => {
      const height = most ? (bits / most) * (BOTTOM - TOP) : 0;
      context.fillStyle = at === frame.position ? tint.gold : tint.residual;
      context.fillRect(LEFT + at * pitch + pitch * 0.15, BOTTOM - height, pitch * 0.7, height);
    });
    context.fillStyle = tint.hairline;
    context.fillRect(LEFT, BOTTOM, pitch * divergence.length, 1);
    const labels = { count: divergence.length, text: (at) => visible(tokens[at]), isQuiet: () => true };
    const lit = {
      first: [frame.position],
      ink: (at) => (at === frame.position ? tint["gold-ink"] : null),
      selected: null,
    };
    const room = slanted(HEIGHT - BOTTOM - 8);
    paintColumnLabels(context, { left: LEFT, y: BOTTOM + 8, pitch, room }, labels, lit, tint);
  });

  return function draw(frame) {
    setAttribute(canvas, "aria-label", words.placesSaid(frame.smaller.text));
    const width = widthOf(canvas.parentElement);
    if (width) paint(frame, width, colours());
  };
}
