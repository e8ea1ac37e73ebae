// What a request says of the state: the model, what a person changed in it, and what was pinned.

import { asSent } from "./interventions.js";

/**
 * What every request says about the model: its name, and what a person changed in it.
 *
 * @param {{model: string, interventions: Interventions}} said
 */
export const changedModel = ({ model, interventions }) => ({ model, interventions: asSent(interventions) });

/**
 * A frame's request as it is sent.
 *
 * @param {Record<string, any>} request
 */
export function sent(request) {
  const { pin } = request;
  return {
    ...request,
    ...changedModel(/** @type {State} */ (request)),
    pin: pin && { text: pin.text, ...changedModel(pin) },
  };
}
