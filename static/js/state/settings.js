// The things to try: one click sets the state that an exhibit's markup carries.
//
// A setting may name a head, or experts, to be found by measuring the picture that follows: {"find": "previous"}.

import { kindOf, sidesOf } from "./stacks.js";
import { NEUTRAL } from "./state.js";

/**
 * The layer and head with the largest score of its rows.
 *
 * @param {Pattern} pattern
 * @param {(rows: Rows) => number} score
 */
export function headWith(pattern, score) {
  let best = { layer: 0, head: 0, score: -1 };
  for (let layer = 0; layer < pattern.layers; layer++) {
    for (let head = 0; head < pattern.heads; head++) {
      const scored = score(pattern.head(layer, head));
      if (scored > best.score) best = { layer, head, score: scored };
    }
  }
  return { layer: best.layer, head: best.head };
}

/**
 * What a head's queries put on the one other token that they read most; special tokens are left aside.
 *
 * @param {Rows} rows
 * @param {ReturnType<typeof sidesOf>} sides
 */
function massOnFavourites(rows, { queries, keys, own }) {
  let mass = 0;
  for (let query = own ? 2 : 0; query < queries.length; query++) {
    let most = 0;
    for (let key = 0; key < rows.reach(query); key++) {
      if (!keys[key].special && !(own && key === query)) most = Math.max(most, rows.at(query, key));
    }
    mass += most;
  }
  return mass;
}

/**
 * What a head's last query puts on the token that followed the last earlier token of the same kind: induction.
 *
 * @param {Rows} rows
 * @param {(number | null)[]} ids
 */
function massOnFollowing(rows, ids) {
  const last = ids.length - 1;
  const twin = ids.lastIndexOf(ids[last], last - 1);
  return twin < 0 ? 0 : rows.at(last, twin + 1);
}

/**
 * The head that looks at one token most, in the kind of attention that the frame shows.
 *
 * @param {Frame} frame
 * @param {ModelDescription} model
 */
function decided(frame, model) {
  const sides = sidesOf(frame, model.stacks[kindOf(frame, model)]);
  return headWith(frame.arrays.pattern, (rows) => massOnFavourites(rows, sides));
}

/**
 * What can be asked for by name: the array of a frame that it is measured on, and the change of state it leads to. An
 * exhibit has others of its own, in the same form: registry.js.
 *
 * @type {Record<string, Find>}
 */
const FINDS = {
  following: {
    needs: "pattern",
    find: ({ arrays: { pattern }, tokens: read }) => {
      const ids = read.map(({ id }) => id);
      return headWith(pattern, (rows) => massOnFollowing(rows, ids));
    },
  },
  decided: { needs: "pattern", find: decided },
};

/**
 * A find by its name, as the open exhibit has it.
 *
 * @param {Store} store
 * @param {string} name
 * @returns {Find}
 */
export function findNamed(store, name) {
  return { ...FINDS, ...store.exhibits[store.state.exhibit].finds }[name];
}

/**
 * Asks for a find by name, in the first picture of `text` that can answer; null for any text.
 *
 * @param {Store} store
 * @param {string} name
 * @param {string | null} text
 */
export function ask(store, name, text) {
  store.wanted = { ...findNamed(store, name), text };
  store.changed();
}

/**
 * Makes good on `ask`; called with every picture that something may be measured on.
 *
 * @param {Store} store
 */
export function fulfil(store) {
  const { wanted, frame, state, catalog } = store;
  if (!wanted || !frame || (wanted.text ?? frame.text) !== frame.text) return;
  if (!frame.arrays[wanted.needs] || frame.interventions !== state.interventions) return;
  store.wanted = null;
  store.set(wanted.find(frame, catalog.models[frame.model]));
}

/**
 * Sets the state in `json`; sampling settings it does not name become neutral, the seed stays.
 *
 * @param {Store} store
 * @param {string} json
 */
export function applySetting(store, json) {
  const { find, sampling, ...patch } = JSON.parse(json);
  if (sampling) patch.sampling = { ...NEUTRAL, seed: store.state.sampling.seed, ...sampling };
  if ("text" in patch) patch.draws = 0;
  store.set(patch);
  if (find) ask(store, find, store.state.text);
}
