// What is lit: in each river the token that is selected and the one under the pointer, in each kind of attention a query
// and a key. A query is the token that is selected in its river, or that of the cell under the pointer.

import { strongestKey } from "../../state/patterns.js";
import { isWritten, sidesOf } from "../../state/stacks.js";
import { lit as lights } from "../../page/tokenrow.js";
import { laneOf } from "./layout.js";

/** A token and the pointer's as tokens and lanes of a river. */
function inRiver(river, token, hoverToken) {
  return { token, hoverToken, lane: laneOf(river, token), hover: laneOf(river, hoverToken) };
}

/** `rows` has the selected head of each kind; `kind` is that which the state's key and the pointer's cell are of. */
export function litIn({ state, frame, model }, place, rows, kind) {
  const { hover } = state;
  const roles = lights({ state, frame });
  const here = hover?.query !== undefined && (hover.kind ?? kind);
  const writing = isWritten(model.stacks[here]?.asks);
  const read = inRiver(place.read, roles.selected, hover?.token ?? (here && !writing ? hover.query : null));
  if (kind === "decoder" || (kind === "cross" && state.query === null)) read.lane = null; // nothing is read out of it
  const written =
    place.read === place.spoken
      ? null
      : inRiver(
          place.spoken,
          Math.min(state.written ?? 0, place.spoken.tokens - 1),
          hover?.written ?? (writing ? hover.query : null),
        );
  const parts = {};
  for (const part of place.attentions) {
    const { queries, keys, own } = sidesOf(frame, model.stacks[part.kind]);
    const selected = part.queries === place.read ? read.token : written.token;
    const query = Math.min(here === part.kind ? hover.query : selected, queries.length - 1);
    const chosen = here === part.kind ? hover.key : part.kind === kind && query === selected ? state.key : null;
    const allowed = chosen !== null && chosen < keys.length && rows[part.kind].allows(query, chosen);
    parts[part.kind] = { query, key: allowed ? chosen : strongestKey(rows[part.kind], query, keys, own) };
  }
  return { read, written, parts };
}
