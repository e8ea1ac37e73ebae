// What the column beside the exhibit says of a prediction: which it is, under which settings, and what its rows leave out.

import { NEUTRAL } from "../state/state.js";
import { isMask } from "./word_mask.js";
import { SETTING, SUBJECT } from "./words.js";
import { taken } from "./wrote.js";

/** "temperature 0.8, top-p 0.9", naming only what differs from neutral; "" if nothing does. */
export function named(sampling) {
  return Object.entries(SETTING)
    .filter(([key]) => sampling[key] !== NEUTRAL[key])
    .map(([key, name]) => `${name} ${sampling[key]}`)
    .join(", ");
}

/** What the column is about: its title, and where the prediction is read, "" where the title says it. */
export function subject(frame, { family }, limits) {
  if (family === "gpt") return SUBJECT.next();
  if (family === "t5") return SUBJECT.written({ index: frame.position, of: taken(frame, limits.written).length });
  const token = frame.tokens[frame.position];
  return isMask(frame, token) ? SUBJECT.mask() : SUBJECT.token(token);
}

/** What the entries after the first `rows` are together: how many tokens, and their probability. */
export function others({ top, d_vocab }, rows) {
  const shown = top.slice(0, rows);
  const inRows = shown.reduce((sum, { probability }) => sum + probability, 0);
  return { tokens: d_vocab - shown.length, mass: Math.max(0, 1 - inRows) };
}
