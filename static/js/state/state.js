// The state that a person sets, and its form in the address: everything that is needed to see the same picture again.
//
// exhibit, model, text; layer, head (counted from 1, as on the page), query, key, written (token positions from 0, where
// they were chosen by hand), hidden (words behind a BERT’s masks), view; temperature, top_k, top_p, min_p, seed, draws
// where they differ from the neutral ones; off, bias, heads, mlps and by where parts were switched off or experts
// favoured; theme where it was chosen by hand; step, counted from 1, while the guide stands at a step of the exhibit; and
// what the exhibits' scripts name as theirs (fields.js).

import * as fieldsOf from "./fields.js";
import { NONE, possible } from "./interventions.js";
import { intoAddress, outOfAddress } from "./interventions_address.js";
import { read as readPin, written as writtenPin } from "./pin.js";
import { depthOf } from "./stacks.js";

/** Colours: two for a screen, and two for a hall, which come with the lecture: css/lecture.css. */
export const THEMES = ["paper", "blueprint", "projector", "colour-blind"];

export const NEUTRAL = Object.freeze({ temperature: 1, top_k: 0, top_p: 1, min_p: 0, seed: 0 });

/**
 * The state of a page that was opened without an address of its own.
 *
 * @param {Catalog["default"]} first
 * @param {Record<string, Field>} fields
 * @returns {State}
 */
export function initial({ model, text, exhibit }, fields) {
  return {
    exhibit,
    model,
    text,
    layer: 0,
    head: 0,
    query: null, // null: the last token
    hidden: null, // the words behind the masks of the text; see masking.js
    written: null, // which token of a T5's output the prediction is read after; null: the first
    key: null, // null: the earlier token that the query reads most
    hover: null, // {query, key}, or {token}
    view: "matrix",
    sampling: NEUTRAL,
    interventions: NONE, // what is changed in the model; see interventions.js
    draws: 0, // how many tokens were drawn with this seed since the text was last typed
    pin: null, // {text, model, interventions} kept to compare with; see pin.js
    theme: null, // null: as the system says
    step: null, // of the exhibit's own, at which the guide stands; null: it is closed; see steps.js
    ...fieldsOf.initials(fields),
  };
}

/**
 * Holds layer, head, interventions and the exhibits' fields within what the model has.
 *
 * @param {State} state
 * @param {ModelDescription} model
 * @param {Record<string, Field>} fields
 * @returns {State}
 */
export function within(state, model, fields) {
  const held = Object.entries(fields).flatMap(([name, { within }]) =>
    within ? [[name, within(state[name], model)]] : [],
  );
  return {
    ...state,
    layer: Math.min(state.layer, depthOf(model) - 1),
    head: Math.min(state.head, model.n_heads - 1),
    interventions: possible(state.interventions, model),
    ...Object.fromEntries(held),
  };
}

/**
 * The change of state after which nothing is chosen of what was chosen in one model's text.
 *
 * @param {Record<string, Field>} fields
 * @returns {Partial<State>}
 */
export function nothingChosen(fields) {
  const ofModel = Object.entries(fields).filter(([, field]) => field.ofModel);
  return { query: null, key: null, written: null, ...fieldsOf.initials(Object.fromEntries(ofModel)) };
}

/**
 * The state as a fragment, without "#"; `fields` and `addressed` are those of the open exhibit: registry.js.
 *
 * @param {State} state
 * @param {Pick<Exhibit, "fields" | "addressed">} exhibit
 */
export function toAddress(state, { fields, addressed }) {
  const address = new URLSearchParams({ exhibit: state.exhibit, model: state.model });
  /**
   * @param {string} name
   * @param {string | number | null} value
   */
  const set = (name, value) => {
    if (value !== null) address.set(name, String(value));
  };
  const has = (/** @type {string} */ name) => addressed.includes(name);
  if (has("layer")) set("layer", state.layer + 1);
  if (has("head")) set("head", state.head + 1);
  if (has("key")) set("key", state.key);
  if (has("view") && state.view !== "matrix") set("view", state.view);
  fieldsOf.intoAddress(fields, state, address);
  set("query", state.query);
  set("written", state.written);
  set("hidden", state.hidden);
  for (const [name, value] of Object.entries(state.sampling)) {
    if (value !== NEUTRAL[/** @type {keyof Sampling} */ (name)]) set(name, value);
  }
  if (state.draws) set("draws", state.draws);
  intoAddress(state.interventions, address);
  if (state.pin) address.set("pin", writtenPin(state.pin));
  if (state.theme) address.set("theme", state.theme);
  if (state.step !== null) set("step", state.step + 1);
  setText(address, state.text);
  return address.toString();
}

