// The head that "Set it up" looks for: the one that reads the token before.

import { headWith } from "../../state/settings.js";

/** What a head's queries, but for the first two, put on the token just before them. */
function massOnPrevious(rows) {
  let mass = 0;
  for (let query = 2; query < rows.queries; query++) mass += rows.at(query, query - 1);
  return mass;
}

/** See FINDS in state/settings.js. */
export const finds = {
  previous: { needs: "pattern", find: ({ arrays: { pattern } }) => headWith(pattern, massOnPrevious) },
};
