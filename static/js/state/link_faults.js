// What of a link could not be read, in one sentence. The link opens the page all the same, with what could.
//
// Links carry the version of their form, `v`, once that is another than the first.

import { read as readMask } from "./mask_specification.js";
import { read as readPin } from "./pin.js";
import { THEMES, textOf } from "./state.js";

export const VERSION = 1;
const MOST_NAMED = 3;
const LONGEST = 24; // characters of what is quoted
const NUMBERS = [
  "layer",
  "head",
  "key",
  "query",
  "written",
  "draws",
  "step",
  "temperature",
  "top_k",
  "top_p",
  "min_p",
  "seed",
];
/** Any text, or left out piece by piece; an order tells of itself: lecture/order.js. */
const FREE = ["text", "hidden", "off", "bias", "heads", "mlps", "by", "neurons", "order"];

/** @param {string} text */
const quoted = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).toWellFormed();

/**
 * @param {string} fragment
 * @param {{models: Record<string, ModelDescription>, exhibits: string[], fields: Record<string, Field>}} there
 * @returns {string | null} null where nothing is amiss
 */
export function faultsOf(fragment, { models, exhibits, fields }) {
  const address = new URLSearchParams(fragment.replace(/^#/, ""));
  const version = address.get("v");
  if (version !== null && Number(version) > VERSION) {
    return "This link was made by a newer Cutaway; what this one does not know of it was left out.";
  }
  /** @type {Record<string, (text: string) => boolean>} */
  const readable = {
    v: (text) => Number(text) > 0,
    exhibit: (text) => exhibits.includes(text),
    model: () => true, // one that is not here is told of beside the picker: away.js
    view: (text) => ["matrix", "lines", "change"].includes(text),
    theme: (text) => THEMES.includes(text),
    mask: (text) => readMask(text) !== null,
    pin: (text) => readPin(text, models) !== null,
    text16: () => textOf(address) !== null,
    ...Object.fromEntries(
      NUMBERS.map((name) => [name, (/** @type {string} */ text) => Number.isFinite(Number.parseFloat(text))]),
    ),
    ...Object.fromEntries(FREE.map((name) => [name, () => true])),
    ...Object.fromEntries(
      Object.entries(fields).map(([name, { read }]) => [
        name,
        (/** @type {string} */ text) => read(text) !== undefined,
      ]),
    ),
  };
  const amiss = [...new Set(address.keys())].filter((name) => {
    const isRead = Object.hasOwn(readable, name) ? readable[name] : () => false;
    return !isRead(address.get(name) ?? "");
  });
  if (!amiss.length) return null;
  const named = amiss.slice(0, MOST_NAMED).map((name) => `${quoted(name)}=${quoted(address.get(name) ?? "")}`);
  const more = amiss.length > MOST_NAMED ? ` and ${amiss.length - MOST_NAMED} more` : "";
  return `Part of this link could not be read and was left out: ${named.join(", ")}${more}.`;
}
