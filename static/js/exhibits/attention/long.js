// One head on a long text: a window on its matrix, all of it in small beside, with the window to be dragged, and below them
// the open row in full. What the window shows comes from the server as it moves; until then its cells are coarse.

import { paintCells, paintGround } from "../../draw/cells.js";
import { outline } from "../../draw/outline.js";
import { sans } from "../../draw/type.js";
import { percent } from "../../format.js";
import { probability } from "../../state/patterns.js";
import { Window } from "../../state/long.js";
import * as words from "./words.js";

const PART = 128; // rows and keys that come in full: app/exhibits/attention/frame.py
const PITCH = 13; // px from a label of the window to the next
const GAP = 22; // px between the window and the overview
const FOOT = 78; // room for the labels of the columns
const STRIP = { above: 24, foot: 16, least: 44, usual: 90 };

const held = (value, low, high) => Math.max(low, Math.min(high, value));

/** Where things stand in a picture of a size. `window` is where the window stands on the matrix, {top, left}. */
export function layout(width, height, { queries, keys }, window) {
  const left = width < 360 ? 68 : 92;
  const side = width < 360 ? 84 : 140;
  const count = Math.max(6, Math.floor((width - left - side - GAP - 2) / PITCH));
  const room = Math.floor((height - FOOT - STRIP.above - STRIP.usual - STRIP.foot) / PITCH);
  const [high, wide] = [Math.min(Math.max(count, room), queries), Math.min(count, keys)];
  const longest = Math.max(queries, keys);
  const top = 6;
  const overview = {
    left: width - side - 1,
    top,
    wide: side / longest,
    high: side / longest,
    rows: queries,
    columns: keys,
  };
  const below = top + high * PITCH + FOOT + STRIP.above;
  return {
    matrix: { left, top, wide: PITCH, high: PITCH, rows: high, columns: wide, width: left + wide * PITCH, height },
    window: { ...within({ queries, keys }, { high, wide }, window), high, wide },
    overview,
    strip: { left: 0, top: below, width, height: Math.max(STRIP.least, height - below - STRIP.foot), keys },
    width,
    height: Math.max(height, below + STRIP.least + STRIP.foot),
  };
}

/** A window brought onto the matrix. */
function within({ queries, keys }, { high, wide }, { top, left }) {
  return { top: held(Math.round(top), 0, queries - high), left: held(Math.round(left), 0, keys - wide) };
}

/** A window moved as little as can be so that a cell stands in it, away from its edge. */
export function showing({ top, left, high, wide }, { query, key }) {
  const moved = (start, size, at) => (at >= start && at < start + size ? start : Math.round(at - 0.7 * size));
  return { top: moved(top, high, query), left: moved(left, wide, key) };
}

/** What is to be asked for so that a window and a row are there in full; undefined where they are. */
export function wanted({ window, rows, row }) {
  const { place, queries, keys } = rows;
  const [bottom, right] = [window.top + window.high - 1, window.left + window.wide - 1];
  const isThere = rows.holds(window.top, window.left) && rows.holds(bottom, right);
  if (isThere && place.row === row) return undefined;
  const start = (at, size, count) => {
    const first = Math.round(at - (PART - size) / 2);
    return first >= count - PART ? "end" : Math.max(0, first);
  };
  const [top, left] = [start(window.top, window.high, queries), start(window.left, window.wide, keys)];
  return `${row === queries - 1 ? "end" : row}.${top}.${left}`;
}

/** The window on a head's Rows, or on anything that is read like them. */
export const windowOn = (rows, { window }) => new Window(rows, window);

/** The largest that the window shows: the end of its ramp, as most of a long head is next to nothing. */
export function largestIn(window) {
  let largest = 0;
  for (let query = 0; query < window.queries; query++) {
    for (let key = window.first(query); key < window.reach(query); key++)
      largest = Math.max(largest, window.at(query, key));
  }
  return largest || 1;
}

/** Labels of the window. */
export const labelsFrom = (labels, first, count) => ({
  count,
  text: (index) => labels.text(first + index),
  isQuiet: (index) => labels.isQuiet(first + index),
});

/** All of a head in small; it changes with the frame. */
export function paintOverview(context, { overview }, rows, largest, tint) {
  paintGround(context, overview, rows, tint.card, tint.masked);
  paintCells(context, overview, rows.small, tint.sequential, largest);
}

/** Over it: the window, the open cell, and what it is called. */
export function paintWindow(context, { overview, window }, { query, key }, tint) {
  const { left, top, wide, high, rows, columns } = overview;
  const width = columns * wide;
  outline(context, { x: left, y: top, width, height: rows * high }, tint.hairline, 1, 0);
  const box = {
    x: left + window.left * wide,
    y: top + window.top * high,
    width: Math.max(6, window.wide * wide),
    height: Math.max(6, window.high * high),
  };
  box.x = Math.min(box.x, left + width - box.width);
  box.y = Math.min(box.y, top + rows * high - box.height);
  outline(context, box, tint.gold, 2, 2);
  context.fillStyle = tint.key;
  context.fillRect(left + key * wide - 1, top + rows * high + 2, 2, 5);
  context.fillStyle = tint.query;
  context.fillRect(left - 7, top + query * high - 1, 5, 2);
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  context.textAlign = "left";
  context.textBaseline = "top";
  words.overview(Math.max(rows, columns)).forEach((line, at) => {
    context.fillText(line, left, top + rows * high + 12 + 15 * at);
  });
}

/** One row in full: a bar for each key, or, where keys share a pixel, for the largest of them. */
export function paintStrip(context, { strip, window }, rows, { query, key }, reader, tint) {
  const { left, top, width, height, keys } = strip;
  const reach = rows.reach(query);
  const column = width / keys;
  let largest = 0;
  for (let at = 0; at < reach; at++) largest = Math.max(largest, rows.at(query, at));
  context.font = sans(11);
  context.fillStyle = tint.quiet;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText(words.wholeRow(reader, reach, percent(probability(largest))), left, top - 6);
  context.fillStyle = tint["gold-ground"];
  context.fillRect(left + window.left * column, top, Math.max(2, window.wide * column), height);
  context.fillStyle = tint.attention;
  const pixels = Math.min(keys, Math.floor(width));
  for (let pixel = 0; pixel < pixels; pixel++) {
    let most = 0;
    const end = Math.max(((pixel + 1) * keys) / pixels, Math.floor((pixel * keys) / pixels) + 1);
    for (let at = Math.floor((pixel * keys) / pixels); at < end && at < reach; at++)
      most = Math.max(most, rows.at(query, at));
    const tall = (most / (largest || 1)) * height;
    context.fillRect(left + (pixel * width) / pixels, top + height - tall, Math.max(0.6, width / pixels - 0.25), tall);
  }
  context.fillStyle = tint.hairline;
  context.fillRect(left, top + height, width, 1);
  context.fillStyle = tint.key;
  context.fillRect(left + (key + 0.5) * column - 1, top + height + 1, 2, 6);
}

/** What of the picture is under a point: "overview" with a cell, "strip" with a key; null elsewhere. */
export function under({ overview, strip }, x, y) {
  const [column, row] = [(x - overview.left) / overview.wide, (y - overview.top) / overview.high];
  if (column >= 0 && row >= 0 && column < overview.columns && row < overview.rows) {
    return { on: "overview", row: Math.floor(row), column: Math.floor(column) };
  }
  if (y >= strip.top && y <= strip.top + strip.height + 8 && x >= 0 && x < strip.width) {
    return { on: "strip", row: null, column: Math.min(strip.keys - 1, Math.floor((x * strip.keys) / strip.width)) };
  }
  return null;
}
