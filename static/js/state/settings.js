// The things to try: one click sets the state that an exhibit's markup carries.
//
// A setting may name a head, or experts, to be found by measuring the picture that follows: {"find": "previous"}. One
// that hides a word, {"hides": "bert"}, names the model that stands in where the one on the page has no mask to guess at.

import { NEUTRAL } from "./state.js";

/**
 * What can be asked for by name: the array or the field of a frame that it needs, and the change of state it leads to.
 * Heads are found on the server (app/asked/heads.py). An exhibit has others of its own, in the same form: registry.js.
 *
 * @type {Record<string, Find>}
 */
const FINDS = {
  following: { needs: "finds", find: (frame) => frame.finds.following },
  decided: { needs: "finds", find: (frame) => frame.finds.decided },
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
  if (!(frame.arrays[wanted.needs] ?? frame[wanted.needs]) || frame.interventions !== state.interventions) return;
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
  const { find, sampling, hides, ...patch } = JSON.parse(json);
  const mask = store.frame?.model === store.state.model ? store.frame.mask : null;
  if (hides && mask) patch.text = patch.text.replace("[MASK]", mask);
  else if (hides) patch.model = hides;
  if (sampling) patch.sampling = { ...NEUTRAL, seed: store.state.sampling.seed, ...sampling };
  if ("text" in patch) patch.draws = 0;
  store.set(patch);
  if (find) ask(store, find, store.state.text);
}
