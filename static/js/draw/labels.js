// Labels along a row or a column of a drawing. Where there is not room for all, every n-th is drawn, and always those
// that are lit, whose neighbours make way.
//
// Labels are {count, text(index), isQuiet(index)}; what is lit of them is {first: the indices that come first in line,
// ink(index): the colour of one that is lit, or null, selected: the index that gets the gold ground}.

import { mono } from "./type.js";

const LINE = 13; // px from one label to the next, at least
const SLANTED_LINE = 17; // turned by 60 degrees they need more
const ANGLE = -Math.PI / 3;
const MOST_KNOWN = 4000;

/** The size of type for labels `pitch` px apart; the smallest on the page is 11 px. */
export function fontSize(pitch) {
  return pitch >= 16 ? 12 : 11;
}

/** Every which of the labels is drawn, so that those drawn stand at least `line` px apart. */
export function stepFor(pitch, line = LINE) {
  return Math.max(1, Math.ceil(line / pitch));
}

/** The indices to draw; `lit` indices come first in line. */
export function chosen(count, step, lit) {
  const kept = lit.filter((index) => index !== null && index >= 0 && index < count);
  const free = (index) => kept.every((other) => other === index || Math.abs(other - index) >= step);
  const others = [];
  for (let index = 0; index < count; index += step) if (!kept.includes(index) && free(index)) others.push(index);
  return [...new Set(kept), ...others];
}

/** Places along a line, in their order, moved so that they stand `line` px apart between `low` and `high`. */
export function apart(places, line, low, high) {
  const moved = [];
  for (const place of places) moved.push(Math.max(place, moved.length ? moved.at(-1) + line : low));
  for (let index = moved.length - 1, limit = high; index >= 0; limit = moved[index] - line, index--) {
    moved[index] = Math.min(moved[index], limit);
  }
  return moved;
}

const cut = new Map();

/** A label shortened to fit a width in the context's font, with an ellipsis. */
export function fitted(context, label, width) {
  const key = `${context.font}|${width}|${label}`;
  let text = cut.get(key);
  if (text === undefined) {
    text = label;
    const characters = Array.from(label);
    while (characters.length > 1 && context.measureText(text).width > width) {
      characters.pop();
      text = `${characters.join("")}…`;
    }
    if (cut.size > MOST_KNOWN) cut.clear();
    cut.set(key, text);
  }
  return text;
}

/** How long a label may be that stands slanted in a foot of a height. */
export function slanted(height) {
  return height / Math.sin(-ANGLE);
}

/** The gold ground of the selected label, like a selected chip. */
export function badge(context, right, y, width, tint) {
  context.fillStyle = tint["gold-ground"];
  context.strokeStyle = tint.gold;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(right - width - 4.5, y - 8.5, width + 9, 17, 3);
  context.fill();
  context.stroke();
}

function inkOf(labels, { ink }, index, tint) {
  return ink(index) ?? (labels.isQuiet(index) ? tint.quiet : tint.ink);
}

/** Beside the rows of a picture: rows `pitch` high from `top` on, their labels' ends (or starts) at `x`, at most `room` long. */
export function paintRowLabels(context, { x, top, pitch, room, align = "right" }, labels, lit, tint) {
  context.textBaseline = "middle";
  context.textAlign = align;
  for (const index of chosen(labels.count, stepFor(pitch), lit.first)) {
    const y = top + (index + 0.5) * pitch;
    context.font = mono(fontSize(pitch), lit.ink(index) ? 700 : 450);
    const text = fitted(context, labels.text(index), room);
    if (index === lit.selected) badge(context, x, y, context.measureText(text).width, tint);
    context.fillStyle = inkOf(labels, lit, index, tint);
    context.fillText(text, x, y + 0.5);
  }
}

/** Below the columns of a picture, slanted: columns `pitch` wide from `left` on, their labels' ends at `y`. */
export function paintColumnLabels(context, { left, y, pitch, room, size = fontSize(pitch) }, labels, lit, tint) {
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const index of chosen(labels.count, stepFor(pitch, SLANTED_LINE), lit.first)) {
    context.font = mono(size, lit.ink(index) ? 700 : 450);
    context.fillStyle = inkOf(labels, lit, index, tint);
    context.save();
    context.translate(left + (index + 0.5) * pitch + 3, y);
    context.rotate(ANGLE);
    context.fillText(fitted(context, labels.text(index), room), 0, 0);
    context.restore();
  }
}
