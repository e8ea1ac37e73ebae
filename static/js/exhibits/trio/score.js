// The score: the words of the text on top, below them one stave a model with its own tokens, and under the T5 what it
// wrote. Arcs show what the lit word reads in each stave, ribbons what was read while a word was written. Only what is
// in view is painted, on a canvas that stays put while its frame scrolls.

import { visible } from "../../page/chips.js";
import { fitted } from "../../draw/labels.js";
import { percent } from "../../format.js";
import { BEHIND, tokensOf, behind } from "./axis.js";
import { mono, sans, serif } from "../../draw/type.js";
import { IT_WRITES, LOOKS, trimmed } from "./words.js";

export const FAINTEST = 0.02; // of a reader's attention; what is below is not drawn
export const WIDEST = 14; // px of an arc or a ribbon that holds all of it
const WORDS = 34;
const ARC = 48;
const CHIP = 24;
const BETWEEN = 18;
const RIBBON = 92;
const ODDS = 18;
const FAMILIES = Object.keys(LOOKS);
const NARROW = 700;

const top = (family) => WORDS + FAMILIES.indexOf(family) * (ARC + CHIP + BETWEEN);
const chipTop = (family) => top(family) + ARC;
export const WRITTEN_TOP = chipTop("t5") + CHIP + RIBBON;
export const HEIGHT = WRITTEN_TOP + CHIP + ODDS;

/** Room on the left for the names of the staves; none on a narrow screen, where they stand above the tokens. */
export const margin = (width) => (width < NARROW ? 0 : 118);

const middle = ({ x, width }) => x + width / 2;

/** The middle of several boxes. */
function centre(boxes, indices) {
  return (boxes[indices[0]].x + boxes[indices.at(-1)].x + boxes[indices.at(-1)].width) / 2;
}

/**
 * Draws what is in view: `scroll` px of the text and `wrote` px of what was written have gone by; `place` is where all of it
 * stands (axis.js), `boxes` where the written words stand, `lit` what is lit, `picked` the family of the page's model.
 */
export function paint(context, { width, scroll, wrote, place, boxes, frame, tables, lit, picked }, tint) {
  const left = margin(width);
  const { trio } = frame;
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, HEIGHT);
  context.clip();
  context.translate(left - scroll, 0);
  const inView = ({ x, width: wide }) => x + wide > scroll - 40 && x < scroll + width - left + 40;
  bands(context, place, trio, lit, tint);
  words(context, place, frame, lit, tint, inView);
  if (tables.cross) ribbons(context, place.staves.t5.boxes, boxes, scroll - wrote, tables.cross, lit, tint);
  for (const [family, one] of Object.entries(place.staves)) {
    const table = tables[family === "t5" ? "encoder" : family];
    stave(context, family, one, table, trio, lit, tint, inView);
  }
  context.restore();
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, HEIGHT);
  context.clip();
  context.translate(left - wrote, 0);
  if (trio.t5.written) output(context, trio.t5, boxes, lit, tint);
  context.restore();
  names(context, left, picked, tint);
}

/** A gold band below the word that is asked for, a blue one below the word under the pointer. */
function bands(context, { words: boxes }, trio, lit, tint) {
  for (const [index, role] of [
    [trio.gap.word, "gold"],
    [lit.hovered, "query"],
  ]) {
    if (index === null || !boxes[index]) continue;
    const { x, width } = boxes[index];
    context.globalAlpha = 0.13;
    context.fillStyle = tint[role];
    context.fillRect(x, WORDS - 4, width, chipTop("t5") + CHIP - WORDS + 4);
    context.globalAlpha = 1;
  }
}

function words(context, place, { text, trio }, lit, tint, inView) {
  const characters = Array.from(text);
  context.textAlign = "center";
  context.textBaseline = "middle";
  trio.words.forEach(([start, end], index) => {
    const box = place.words[index];
    if (!inView(box)) return;
    const asked = index === trio.gap.word;
    const word = characters.slice(start, end).join("");
    const room = box.width + 8;
    const weight = asked ? 650 : 420;
    context.font = serif(16, weight);
    if (context.measureText(word).width > room) context.font = serif(13.5, weight);
    context.fillStyle = index === lit.hovered ? tint["query-ink"] : asked ? tint["gold-ink"] : tint.ink;
    context.fillText(fitted(context, word, room), middle(box), 15);
  });
}

