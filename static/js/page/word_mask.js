// A word of a BERT's text hidden behind its mask, and put back. Both change the text itself, so that every link stays
// true. The words that were hidden travel in the state: `hidden` has one for each mask of the text, in order, parted by
// spaces; an empty one for a mask that was typed.

import { setText } from "../dom.js";
import { setAt, tokenAt } from "../state/landing.js";
import { beside } from "./beside.js";
import { maskButton } from "./words.js";

const LETTER = /[\p{L}\p{N}\p{M}]/u;

/** Whether a token of a frame is its model's mask. */
export function isMask({ mask }, token) {
  return token.special && token.text === mask;
}

const masksIn = (mask, characters) => characters.join("").split(mask).length - 1;

/** The word that a token is part of, as a span of characters. */
function wordAround(characters, { start, end }) {
  while (start < end && /\s/u.test(characters[start])) start++;
  if (start > 0 && LETTER.test(characters[start])) while (start > 0 && LETTER.test(characters[start - 1])) start--;
  if (LETTER.test(characters[end - 1])) while (end < characters.length && LETTER.test(characters[end])) end++;
  return [start, end];
}

/** What can be done at a token: {word, hides, patch of the state, at: the character where}; null if nothing can. */
export function planned({ state, frame }, index) {
  const { mask, text, tokens } = frame;
  const token = tokens[index];
  if (!mask || !token || text !== state.text) return null;
  const characters = Array.from(text);
  const hidden = state.hidden?.split(" ") ?? [];
  const there = masksIn(mask, characters);
  const known = hidden.length === there ? hidden : Array(there).fill("");
  const shown = isMask(frame, token);
  if (token.special && !shown) return null;
  const [start, end] = shown ? [token.start, token.end] : wordAround(characters, token);
  const nth = masksIn(mask, characters.slice(0, start));
  const word = shown ? known[nth] : characters.slice(start, end).join("");
  if (!word) return null;
  const words = shown ? known.toSpliced(nth, 1) : known.toSpliced(nth, 0, word);
  const changed = [...characters.slice(0, start), shown ? word : mask, ...characters.slice(end)].join("");
  const query = tokenAt(tokens, start);
  const patch = { text: changed, hidden: words.some(Boolean) ? words.join(" ") : null, query, key: null, draws: 0 };
  return { word, hides: !shown, at: start, patch };
}

/** The change of state that puts a word in the place of a token, or of the mask; null where it has none. */
export function filled({ state, frame }, index, word) {
  const { mask, text, tokens } = frame;
  const token = tokens[index];
  const shown = isMask(frame, token);
  if (!word || (token.special && !shown)) return null;
  const characters = Array.from(text);
  const before = characters.slice(0, token.start).join("");
  const spaced = /(^|\s)$/.test(before) ? word.replace(/^ /, "") : word; // a mask stands behind its space, many a word on it
  const words = state.hidden?.split(" ") ?? [];
  const left = shown ? words.toSpliced(masksIn(mask, [before]), 1) : words;
  const changed = before + spaced + characters.slice(token.end).join("");
  return { text: changed, hidden: left.some(Boolean) ? left.join(" ") : null, query: index, key: null, draws: 0 };
}

/** Hides the word at a token, or puts it back. */
export function toggleMask(store, index) {
  const plan = store.frame && planned(store, index);
  if (plan) setAt(store, plan.patch, plan.at);
}

/**
 * The button for it, below the title of the column or, where that is out of sight, in the bar; it is about the token whose
 * prediction is read.
 */
export function mountMasking(shell, store) {
  const node = shell.querySelector(".next .masking");
  const [button, hint] = node.children;
  const [settings, answer] = [shell.querySelector(".next .settings"), shell.querySelector(".bar .answer")];
  const place = () => (beside.matches ? settings.after(node) : answer.append(node));
  beside.addEventListener("change", place);
  place();
  const ribbon = shell.querySelector(".ribbon");
  button.addEventListener("click", () => toggleMask(store, store.frame.position));

  return function draw({ state, frame }) {
    node.hidden = !frame.mask;
    if (node.hidden) return;
    hint.hidden = ribbon.hidden;
    const plan = planned({ state, frame }, frame.position);
    button.disabled = plan === null;
    setText(button, maskButton(plan));
  };
}
