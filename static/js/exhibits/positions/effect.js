// What the model's own scheme does to this text: one head's attention with positions and without, both the softmax of
// the same queries and keys; and, for RoPE, the dot product of two tokens pair by pair.

import { fitted } from "../../draw/labels.js";
import { mono } from "../../draw/type.js";
import { ticks } from "../../draw/scale.js";
import { axes, box } from "../../draw/chart.js";
import { valueAt } from "./schemes.js";
import { addedTick, shareTick } from "./words.js";

export const HEIGHT = 176;
const WIDEST = 90; // px of a bar and its neighbour

const dot = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);

function softmax(scores) {
  const largest = Math.max(...scores);
  const grown = scores.map((score) => Math.exp(score - largest));
  const total = grown.reduce((sum, value) => sum + value, 0);
  return grown.map((value) => value / total);
}

/** One row of an array [token, coordinate], or all of one that has the compared token's alone. */
function row(array, { arrays, tokens }, index) {
  if (arrays.dots) return array;
  const width = array.length / tokens.length;
  return array.subarray(index * width, (index + 1) * width);
}

/**
 * A query's attention over the keys that it may read: {without, with}, each summing to one.
 *
 * @param {Frame} frame
 * @param {number} query of a long text, the compared one
 */
export function attentions(frame, query) {
  const { arrays, positions, tokens } = frame;
  const { scores, scheme } = positions;
  const last = scores.causal ? query : tokens.length - 1;
  const keys = Array.from({ length: last + 1 }, (_, key) => key);
  const capped = (score) => (scores.cap === null ? score : scores.cap * Math.tanh(score / scores.cap));
  const products = (name, at) => {
    if (arrays.dots) return keys.map((key) => capped(scores.scale * arrays.dots[at * tokens.length + key]));
    const [q, k] = [`${name}q`, `${name}k`].map((one) => arrays[one]);
    return keys.map((key) => capped(scores.scale * dot(row(q, frame, query), row(k, frame, key))));
  };
  const without = products("", 0);
  const turned = products("rot_", 1);
  const added = (key) => (scheme === "rope" ? 0 : valueAt(scheme, frame, scores.head, key - query));
  return { without: softmax(without), with: softmax(turned.map((score, key) => score + added(key))) };
}

/** A query's attention with positions in the pinned state, by key, null where either token was another; null without it. */
export function pinnedShares(frame, former, query) {
  if (!former?.positions.scores) return null;
  const isSame = (index) => frame.tokens[index].id === former.tokens[index]?.id;
  if (!isSame(query) || (former.arrays.dots && former.positions.compared.query !== query)) return null;
  const { with: then } = attentions(former, query);
  return then.map((share, key) => (key < frame.tokens.length && isSame(key) ? share : null));
}

/** Half of all that moved from one key to another. */
export function moved({ without, with: now }) {
  return without.reduce((sum, share, key) => sum + Math.abs(share - now[key]), 0) / 2;
}

/**
 * The two rows as bars, a key beside the other; gives the slot of each key, for the pointer. `then` is what the row with
 * positions was in the pinned state, null where a token was another; or null.
 */
export function paintEffect(context, width, labels, shares, { query, key }, then, tint) {
  const count = shares.with.length;
  const top = 1.06 * Math.max(...shares.with, ...shares.without, ...(then ?? []));
  const chart = box(context, tint, { width, height: HEIGHT }, [0, count], [0, top], { bottom: 30 });
  const { x, y, bottom } = chart;
  axes(chart, { xTicks: [], yTicks: ticks(0, top, 3), xName: "", yName: "", say: shareTick });
  const slot = x(1) - x(0);
  const gap = Math.max(Math.min(4, slot * 0.12), (slot - WIDEST) / 2);
  for (let index = 0; index < count; index++) {
    const left = x(index) + gap;
    const wide = slot - 2 * gap;
    context.fillStyle = tint.attention;
    context.fillRect(left + wide * 0.3, y(shares.with[index]), wide * 0.7, bottom - y(shares.with[index]));
    context.fillStyle = tint.residual;
    context.globalAlpha = 0.55;
    context.fillRect(left, y(shares.without[index]), wide * 0.3, bottom - y(shares.without[index]));
    context.globalAlpha = 1;
    context.fillStyle = tint.ink;
    if (then?.[index] != null) context.fillRect(left + wide * 0.3, y(then[index]) - 1, wide * 0.7, 2);
  }
  context.textAlign = "center";
  const step = Math.max(1, Math.ceil(30 / slot));
  for (let index = 0; index < count; index += step) {
    context.font = mono(11, index === key || index === query ? 700 : 450);
    context.fillStyle = index === query ? tint["query-ink"] : index === key ? tint["key-ink"] : tint.quiet;
    context.fillText(fitted(context, labels.text(index), slot * step - 4), x(index + 0.5), bottom + 16);
  }
  return { left: x(0), slot, count };
}

/**
 * What each pair of coordinates adds to the dot product of a query and a key, before the rotation and after.
 *
 * @param {Frame} frame
 * @param {number} query
 * @param {number} key
 */
export function byPair(frame, query, key) {
  const { arrays, positions } = frame;
  const n_pairs = positions.rope.frequencies.length;
  const half = (q, k) => {
    const [a, b] = [row(q, frame, query), row(k, frame, key)];
    return Array.from({ length: n_pairs }, (_, pair) => a[pair] * b[pair] + a[pair + n_pairs] * b[pair + n_pairs]);
  };
  const rest = (q, k) => {
    const [a, b] = [row(q, frame, query), row(k, frame, key)];
    return dot(a.subarray(2 * n_pairs), b.subarray(2 * n_pairs));
  };
  return { before: half(arrays.q, arrays.k), after: half(arrays.rot_q, arrays.rot_k), rest: rest(arrays.q, arrays.k) };
}

/** The same as bars, a pair beside the other; `pair` is the chosen one. */
export function paintPairs(context, width, { before, after }, pair, tint) {
  const all = [...before, ...after, 0];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.05 * (high - low || 1);
  const ends = [low - room, high + room];
  const chart = box(context, tint, { width, height: HEIGHT }, [0, before.length], ends, { bottom: 30 });
  const { x, y, bottom } = chart;
  axes(chart, {
    xTicks: [
      { at: 0.5, label: "1" },
      { at: before.length - 0.5, label: String(before.length) },
    ],
    yTicks: ticks(low, high || 1, 3),
    xName: "",
    yName: "",
    say: addedTick,
  });
  const slot = x(1) - x(0);
  if (pair < before.length) {
    context.fillStyle = tint["gold-ground"];
    context.fillRect(x(pair), chart.top, slot, bottom - chart.top);
  }
  const bar = (left, wide, value, colour) => {
    context.fillStyle = colour;
    context.fillRect(left, Math.min(y(0), y(value)), wide, Math.max(1, Math.abs(y(value) - y(0))));
  };
  before.forEach((value, index) => {
    context.globalAlpha = 0.55;
    bar(x(index) + slot * 0.12, slot * 0.26, value, tint.residual);
    context.globalAlpha = 1;
    bar(x(index) + slot * 0.4, slot * 0.48, after[index], tint.attention);
  });
}