/** One model's tokens under the words, with arcs from the lit word's tokens to those that they read. */
function stave(context, family, one, table, trio, lit, tint, inView) {
  const { tokens, boxes } = one;
  const y = chipTop(family);
  const queries = lit.word === null ? [] : tokensOf(one, trio.words[lit.word]);
  const reads = table.mean(queries);
  const largest = Math.max(...reads, FAINTEST);
  const open = (key) => queries.length === 0 || queries.some((query) => table.allows(query, key));
  if (queries.length) arcs(context, boxes, queries, reads, y, tint);
  tokens.forEach((token, key) => {
    const box = boxes[key];
    if (!inView(box)) return;
    const own = queries.includes(key);
    const inside = token.special && token.end > token.start;
    const hue = !inside ? null : token.text.toLowerCase().includes("unk") ? "key" : "gold";
    const outside = token.end === token.start;
    context.globalAlpha = open(key) ? 1 : 0.55;
    context.beginPath();
    context.roundRect(box.x + 0.75, y + 0.5, Math.max(2, box.width - 1.5), CHIP - 1, 4);
    context.fillStyle = tint.card;
    context.fill();
    if (open(key) && queries.length) {
      context.globalAlpha = 0.04 + 0.3 * (reads[key] / largest);
      context.fillStyle = tint.attention;
      context.fill();
      context.globalAlpha = 1;
    }
    context.setLineDash(inside || outside || !open(key) ? [2.5, 2] : []);
    context.lineWidth = own ? 1.5 : 1;
    context.strokeStyle = hue ? tint[hue] : own ? (lit.hovered === null ? tint.gold : tint.query) : tint.hairline;
    context.stroke();
    context.setLineDash([]);
    context.font = outside ? sans(11, 500) : mono(12, own ? 600 : 450);
    context.fillStyle = hue ? tint[`${hue}-ink`] : outside || !open(key) ? tint.quiet : tint.ink;
    context.textAlign = "center";
    context.fillText(fitted(context, label(token), box.width - 1), middle(box), y + CHIP / 2 + 0.5);
    context.globalAlpha = 1;
  });
}

/** A token's label under the words; one that is nothing but a space keeps its mark. */
function label(token) {
  return token.text.trim() && !token.special ? trimmed(token) : visible(token);
}

function arcs(context, boxes, queries, reads, y, tint) {
  const from = centre(boxes, queries);
  context.strokeStyle = tint.attention;
  context.lineCap = "round";
  reads.forEach((share, key) => {
    const to = middle(boxes[key]);
    if (share < FAINTEST || queries.includes(key)) return;
    const rise = Math.min(ARC - 8, 9 + 0.16 * Math.abs(to - from)) * 1.33;
    context.globalAlpha = Math.min(0.95, 0.25 + share);
    context.lineWidth = Math.max(0.75, share * WIDEST);
    context.beginPath();
    context.moveTo(from, y);
    context.bezierCurveTo(from + (to - from) * 0.12, y - rise, to - (to - from) * 0.12, y - rise, to, y - 1);
    context.stroke();
    context.globalAlpha = 1;
    context.fillStyle = tint.key;
    context.beginPath();
    context.arc(to, y - 1, 2, 0, 2 * Math.PI);
    context.fill();
  });
  context.fillStyle = tint.query;
  context.beginPath();
  context.arc(from, y - 1, 2.75, 0, 2 * Math.PI);
  context.fill();
}

