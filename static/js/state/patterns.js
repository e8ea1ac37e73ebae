// Readings of attention patterns that several pictures share.

/** The steps that a probability of 1 is sent as; app/wire/patterns.py has the same number, and says why this one. */
export const WHOLE = 60_000;

/**
 * The probability that so many steps stand for, to print or to draw. They were rounded down, and no printed number changes
 * within a step; so it is taken for its middle, which rounds as the probability itself would.
 *
 * @param {number} steps
 */
export function probability(steps) {
  return steps === 0 || steps === WHOLE ? steps / WHOLE : (steps + 0.5) / WHOLE;
}

/**
 * The key that a query reads most; `own`: the keys are tokens of the query's own row, and not the query itself is
 * meant. A special token only where there is no other: many heads rest on one when they find nothing, and a resting
 * place explains little.
 *
 * @param {Pick<Rows, "at" | "reach">} rows
 * @param {number} query
 * @param {Token[]} keys
 */
export function strongestKey(rows, query, keys, own = true) {
  const score = (/** @type {number} */ key) => rows.at(query, key) + (keys[key].special ? 0 : WHOLE + 1);
  /** @type {number | null} */
  let best = null;
  for (let key = 0; key < rows.reach(query); key++) {
    if (!(own && key === query) && (best === null || score(key) > score(best))) best = key;
  }
  return best ?? 0;
}
