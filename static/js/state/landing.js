// Where the choice lands when a change of the text moves the tokens: at a character, which the next picture knows.

/**
 * The token that a character stands in, or the first behind it.
 *
 * @param {Token[]} tokens
 * @param {number} character
 */
export function tokenAt(tokens, character) {
  return tokens.findIndex((one) => !(one.special && one.start === one.end) && (one.end ?? 0) > character);
}

/**
 * Changes the text, and chooses the token that stands at a character then: some masks swallow the spaces in front of them,
 * so that nobody but the picture can tell which it is.
 *
 * @param {Store} store
 * @param {Partial<State>} patch with the token that it will probably be
 * @param {number | undefined} character undefined: none is chosen
 */
export function setAt(store, patch, character) {
  const { text, query } = patch;
  store.landing = character === undefined ? null : { text, query, character };
  store.set(patch);
}

/**
 * Makes good on `setAt`, unless something else was chosen meanwhile; called with every picture.
 *
 * @param {Store} store
 */
export function land(store) {
  const { landing, frame, state } = store;
  if (!landing || !frame || landing.text !== frame.text) return;
  store.landing = null;
  if (state.text === landing.text && state.query === landing.query) {
    store.set({ query: tokenAt(frame.tokens, landing.character) });
  }
}
