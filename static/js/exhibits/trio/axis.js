// One character axis for three vocabularies: where every character, every word and every model's tokens stand. A token
// is as wide as the characters that it stands for; what stands for none (a task, a start, an end) goes in front or
// behind. Where tokens share a character, they share its width, and the character grows until they fit.

import { isPart, visible } from "../../page/chips.js";
import { mono, sans } from "../../draw/type.js";
import { stoppedAt } from "./words.js";

const UNITS = [13, 10, 8.4]; // px of a character: the first with which the text fits into the window
const TIGHT = [...UNITS, 7.6]; // where there is no more room than the window
const NARROWEST = 15; // px of a token
const HEX = 21; // px of a byte
const PADDING = { usual: 12, tight: 4 };
const APART = 3; // px between tokens that stand for no character
const WIDTHLESS = /[\p{M}\p{Cf}]/u;

/** A word that was written: px that hold "99.9 %", around the word, to the next. */
const WRITTEN = { usual: { least: 48, around: 14, apart: 4 }, tight: { least: 42, around: 8, apart: 3 } };
export const BEHIND = 8; // px between the last word and what stands behind it

const measured = new Map();

/** The width of a text in the face of tokens. */
export function widthOfLabel(context, text) {
  let width = measured.get(text);
  if (width === undefined) {
    context.font = mono(12);
    width = context.measureText(text).width;
    if (measured.size > 4000) measured.clear();
    measured.set(text, width);
  }
  return width;
}

const covers = (token) => token.end > token.start;

/** Runs of tokens that share characters: {from, to (indices of tokens), start, end (of characters)}. */
function clusters(tokens, first, last) {
  const found = [];
  for (let index = first; index <= last; index++) {
    const { start, end } = tokens[index];
    const open = found.at(-1);
    if (open && start < open.end) {
      open.to = index + 1;
      open.end = Math.max(open.end, end);
    } else {
      found.push({ from: index, to: index + 1, start, end });
    }
  }
  return found;
}

function stave(tokens) {
  const first = tokens.findIndex(covers);
  const last = tokens.findLastIndex(covers);
  const front = first < 0 ? tokens.length : first;
  return { tokens, front, last, clusters: first < 0 ? [] : clusters(tokens, first, last), boxes: [] };
}

/**
 * Where everything stands, in px from the left end of the picture: `staves[family].boxes` has {x, width} of each token,
 * `words` of each word, `x(character)` where a character of the text begins, and `width` how wide all of it is. A `tight` one
 * is narrower than one that can be scrolled.
 */
export function axis(context, { text, trio }, families, room, tight = false) {
  const characters = Array.from(text).slice(trio.first);
  const staves = Object.fromEntries(families.map((family) => [family, stave(trio[family].tokens)]));
  const padding = PADDING[tight ? "tight" : "usual"];
  const label = (token) => widthOfLabel(context, visible(token)) + padding;
  const side = (tokens) => tokens.reduce((sum, token) => sum + label(token) + APART, 0);
  const all = Object.values(staves);
  const gutter = Math.max(0, ...all.map(({ tokens, front }) => side(tokens.slice(0, front))));
  const tail = Math.max(0, ...all.map(({ tokens, last }) => (last < 0 ? 0 : side(tokens.slice(last + 1)))));
  const build = (unit) => {
    const widths = characters.map((character) =>
      WIDTHLESS.test(character) ? 0 : Math.max(unit, widthOfLabel(context, character)),
    );
    for (const { tokens, clusters: runs } of all) {
      for (const { from, to, start, end } of runs)
        widen(widths, start - trio.first, end - trio.first, from, to, tokens);
    }
    return widths;
  };
  const needs = (tokens, from, to) => {
    let needed = 0;
    for (let index = from; index < to; index++) {
      const token = tokens[index];
      needed += token.special ? label(token) : isPart(token) ? HEX : NARROWEST;
    }
    return needed;
  };
  function widen(widths, start, end, from, to, tokens) {
    let there = 0;
    for (let at = start; at < end; at++) there += widths[at];
    const lacking = to - from === 1 && !tokens[from].special ? 0 : needs(tokens, from, to) - there;
    if (lacking > 0) for (let at = start; at < end; at++) widths[at] += lacking / (end - start);
  }
  const sum = (widths) => widths.reduce((total, width) => total + width, 0);
  let widths;
  for (const unit of tight ? TIGHT : UNITS) {
    widths = build(unit);
    if (gutter + sum(widths) + tail <= room) break;
  }
  const starts = [gutter];
  for (const width of widths) starts.push(starts.at(-1) + width);
  const x = (character) => starts[Math.min(starts.length - 1, Math.max(0, character - trio.first))];
  for (const one of all) place(one, x, gutter, starts.at(-1), label);
  const words = trio.words.map(([start, end]) => ({ x: x(start), width: x(end) - x(start) }));
  return { staves, words, x, left: gutter, width: starts.at(-1) + tail };
}

/** Gives every token of a stave its box. */
function place({ tokens, front, last, clusters: runs, boxes }, x, left, right, label) {
  let at = left;
  for (let index = front - 1; index >= 0; index--) {
    const width = label(tokens[index]);
    at -= width + APART;
    boxes[index] = { x: at, width };
  }
  for (const { from, to, start, end } of runs) {
    const width = (x(end) - x(start)) / (to - from);
    for (let index = from; index < to; index++) boxes[index] = { x: x(start) + (index - from) * width, width };
  }
  if (last < 0) return;
  at = right + APART;
  for (let index = last + 1; index < tokens.length; index++) {
    const width = label(tokens[index]);
    boxes[index] = { x: at, width };
    at += width + APART;
  }
}

/** The tokens of a stave that stand for some of a word, by index. */
export function tokensOf({ tokens }, [start, end]) {
  const found = [];
  tokens.forEach((token, index) => {
    if (token.start < end && start < token.end) found.push(index);
  });
  return found;
}

/** What stands behind the words that a T5 wrote: nothing once it has come to its end. */
export const behind = ({ written, ended, limit }) => (ended || !written.length ? null : stoppedAt(limit));

/** How much room that takes. */
function roomBehind(context, t5) {
  const words = behind(t5);
  if (words === null) return 0;
  context.font = sans(11);
  return BEHIND + Math.ceil(context.measureText(words).width);
}

/**
 * Boxes of the words that a T5 wrote, {x, width}, from the place where its text begins if they fit there; and where what
 * is said of them ends.
 */
export function writtenBoxes(context, t5, left, room, tight = false) {
  const { least, around, apart } = WRITTEN[tight ? "tight" : "usual"];
  const widths = t5.written.map((token) => Math.max(least, widthOfLabel(context, visible(token, true)) + around));
  const after = roomBehind(context, t5);
  const total = widths.reduce((sum, width) => sum + width + apart, 0) + after;
  let x = left + total > room ? 0 : left;
  const boxes = widths.map((width) => {
    const box = { x, width };
    x += width + apart;
    return box;
  });
  const last = boxes.at(-1);
  return { boxes, end: last ? last.x + last.width + after : 0 };
}
