// A link to a model that this server has not got. Another model is shown in its place, and the link is left as it is but
// for what a person changes meanwhile, until the model has come or another one is chosen.

/**
 * The link in a fragment, if it is to a model that is not here; null for any other.
 *
 * @param {string} fragment
 * @param {Record<string, ModelDescription>} models
 * @returns {Away | null}
 */
export function awayIn(fragment, models) {
  const model = new URLSearchParams(fragment.replace(/^#/, "")).get("model");
  return model === null || Object.hasOwn(models, model) ? null : { model, fragment };
}

/**
 * What of such a link may be shown in another model: the text, and where to look at it.
 *
 * @param {Partial<State>} said
 * @returns {Partial<State>}
 */
export function shownOf({ exhibit, text, theme }) {
  return Object.fromEntries(Object.entries({ exhibit, text, theme }).filter(([, value]) => value !== undefined));
}

/**
 * The link as it stands in the address: as it came, with the exhibit and the text that are there now.
 *
 * @param {Away} away
 * @param {State} shown what was shown of it at first
 * @param {State} state
 */
export function addressOfAway({ fragment }, shown, state) {
  if (state.exhibit === shown.exhibit && state.text === shown.text) return fragment;
  const address = new URLSearchParams(fragment.replace(/^#/, ""));
  if (state.exhibit !== shown.exhibit) address.set("exhibit", state.exhibit);
  if (state.text !== shown.text) {
    address.delete("text16");
    address.set("text", state.text);
  }
  return `#${address}`;
}
