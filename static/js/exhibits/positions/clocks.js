// One pair of RoPE as a clock: its hand turns by the same angle from token to token; between two tokens the angle is all
// that a dot product sees.

import { visible } from "../../page/chips.js";
import { fitted } from "../../draw/labels.js";
import { colours } from "../../page/theme.js";
import { fit } from "../../page/canvas.js";
import { mono } from "../../draw/type.js";

const FACE = 62; // px, radius of the large clock
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
export function paintFace(canvas, frequency, { query, key }) {
  const tint = colours();
  const side = 2 * FACE + 12;
  const context = fit(canvas, side, side);
  const [x, y] = [side / 2, side / 2];
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

/** A small clock for every token; gives where each stands, as {x, y, radius, index}. */
export function paintRow(canvas, width, frequency, tokens, { query, key, selected }) {
  const first = Math.max(0, tokens.length - MOST);
  const count = tokens.length - first;
  const most = Math.max(1, Math.floor(width / (count <= 24 ? PITCH.wide : PITCH.narrow)));
  const perRow = Math.ceil(count / Math.ceil(count / most)); // rows of like length
  const pitch = Math.min(width / perRow, 64);
  const radius = Math.min(15, pitch / 2 - 3);
  const rowHeight = 2 * radius + 8 + (count <= 24 ? PITCH.label : 0);
  const tint = colours();
  const context = fit(canvas, width, Math.ceil(count / perRow) * rowHeight + 2);
  const places = [];
  context.textAlign = "center";
  for (let index = first; index < tokens.length; index++) {
    const at = index - first;
    const [x, y] = [((at % perRow) + 0.5) * pitch, Math.floor(at / perRow) * rowHeight + radius + 2];
    places.push({ x, y, radius: pitch / 2, index });
    face(context, x, y, radius, tint);
    const colour = index === query ? tint.query : index === key ? tint.key : tint.residual;
    if (index === query || index === key || index === selected) {
      context.strokeStyle = index === selected && index !== query ? tint.gold : colour;
      context.lineWidth = 1.75;
      context.stroke();
    }
    hand(context, x, y, radius - 3, index * frequency, colour, 2);
    if (count > 24) continue;
    context.font = mono(11, index === query || index === key ? 700 : 450);
    context.fillStyle = index === query ? tint["query-ink"] : index === key ? tint["key-ink"] : tint.quiet;
    context.fillText(fitted(context, visible(tokens[index]), pitch - 4), x, y + radius + 13);
  }
  return places;
}
