// The note in the bar that says that a link's model is not here, and offers to fetch it where the hub has it.

import { setText } from "../dom.js";
import { AWAY, howFar, toFetch } from "./words.js";

/**
 * `picker` fetches, gives up, and tells how far it is.
 *
 * @param {HTMLElement} shell
 * @param {Store} store
 * @param {{fetch: (name: string) => void, cancel: (name: string) => void, heard: (name: string) => any}} picker
 */
export function mountAway(shell, store, picker) {
  const note = /** @type {HTMLElement} */ (shell.querySelector(".away"));
  const [words, button] = /** @type {HTMLCollectionOf<HTMLElement>} */ (note.children);
  const { catalog } = store;
  const coming = () => {
    const told = picker.heard(store.away?.model ?? "");
    return told && !told.refused ? told : null;
  };
  button.addEventListener("click", () => {
    if (store.away) picker[coming() ? "cancel" : "fetch"](store.away.model);
  });

  /** @param {Store} store */
  function draw({ away, state }) {
    note.hidden = !away;
    if (!away) return;
    const offer = catalog.hub.find(({ name }) => name === away.model);
    const [told, isComing] = [picker.heard(away.model), coming() !== null];
    const why = told?.refused ?? AWAY.said(away.model, state.model);
    setText(words, isComing ? `${away.model}: ${howFar(told)}` : why);
    button.hidden = !offer;
    setText(button, isComing ? AWAY.cancel : AWAY.fetch);
    button.title = offer ? toFetch(offer.bytes, offer.licence) : "";
  }

  return { draw };
}
