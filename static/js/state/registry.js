// The exhibits' scripts, found by the names of the walk, and what stands where one says nothing of itself. Nothing
// shared knows an exhibit by its name; it asks here.
//
// `static/js/exhibits/<name>/index.js` exports
//
//     mount(root, store)   brings the exhibit's markup to life; gives {draw(store)}, called with every picture of it
//
// and, where it differs from DEFAULTS,
//
//     asks        the parts of the state that its frame depends on, besides those of every exhibit (store.js)
//     fields      the parts of the state that are its own: fields.js
//     addressed   which of "layer", "head", "key" and "view" stand in its address
//     ribbon      whether the token ribbon stands above it
//     roleOfText  (frame): what the text's tokens are in its picture: "query", its rows; "key", only read; null, not there
//     weights     (view, query): how much the lit query reads from each token of the text, as a function of the token
//     enlarges    the parts of a model that it enlarges, by the field's term: who draws one leads here from it
//     takesApart  (id): the change of state after which it takes a token's logit apart; one exhibit has it
//     finds       what may be found by measuring its picture: settings.js
//     examples    its sentences to begin with: page/examples.js

import { about } from "./about.js";

/** @type {Exhibit} */
const DEFAULTS = {
  asks: [],
  fields: {},
  addressed: [],
  ribbon: true,
  roleOfText: () => "query",
  weights: () => null,
  enlarges: [],
  takesApart: null,
  finds: {},
  examples: [],
};

/** Where an exhibit's script lies, as seen from here: in the sources as in the built files. */
const script = (/** @type {string} */ name) => `../exhibits/${name}/index.js`;

/**
 * What the exhibits of the walk say of themselves, by name, in its order.
 *
 * @param {string[]} walk
 * @returns {Promise<Record<string, Exhibit>>}
 */
export async function load(walk) {
  const told = await Promise.all(walk.map(about));
  return Object.fromEntries(walk.map((name, index) => [name, { ...DEFAULTS, ...told[index] }]));
}

/**
 * What brings an exhibit's markup to life. A browser may remember that a script did not come: it is asked for under
 * another address the next time.
 *
 * @param {string} name
 * @param {number} times that it is asked for
 * @returns {Promise<Mount>}
 */
export async function mountOf(name, times = 1) {
  return (await import(times > 1 ? `${script(name)}?again=${Date.now()}` : script(name))).mount;
}

/**
 * The fields of all exhibits; one that several share is the same value in each.
 *
 * @param {Record<string, Exhibit>} exhibits
 */
export function allFields(exhibits) {
  /** @type {Record<string, Field>} */
  const fields = {};
  for (const [exhibit, { fields: own }] of Object.entries(exhibits)) {
    for (const [name, field] of Object.entries(own)) {
      if ((fields[name] ?? field) !== field)
        throw new Error(`${exhibit} has another field "${name}" than one before it`);
      fields[name] = field;
    }
  }
  return fields;
}