const LONG = 1200; // characters of a text in an address, above which it is spelled in the shorter way

/**
 * Writes the text: as it is read, or, where an address would spell each of its many signs out in bytes, as the base64url
 * of its UTF-16.
 *
 * @param {URLSearchParams} address
 * @param {string} text
 */
function setText(address, text) {
  if (encodeURIComponent(text).length <= LONG) return address.set("text", text);
  let bytes = "";
  for (let at = 0; at < text.length; at++)
    bytes += String.fromCharCode(text.charCodeAt(at) >> 8, text.charCodeAt(at) & 255);
  const packed = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  if (packed.length < encodeURIComponent(text).length) address.set("text16", packed);
  else address.set("text", text);
}

/**
 * The text of an address, in either form; null where there is none that can be read.
 *
 * @param {URLSearchParams} address
 */
export function textOf(address) {
  const packed = address.get("text16");
  if (packed === null) return address.get("text");
  try {
    const bytes = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    let text = "";
    for (let at = 0; at + 1 < bytes.length; at += 2) {
      text += String.fromCharCode((bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1));
    }
    return text;
  } catch {
    return null;
  }
}

/**
 * A number in the address, held within its range; null if it is absent or no number.
 *
 * @param {URLSearchParams} address
 * @param {string} name
 * @param {number} low
 * @param {number} high
 */
function number(address, name, low, high, whole = true) {
  const value = Number.parseFloat(address.get(name) ?? "");
  if (!Number.isFinite(value)) return null;
  const held = Math.min(high, Math.max(low, value));
  return whole ? Math.round(held) : held;
}

/**
 * What an exhibit's address leaves out, since it is as it was at first.
 *
 * @param {Pick<Exhibit, "fields" | "addressed">} exhibit
 * @returns {Partial<State>}
 */
export function unsaid({ fields, addressed }) {
  const view = addressed.includes("view") ? { view: "matrix" } : {};
  return { ...fieldsOf.initials(fields), ...view, draws: 0 };
}

/**
 * The part of a state that a fragment sets. What it does not know or cannot read, it leaves out.
 *
 * @param {string} fragment
 * @param {{models: Record<string, ModelDescription>, exhibits: string[], fields: Record<string, Field>}} there
 * @returns {Partial<State>}
 */
export function fromAddress(fragment, { models, exhibits, fields }) {
  const address = new URLSearchParams(fragment.replace(/^#/, ""));
  const patch = fieldsOf.outOfAddress(fields, address);
  /**
   * @param {string} name
   * @param {string[]} choices
   */
  const choose = (name, choices) => {
    const value = address.get(name);
    if (value !== null && choices.includes(value)) patch[name] = value;
  };
  choose("exhibit", exhibits);
  choose("model", Object.keys(models));
  choose("view", ["matrix", "lines", "change"]);
  choose("theme", THEMES);
  const [text, pin] = [textOf(address), address.get("pin")];
  if (text !== null) patch.text = fieldsOf.typed(text);
  patch.hidden = address.get("hidden")?.toWellFormed() ?? null;
  Object.assign(patch, { query: null, key: null, written: null, step: null }); // of another text, unless the address says which
  /**
   * @param {string} name
   * @param {number} from
   */
  const counted = (name, from) => {
    const value = number(address, name, from, 1e6);
    if (value !== null) patch[name] = value - from;
  };
  counted("layer", 1);
  counted("head", 1);
  counted("query", 0);
  counted("written", 0);
  counted("key", 0);
  counted("draws", 0);
  counted("step", 1);
  patch.interventions = outOfAddress(address);
  patch.pin = pin === null ? null : readPin(pin, models);
  patch.sampling = {
    temperature: number(address, "temperature", 0, 10, false) ?? NEUTRAL.temperature,
    top_k: number(address, "top_k", 0, 1e6) ?? NEUTRAL.top_k,
    top_p: number(address, "top_p", 0.01, 1, false) ?? NEUTRAL.top_p,
    min_p: number(address, "min_p", 0, 1, false) ?? NEUTRAL.min_p,
    seed: number(address, "seed", 0, 2 ** 32 - 1) ?? NEUTRAL.seed,
  };
  return patch;
}
