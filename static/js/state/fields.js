// The parts of the state that belong to one exhibit: what each is at first, and its form in the address.
//
// An exhibit's script exports `fields = {name: whole(8, 1, 512), ...}`; names are those of the state and of the address.
// A field stands in the address while its exhibit is open and it differs from what it is at first. What an address says
// that cannot be read is left out; what lies outside the limits is brought to the nearest.

/**
 * A whole number.
 *
 * @param {number | null} initial
 * @param {number} low
 * @param {number} high
 * @returns {Field}
 */
export function whole(initial, low, high) {
  return { initial, write: String, read: (text) => held(Math.round(Number.parseFloat(text)), low, high) };
}

/**
 * A number.
 *
 * @param {number} initial
 * @param {number} low
 * @param {number} high
 * @returns {Field}
 */
export function real(initial, low, high) {
  return { initial, write: String, read: (text) => held(Number.parseFloat(text), low, high) };
}

/**
 * One of several words.
 *
 * @param {string} initial
 * @param {string[]} choices
 * @returns {Field}
 */
export function oneOf(initial, choices) {
  return { initial, write: String, read: (text) => (choices.includes(text) ? text : undefined) };
}

/**
 * Any text up to a length.
 *
 * @param {string} initial
 * @param {number} longest
 * @returns {Field}
 */
export function line(initial, longest) {
  return { initial, write: String, read: (text) => text.toWellFormed().slice(0, longest) };
}

/**
 * A text of an address as it could have been typed: well formed, its lines ended as a text box ends them.
 *
 * @param {string} text
 */
export function typed(text) {
  return text.toWellFormed().replaceAll(/\r\n?/g, "\n");
}

/**
 * An entry of the model's vocabulary, by its id; null as long as none is chosen. `within` holds a value within what a
 * model has, and what is `ofModel` is no longer chosen once another model is.
 *
 * @returns {Field}
 */
export function entry() {
  return { ...whole(null, 0, 1e6), within: (id, { d_vocab }) => (id < d_vocab ? id : null), ofModel: true };
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
function held(value, low, high) {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : undefined;
}

/**
 * Every field as it is at first.
 *
 * @param {Record<string, Field>} fields
 */
export function initials(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.initial]));
}

/**
 * Writes those that differ from what they are at first.
 *
 * @param {Record<string, Field>} fields
 * @param {State} state
 * @param {URLSearchParams} address
 */
export function intoAddress(fields, state, address) {
  for (const [name, { initial, write }] of Object.entries(fields)) {
    if (state[name] !== initial) address.set(name, write(state[name]));
  }
}

/**
 * Reads those that are there.
 *
 * @param {Record<string, Field>} fields
 * @param {URLSearchParams} address
 */
export function outOfAddress(fields, address) {
  /** @type {Record<string, any>} */
  const patch = {};
  for (const [name, { read }] of Object.entries(fields)) {
    const text = address.get(name);
    const value = text === null ? undefined : read(text);
    if (value !== undefined) patch[name] = value;
  }
  return patch;
}
