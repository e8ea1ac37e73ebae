// A pin, {text, model, interventions}, as one field of the address.

import { typed } from "./fields.js";
import { possible } from "./interventions.js";
import { intoAddress, outOfAddress } from "./interventions_address.js";

/**
 * The pin as it stands in the address.
 *
 * @param {Pin} pin
 */
export function written({ text, model, interventions }) {
  const address = new URLSearchParams({ model });
  intoAddress(interventions, address);
  address.set("text", text);
  return address.toString();
}

/**
 * The pin that a field of the address means; null where it cannot be read.
 *
 * @param {string} field
 * @param {Record<string, ModelDescription>} models
 * @returns {Pin | null}
 */
export function read(field, models) {
  const address = new URLSearchParams(field);
  const [model, text] = [address.get("model"), address.get("text")];
  if (model === null || !Object.hasOwn(models, model) || text === null) return null;
  return { text: typed(text), model, interventions: possible(outOfAddress(address), models[model]) };
}
