// One pair of RoPE as a clock: its hand turns by the same angle from token to token; between two tokens the angle is all
// that a dot product sees.

import { fitted } from "../../draw/labels.js";
import { mono } from "../../draw/type.js";

const FACE = 62; // px, radius of the large clock
export const SIDE = 2 * FACE + 12;
const PITCH = { wide: 44, narrow: 28, label: 15 };
const MOST = 64; // small clocks; of a longer text the last

/** A point on a clock's rim, from twelve o'clock. */
const rim = (x, y, radius, angle) => [x + radius * Math.sin(angle), y - radius * Math.cos(angle)];

function face(context, x, y, radius, tint) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = tint.card;
  context.fill();
  context.strokeStyle = tint.hairline;
  context.lineWidth = 1;
  context.stroke();
}

function hand(context, x, y, radius, angle, colour, width) {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(...rim(x, y, radius, angle));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = "round";
  context.stroke();
}

/** The large clock: the hands of query and key, and the way from one to the other. */
export function paintFace(context, frequency, { query, key }, tint) {
  const [x, y] = [SIDE / 2, SIDE / 2];
  face(context, x, y, FACE, tint);
  context.strokeStyle = tint.quiet;
  for (let tick = 0; tick < 12; tick++) {
    const angle = (tick * Math.PI) / 6;
    context.beginPath();
    context.moveTo(...rim(x, y, FACE - (tick % 3 ? 3 : 6), angle));
    context.lineTo(...rim(x, y, FACE, angle));
    context.stroke();
  }
  const [from, to] = [key * frequency, query * frequency];
  const turned = Math.sign(to - from) * Math.min(Math.abs(to - from), 2 * Math.PI);
  context.beginPath();
  context.moveTo(x, y);
  context.arc(x, y, FACE * 0.5, from - Math.PI / 2, from + turned - Math.PI / 2, turned < 0);
  context.closePath();
  context.fillStyle = tint.gold;
  context.globalAlpha = 0.28;
  context.fill();
  context.globalAlpha = 1;
  hand(context, x, y, FACE - 9, from, tint.key, 3);
  hand(context, x, y, FACE - 9, to, tint.query, 3);
  context.beginPath();
  context.arc(x, y, 3.5, 0, 2 * Math.PI);
  context.fillStyle = tint.ink;
  context.fill();
}

/** Where a small clock stands for every token, as {x, y, index}; their size, and how high the picture is. */
export function layout(width, tokens) {
  const first = Math.max(0, tokens - MOST);
  const count = tokens - first;
  const most = Math.max(1, Math.floor(width / (count <= 24 ? PITCH.wide : PITCH.narrow)));
  const perRow = Math.ceil(count / Math.ceil(count / most)); // rows of like length
  const pitch = Math.min(width / perRow, 64);
  const radius = Math.min(15, pitch / 2 - 3);
  const isNamed = count <= 24;
  const rowHeight = 2 * radius + 8 + (isNamed ? PITCH.label : 0);
  const places = Array.from({ length: count }, (_, at) => ({
    x: ((at % perRow) + 0.5) * pitch,
    y: Math.floor(at / perRow) * rowHeight + radius + 2,
    index: first + at,
  }));
  return { places, pitch, radius, isNamed, width, height: Math.ceil(count / perRow) * rowHeight + 2 };
}

/** Draws them; `labels` names the tokens. */
export function paintRow(context, { places, pitch, radius, isNamed }, frequency, labels, lighted, tint) {
  const { query, key, selected } = lighted;
  context.textAlign = "center";
  for (const { x, y, index } of places) {
    face(context, x, y, radius, tint);
    const colour = index === query ? tint.query : index === key ? tint.key : tint.residual;
    if (index === query || index === key || index === selected) {
      context.strokeStyle = index === selected && index !== query ? tint.gold : colour;
      context.lineWidth = 1.75;
      context.stroke();
    }
    hand(context, x, y, radius - 3, index * frequency, colour, 2);
    if (!isNamed) continue;
    context.font = mono(11, index === query || index === key ? 700 : 450);
    context.fillStyle = index === query ? tint["query-ink"] : index === key ? tint["key-ink"] : tint.quiet;
    context.fillText(fitted(context, labels.text(index), pitch - 4), x, y + radius + 13);
  }
}
