// Paints the rows on the canvas: the text as an axis with ticks, then one strip of chips a row, each piece where its
// characters stand. Only what is in view is painted.

import { hatchRectangle } from "../../draw/hatch.js";
import { outline } from "../../draw/outline.js";
import { mono, sans } from "../../draw/type.js";
import { isPart } from "../../page/chips.js";
import { glyph } from "./axis.js";
import { isEvery } from "./view.js";

export const HEAD = 46;
const CHIP = 22;
const TICKS = 30; // where the axis line lies

/** Where each row's strip begins, from the top: rows a `pitch` apart, with a label above where it is wide enough. */
export function rowTops(rows, pitch) {
  const group = (row) => (row.name === "word" || isEvery(row) ? "plain" : row.name.includes("/") ? "hub" : "own");
  let y = HEAD + (pitch > 40 ? 6 : 0);
  const tops = rows.map((row, index) => {
    if (index > 0 && group(row) !== group(rows[index - 1])) y += 7;
    y += pitch;
    return y - CHIP - (pitch > 40 ? 3 : (pitch - CHIP) / 2);
  });
  return { tops, height: y + 4 };
}

/** `stage`: {view, axis, tops, width, height, scroll, pinned, chosen, selected, hover: {row, index} | null}. */
export function paint(context, stage, tint) {
  const { view, axis, width, scroll, chosen, selected, hover } = stage;
  context.translate(-scroll, 0);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const lit = hover ?? (selected >= 0 ? { row: chosen, index: selected } : null);
  if (lit) band(context, stage, lit, hover ? tint.hairline : tint["gold-ground"]);
  ruler(context, stage, tint);
  view.rows.forEach((row, index) => {
    const y = stage.tops[index];
    context.strokeStyle = tint.hairline;
    context.lineWidth = 1;
    context.setLineDash([1, 3]);
    line(context, scroll, y + CHIP / 2 + 0.5, Math.min(axis.width, scroll + width), y + CHIP / 2 + 0.5);
    context.setLineDash([]);
    if (row.ready) strip(context, stage, row, y, tint);
    if (row.ready) former(context, stage, row, y, tint);
  });
  if (lit) around(context, stage, lit, hover ? tint.quiet : tint.gold);
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

/** The lit piece's place through all rows. */
function band(context, { axis, height }, { row, index }, colour) {
  const [x0, x1] = [axis.places[row.starts[index]], axis.places[row.ends[index]]];
  context.fillStyle = colour;
  context.globalAlpha = 0.75;
  context.fillRect(x0, 2, Math.max(1.5, x1 - x0), height - 2);
  context.globalAlpha = 1;
}

/** The outline of the lit piece. */
function around(context, { axis, view, tops }, { row, index }, colour) {
  const [x0, x1] = [axis.places[row.starts[index]], axis.places[row.ends[index]]];
  const top = tops[view.rows.indexOf(row)];
  outline(context, { x: x0 + 1.5, y: top + 0.5, width: Math.max(0, x1 - x0 - 3), height: CHIP - 1 }, colour, 2, 4);
}

/** The text itself, and a line with a tick at each character, a long one at each tenth. */
function ruler(context, { view, axis, width, scroll }, tint) {
  const { first } = view.frame.ruler;
  for (const index of inView(axis.edges, scroll, width)) {
    const [x0, x1] = [axis.edges[index], axis.edges[index + 1]];
    letter(context, axis.glyphs[index], (x0 + x1) / 2, 16, axis.font + 1, tint.ink, tint);
  }
  context.strokeStyle = tint.quiet;
  context.fillStyle = tint.quiet;
  context.lineWidth = 1;
  line(context, scroll, TICKS + 0.5, Math.min(axis.width, scroll + width), TICKS + 0.5);
  context.font = sans(11, 400);
  for (const index of inView(axis.edges, scroll, width)) {
    const x = Math.round(axis.edges[index]) + 0.5;
    const tenth = (first + index) % 10 === 0;
    line(context, x, TICKS, x, TICKS + (tenth ? 7 : 3));
    if (tenth) context.fillText(String(first + index), x + (index ? 0 : 4), TICKS + 13);
  }
}

/** Which characters are in view. */
function* inView(edges, scroll, width) {
  for (let index = 0; index < edges.length - 1; index++) {
    if (edges[index + 1] < scroll) continue;
    if (edges[index] > scroll + width) return;
    yield index;
  }
}

function letter(context, { shown, code }, x, y, size, colour, tint) {
  context.font = code ? mono(11) : mono(size);
  context.fillStyle = code || shown === "·" ? tint.quiet : colour;
  context.fillText(shown, x, y + 0.5);
}

function strip(context, stage, row, y, tint) {
  const { view, axis, scroll, width, chosen } = stage;
  for (let index = Math.max(0, row.holding(byteAt(axis, scroll))); index < row.shown; index++) {
    const [x0, x1] = [axis.places[row.starts[index]], axis.places[row.ends[index]]];
    if (x0 > scroll + width) break;
    piece(context, stage, row, index, x0, x1, y, tint);
  }
  if (row === chosen || isEvery(row)) return;
  context.lineWidth = 2;
  for (const cut of row.starts) {
    if (cut && !chosen.cuts.has(view.letters.between(cut))) bar(context, axis.places[cut], y, tint.positive, []);
  }
  for (const cut of chosen.starts) {
    if (!cut || row.cuts.has(view.letters.between(cut)) || !view.letters.isBoundary(cut)) continue;
    if (!row.holes.has(row.holding(cut))) bar(context, axis.places[cut], y, tint.negative, [2, 2.5]);
  }
}

/** Under a row: where it cut the pinned text. */
function former(context, { axis, pinned }, { name }, y, tint) {
  context.fillStyle = tint.ink;
  for (const cut of pinned?.get(name)?.cuts ?? [])
    if (cut) context.fillRect(axis.places[cut] - 0.75, y + CHIP + 1, 1.5, 3);
}

/** A place where a row and the chosen one disagree: solid where it cuts and the chosen one does not, else dotted. */
function bar(context, x, y, colour, dash) {
  context.strokeStyle = colour;
  context.setLineDash(dash);
  line(context, x, y, x, y + CHIP);
  context.setLineDash([]);
}

/** The last byte that lies left of a place. */
function byteAt(axis, x) {
  let [low, high] = [0, axis.places.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (axis.places[middle] <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

function piece(context, { axis, view, chosen, selected }, row, index, x0, x1, y, tint) {
  const { letters } = view;
  const [from, to] = [row.starts[index], row.ends[index]];
  if (x1 - x0 < 0.5) return;
  const inset = x1 - x0 > 6 ? 1 : 0.5;
  const cut = !letters.isBoundary(from) || !letters.isBoundary(to);
  context.fillStyle = row === chosen && index === selected ? tint["gold-ground"] : tint.card;
  context.strokeStyle = cut ? tint.attention : row === chosen ? tint.quiet : tint.hairline;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(x0 + inset, y + 0.5, Math.max(0.5, x1 - x0 - 2 * inset), CHIP - 1, inset === 1 ? 4 : 0);
  context.fill();
  context.stroke();
  if (row.holes.has(index)) {
    hatchRectangle(context, { x: x0 + inset, y, width: x1 - x0 - 2 * inset, height: CHIP }, tint.key, 6, 1.2);
    return;
  }
  if (cut && row.spelled[index] === undefined) {
    bytes(context, row.raw(index), x0, x1, y, tint);
    return;
  }
  const first = letters.at[from];
  const own = letters.characters.slice(first, letters.at[to]);
  const spelled = row.spelled[index] === undefined ? own : written(row.piece(index), own);
  if (cut || spelled.length !== own.length) {
    context.font = mono(axis.font);
    context.fillStyle = tint["attention-ink"];
    context.fillText(spelled.map((one) => glyph(one).shown).join(""), (x0 + x1) / 2, y + CHIP / 2 + 0.5, x1 - x0 - 4);
    return;
  }
  spelled.forEach((character, at) => {
    const middle = (axis.edges[first + at] + axis.edges[first + at + 1]) / 2;
    const other = character !== own[at];
    const known = other ? glyph(character) : axis.glyphs[first + at];
    letter(context, known, middle, y + CHIP / 2, axis.font, other ? tint["attention-ink"] : tint.ink, tint);
  });
}

/** What a piece writes, without the space that SentencePiece puts in front of a text. */
function written(piece, own) {
  if (isPart(piece)) return own;
  const characters = Array.from(piece.text);
  return characters.length === own.length + 1 && characters[0] === " " && own[0] !== " "
    ? characters.slice(1)
    : characters;
}

/** The bytes of a piece that is no whole characters, if there is room for them. */
function bytes(context, raw, x0, x1, y, tint) {
  context.font = mono(11);
  context.fillStyle = tint["attention-ink"];
  const room = (x1 - x0) / raw.length;
  if (room < 14) return;
  raw.forEach((byte, index) => {
    const shown = byte.toString(16).toUpperCase().padStart(2, "0");
    context.fillText(shown, x0 + (index + 0.5) * room, y + CHIP / 2 + 0.5);
  });
}
