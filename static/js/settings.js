// The things to try: one click sets the state that an exhibit's markup carries.
//
// A setting may name a head, or experts, to be found by measuring the picture that follows: {"find": "previous"}.

import { at } from "./decode.js";
import { NEUTRAL } from "./state.js";

/** The layer and head with the largest score; `score(rows, tokens)` sees one head's rows and how many there are. */
function headWith(pattern, score) {
  let best = { layer: 0, head: 0, score: -1 };
  for (let layer = 0; layer < pattern.layers; layer++) {
    for (let head = 0; head < pattern.heads; head++) {
      const scored = score(pattern.head(layer, head), pattern.tokens);
      if (scored > best.score) best = { layer, head, score: scored };
    }
  }
  return { layer: best.layer, head: best.head };
}

/** What a head's queries, but for the first two, put on the token just before them. */
function massOnPrevious(rows, tokens) {
  let mass = 0;
  for (let query = 2; query < tokens; query++) mass += at(rows, query, query - 1);
  return mass;
}

/** What a head's queries put on the one earlier token that they read most, the first token left aside. */
function massOnFavourites(rows, tokens) {
  let mass = 0;
  for (let query = 2; query < tokens; query++) {
    let most = 0;
    for (let key = 1; key < query; key++) most = Math.max(most, at(rows, query, key));
    mass += most;
  }
  return mass;
}

/** What a head's last query puts on the token that followed the last earlier token of the same kind: induction. */
function massOnFollowing(rows, tokens, ids) {
  const twin = ids.lastIndexOf(ids[tokens - 1], tokens - 2);
  return twin < 0 ? 0 : at(rows, tokens - 1, twin + 1);
}

/** At each layer with experts, the one whose weight is largest for the last token is switched off. */
function withoutTrusted({ arrays: { weights }, tokens, experts: { layers } }) {
  const size = layers[0].load.length;
  const entries = layers.map(({ layer }, index) => {
    const from = (index * tokens.length + tokens.length - 1) * size;
    const last = weights.subarray(from, from + size);
    return [`${layer}.${last.indexOf(Math.max(...last))}`, "off"];
  });
  return { interventions: Object.fromEntries(entries) };
}

/** What can be asked for by name: the array of a frame that it is measured on, and the change of state it leads to. */
const FINDS = {
  following: {
    needs: "pattern",
    find: ({ arrays: { pattern }, tokens: read }) => {
      const ids = read.map(({ id }) => id);
      return headWith(pattern, (rows, tokens) => massOnFollowing(rows, tokens, ids));
    },
  },
  previous: { needs: "pattern", find: ({ arrays: { pattern } }) => headWith(pattern, massOnPrevious) },
  decided: { needs: "pattern", find: ({ arrays: { pattern } }) => headWith(pattern, massOnFavourites) },
  trusted: { needs: "weights", find: withoutTrusted },
};

/** Asks for a find by name, in the first picture of `text` that can answer; null for any text. */
export function ask(store, name, text) {
  store.wanted = { ...FINDS[name], text };
  store.changed();
}

/** Makes good on `ask`; called with every picture that something may be measured on. */
export function fulfil(store) {
  const { wanted, frame, state } = store;
  if (!wanted || (wanted.text ?? frame.text) !== frame.text) return;
  if (!frame.arrays[wanted.needs] || frame.interventions !== state.interventions) return;
  store.wanted = null;
  store.set(wanted.find(frame));
}

/** Sets the state in `json`; sampling settings it does not name become neutral, the seed stays. */
export function applySetting(store, json) {
  const { find, sampling, ...patch } = JSON.parse(json);
  if (sampling) patch.sampling = { ...NEUTRAL, seed: store.state.sampling.seed, ...sampling };
  if ("text" in patch) patch.draws = 0;
  store.set(patch);
  if (find) ask(store, find, store.state.text);
}
