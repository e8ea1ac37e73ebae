// The pinned state's own picture: the frame that the open exhibit would have had for it, so that an exhibit can draw it
// faintly beside the live one. It is fetched once, when typing rests, and costs no keystroke anything.

import { resting } from "./resting.js";

const PAUSE_MS = 250;

/**
 * Gives a function of the store and of what is asked for besides, that returns the pinned state's frame: null as long as
 * nothing is pinned, it is not there yet, or it is of a model with other parts than the live one's.
 *
 * @param {Store} store
 */
export function mountBaseline(store) {
  /** @type {{key: string, frame: Frame} | null} */
  let known = null;
  const peeking = resting(
    ({ state }) => store.peek(state),
    (frame, _, { key }) => {
      known = { key, frame };
      store.changed();
    },
    PAUSE_MS,
  );

  /**
   * @param {{state: State}} view
   * @param {Partial<State>} besides
   * @returns {Frame | null}
   */
  return function baseline({ state }, besides = {}) {
    const { pin } = state;
    if (!pin || pin.model !== state.model) return null;
    const there = { ...state, ...pin, pin: null, query: null, written: null, ...besides };
    const key = JSON.stringify(store.asks(there));
    peeking.question(key, { key, state: there });
    return known?.key === key ? known.frame : null;
  };
}
