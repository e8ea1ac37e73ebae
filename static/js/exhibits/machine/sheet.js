// What changes with a frame, a head, a size or a theme only: the block's body, slabs, miniatures, matrices, embeddings and
// legends. It is painted once; lanes, pipes and what is lit are painted over it.

import * as attention from "./attention.js";
import { paintEmbeddings } from "./embeddings.js";
import { paintLegend } from "./legend.js";
import { movedOf, paintMovedScale } from "./moved.js";
import { paintLoads, paintSlabs } from "./slabs.js";

const STEPS = 255; // of a whole: app/wire/thumbnails.py

/** `paintMinis` is as draw/minis.js gives it. */
export function paintSheet(context, view, paintMinis, tint) {
  const { frame, machine, place, layer, patterns, rows, measured } = view;
  const { x, width, top, bottom } = place.block;
  context.beginPath();
  context.roundRect(x + 0.5, top + 0.5, width - 1, bottom - top - 1, 9);
  context.fillStyle = tint.card;
  context.fill();
  context.strokeStyle = tint.hairline;
  context.lineWidth = 1;
  context.stroke();
  const minis = paintSlabs(context, place, patterns, tint);
  for (const part of place.attentions) {
    minis.push(...attention.paintAtlas(context, part, patterns[part.kind], layer, tint));
  }
  paintMinis(context, minis, tint.sequential, STEPS); // small or large, all share the range of the legend
  for (const part of place.attentions) attention.paintMatrix(context, part, rows[part.kind], tint);
  for (const { name, prefix } of machine.stacks) {
    const groups = name === "decoder" ? 1 : machine.embeddings.length;
    paintEmbeddings(
      context,
      place.rivers[name],
      frame.arrays[`${prefix}embed`],
      frame.rivers[name].every,
      groups,
      tint,
    );
  }
  paintLoads(context, place, measured, tint);
  paintLegend(context, place, measured, tint);
  if (movedOf(measured, place.read)) paintMovedScale(context, place, tint);
}