/** What was read while each word was written: bands from what was read down to what came of it. */
function ribbons(context, read, wrote, shift, table, lit, tint) {
  const [y, below] = [chipTop("t5") + CHIP, WRITTEN_TOP];
  const isLit = (step, key) => (lit.step === null ? lit.keys === null || lit.keys.has(key) : lit.step === step);
  const some = lit.step !== null || lit.keys !== null;
  context.strokeStyle = tint.attention;
  context.lineCap = "butt";
  for (const now of some ? [false, true] : [true]) {
    wrote.forEach((box, step) => {
      const to = middle(box) + shift;
      for (let key = 0; key < table.keys; key++) {
        const share = table.share(step, key);
        if (share < FAINTEST || isLit(step, key) !== now) continue;
        const from = middle(read[key]);
        context.globalAlpha = (0.1 + 0.75 * share) * (now ? 1 : 0.45);
        context.lineWidth = Math.max(0.6, share * WIDEST);
        context.beginPath();
        context.moveTo(from, y);
        context.bezierCurveTo(from, y + RIBBON * 0.55, to, y + RIBBON * 0.45, to, below);
        context.stroke();
      }
    });
  }
  context.globalAlpha = 1;
}

/** The words that the T5 wrote, each with the probability that it was written with. */
function output(context, t5, boxes, lit, tint) {
  const { written } = t5;
  context.textAlign = "center";
  written.forEach((token, step) => {
    const { x, width } = boxes[step];
    const chosen = step === lit.step;
    context.beginPath();
    context.roundRect(x + 0.5, WRITTEN_TOP + 0.5, width - 1, CHIP - 1, 4);
    context.fillStyle = chosen ? tint["gold-ground"] : tint.card;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = chosen ? tint.gold : tint.hairline;
    context.setLineDash(token.special ? [2.5, 2] : []);
    context.stroke();
    context.setLineDash([]);
    context.font = mono(12, chosen ? 650 : 450);
    context.fillStyle = token.special ? tint.quiet : tint.ink;
    context.fillText(trimmed(token, true), x + width / 2, WRITTEN_TOP + CHIP / 2 + 0.5);
    context.font = sans(11);
    context.fillStyle = tint.quiet;
    context.fillText(percent(token.probability), x + width / 2, WRITTEN_TOP + CHIP + ODDS / 2 + 2);
  });
  const words = behind(t5);
  if (words === null) return;
  context.textAlign = "left";
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  const { x, width } = boxes.at(-1);
  context.fillText(words, x + width + BEHIND, WRITTEN_TOP + CHIP / 2 + 0.5);
}

/** What each stave is called, beside it, or above its tokens where there is no room beside it. */
function names(context, left, picked, tint) {
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const [family, looks] of Object.entries(LOOKS)) {
    const y = left ? chipTop(family) + 4 : top(family) + 6;
    if (!left) {
      context.font = serif(14, 650);
      context.fillStyle = tint.paper;
      context.fillRect(0, y - 9, context.measureText(family.toUpperCase()).width + 8, 18);
    } else if (family === picked) {
      context.fillStyle = tint.gold;
      context.fillRect(0, y - 9, 3, 34);
    }
    context.font = serif(left ? 17 : 14, 650);
    context.fillStyle = tint.ink;
    context.fillText(family.toUpperCase(), left ? 10 : 0, y);
    if (!left) continue;
    context.font = sans(11);
    context.fillStyle = tint.quiet;
    context.fillText(looks, 10, y + 17);
  }
  if (!left) return;
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  context.fillText(IT_WRITES, 10, WRITTEN_TOP + CHIP / 2);
}

/** What is under a point of the picture: {word}, {written}, or null. */
export function hit({ place, boxes, scroll, wrote, width }, x, y) {
  const left = margin(width);
  if (x < left) return null;
  if (y >= WRITTEN_TOP - 6) {
    const at = x - left + wrote;
    const step = boxes.findIndex((box) => at >= box.x && at < box.x + box.width + 4);
    return step < 0 ? null : { written: step };
  }
  if (y > chipTop("t5") + CHIP) return null;
  const at = x - left + scroll;
  const word = place.words.findIndex((box) => at >= box.x - 5 && at < box.x + box.width + 5);
  return word < 0 ? null : { word };
}
