// Readings of attention patterns that several pictures share.

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
  const score = (/** @type {number} */ key) => rows.at(query, key) + (keys[key].special ? 0 : 256);
  /** @type {number | null} */
  let best = null;
  for (let key = 0; key < rows.reach(query); key++) {
    if (!(own && key === query) && (best === null || score(key) > score(best))) best = key;
  }
  return best ?? 0;
}
