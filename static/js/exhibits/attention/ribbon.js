// What the token ribbon above the picture must know: which side of the picture its tokens are, and how much the lit query
// reads from each.

import { probability } from "../../state/patterns.js";
import { headFrom } from "../../state/long.js";
import { isWritten, kindOf, sidesOf } from "../../state/stacks.js";

/** What the tokens of the text are in the picture: see state/registry.js. */
export function roleOfText({ written, kind }) {
  if (!written || kind === "encoder") return "query";
  return kind === "cross" ? "key" : null;
}

/** How much the lit query reads from each token of the text, 0 to 1: a function; null where it reads others. */
export function weights({ state, frame, catalog }, query) {
  if (!frame.arrays.pattern_head) return null;
  const model = catalog.models[frame.model];
  const { asks, reads } = model.stacks[kindOf(frame, model)];
  if (isWritten(reads)) return null;
  const { queries, keys } = sidesOf(frame, model.stacks[kindOf(frame, model)]);
  const tokens = { queries: queries.length, keys: keys.length };
  const rows = headFrom(frame.arrays, "pattern_head", frame.part, tokens).head(0, 0);
  const row = isWritten(asks) ? (state.hover?.query ?? state.written ?? 0) : query;
  return (key) => probability(rows.at(Math.min(row, rows.queries - 1), key));
}
