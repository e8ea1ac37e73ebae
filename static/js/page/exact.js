// The exact numbers of one attention cell, and of the same one in the pinned state. A cell is fetched once neither typing
// nor the pointer has wanted another for a moment, and never while a frame is on its way.

import { asSent } from "../state/interventions.js";
import { resting } from "../state/resting.js";

const POINTER_MS = 90;
const KEY_MS = 250; // behind a new text the next key may be near

const matches = (cell, wanted) => cell !== null && Object.keys(wanted).every((key) => cell[key] === wanted[key]);

/** Gives `exact(wanted)`: the numbers of the cell that is wanted, once they are there; null as long as they are not. */
export function mountExact(store) {
  let timer;
  let asked = null;
  let text = null;

  function fetchSoon(wanted, pause) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (store.inFlight || store.cellInFlight) fetchSoon(wanted, pause);
      else store.fetchCell(wanted);
    }, pause);
  }

  return function exact(wanted) {
    if (matches(store.cell, wanted)) {
      clearTimeout(timer);
      asked = null;
      return store.cell;
    }
    if (!matches(asked, wanted)) fetchSoon(wanted, wanted.text === text ? POINTER_MS : KEY_MS);
    asked = wanted;
    text = wanted.text;
    return null;
  };
}

/** Gives `former(pin, place)`: the same cell's numbers in the pinned state, once they are there; else null. */
export function mountFormer(store) {
  let known = null;
  const asking = resting(
    ({ pin, place }) =>
      store.call("cell", { ...place, text: pin.text, model: pin.model, interventions: asSent(pin.interventions) }),
    (cell, _, { key }) => {
      known = { key, cell };
      store.changed();
    },
    KEY_MS,
  );

  return function former(pin, place) {
    const key = JSON.stringify([pin, place]);
    asking.question(key, { key, pin, place });
    return known?.key === key ? known.cell : null;
  };
}
