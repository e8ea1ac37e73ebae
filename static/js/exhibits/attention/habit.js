// What a head does on this text, as far as where it reads tells: one token back, on itself, at the text's first token.
// Measured on the pattern that is shown, not known of the head.

import { probability } from "../../state/patterns.js";

const MOSTLY = 0.5; // from this mean share on, a head is said to do it

/** The places that are looked at: in a query's own row the tokens around it, in any the first key. */
const PLACES = {
  before: (query) => query - 1,
  itself: (query) => query,
  after: (query) => query + 1,
  first: () => 0,
};

/**
 * Where a head's queries put most, {place, share: the mean over them, 0 to 1}; null where it is nowhere half of it. The
 * first two queries of a row have little choice and are left out. `own`: the keys are the queries' own row.
 */
export function habitOf(rows, own) {
  const from = Math.min(2, rows.queries - 1);
  const count = rows.queries - from;
  let best = null;
  for (const [place, keyOf] of Object.entries(PLACES)) {
    if (!own && place !== "first") continue;
    let sum = 0;
    for (let query = from; query < rows.queries; query++) {
      const key = keyOf(query);
      if (key >= 0 && key < rows.reach(query)) sum += probability(rows.at(query, key));
    }
    if (sum / count >= MOSTLY && (best === null || sum / count > best.share)) best = { place, share: sum / count };
  }
  return best;
}
