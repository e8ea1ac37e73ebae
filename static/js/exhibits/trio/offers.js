// What the candidates of the three columns offer, as those of the column beside the other exhibits do: to be put into the
// text at the word that is asked for, or behind its end, and to be taken apart, in the model that names them.

import { isPart } from "../../page/chips.js";
import { goneOn, takeApart } from "../../page/offers.js";
import { allFields } from "../../state/registry.js";
import { nothingChosen, within } from "../../state/state.js";

/** Where the word that is asked for stands in the text, as characters; its end where there is none. */
function gapOf({ frame }) {
  const { words, gap } = frame.trio;
  const end = Array.from(frame.text).length;
  return gap.word === null ? [end, end] : words[gap.word];
}

const spliced = (text, [start, end], word) =>
  [...Array.from(text).slice(0, start), word, ...Array.from(text).slice(end)].join("");

/** How many masks of the BERT stand in front of a place of the text. */
const masksBefore = (text, mask, at) => Array.from(text).slice(0, at).join("").split(mask).length - 1;

/** The words that the masks of the text hide, with another at a place, or one less. */
function hiddenWith(hidden, nth, ...word) {
  const words = hidden?.split(" ") ?? [];
  while (word.length && words.length < nth) words.push("");
  const next = words.toSpliced(nth, word.length ? 0 : 1, ...word);
  return next.some(Boolean) ? next.join(" ") : null;
}

const maskOf = ({ trio: { bert } }) => (bert.missing ? null : (bert.tokens[bert.position]?.text ?? null));

/** Whether a family's candidates stand in the place of a word; else they go on with the text. */
export const fills = (family, { trio: { gap } }) => family === "bert" || gap.by === "choice" || gap.by === "text";

/** The change of state that puts a family's candidate into the text; null where it cannot be: what a T5 writes is not there. */
export function adding({ state, frame }, family, candidate) {
  if (family === "t5" || !candidate.raw || candidate.special || isPart(candidate)) return null;
  if (frame.text !== state.text) return null;
  if (!fills(family, frame)) return { text: goneOn(frame, candidate), query: null, key: null, draws: 0 };
  const word = candidate.text.replace(/^##/, "").trim();
  if (!word) return null;
  const gap = gapOf({ frame });
  const mask = maskOf(frame);
  const isMask =
    Array.from(frame.text)
      .slice(...gap)
      .join("") === mask;
  const hidden = isMask ? hiddenWith(state.hidden, masksBefore(frame.text, mask, gap[0])) : state.hidden;
  return { text: spliced(frame.text, gap, word), hidden, key: null, draws: 0 };
}

/** Takes a family's candidate apart: in its model, with the text as that has read it, at the place where it spoke. */
export function apart(store, family, candidate) {
  const { state, frame, catalog, exhibits } = store;
  const { model, read, position, tokens, before } = frame.trio[family];
  const fields = allFields(exhibits);
  const patch = {
    ...within({ ...state, model }, catalog.models[model], fields),
    ...nothingChosen(fields),
    text: read,
    hidden: state.hidden,
    draws: 0,
  };
  if (family === "t5") patch.written = position === 0 ? null : position;
  else patch.query = family === "gpt" && position === tokens.length - 1 ? null : before + position;
  if (family === "bert" && frame.trio.gap.by !== "text") {
    const gap = gapOf(store);
    const word = Array.from(frame.text)
      .slice(...gap)
      .join("");
    patch.hidden = hiddenWith(state.hidden, masksBefore(frame.text, maskOf(frame), gap[0]), word);
  }
  takeApart(store, candidate, patch);
}
