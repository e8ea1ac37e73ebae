// Which tokens and which of RoPE's pairs are looked at now, the same in all parts of the exhibit.

import { lit } from "../../page/tokenrow.js";

/** The two tokens that are compared: the query, and what the pointer is on, or what was chosen, or one near it. */
export function compared({ state, frame }) {
  const last = frame.tokens.length - 1;
  const { selected } = lit({ state, frame });
  const query = Math.min(state.hover?.query ?? selected, last);
  const key = Math.min(state.hover?.key ?? state.hover?.token ?? state.key ?? Math.max(0, query - 3), last);
  return { query, key, selected };
}

/** The two tokens whose vectors are looked at: of a long text those that are there (app/exhibits/positions/vectors.py). */
export function withVectors({ frame }, roles) {
  return { ...roles, ...frame.positions.compared };
}

/** What a frame is asked for with, so that the vectors of the chosen query and key come; empty where all are there. */
export function compares({ state, frame }) {
  if (!frame.positions.compared) return "";
  const { selected } = lit({ state, frame });
  return `${selected === frame.tokens.length - 1 ? "end" : selected}.${state.key ?? "end"}`;
}

/** The chosen pair of RoPE, held within those that there are. */
export function pairOf({ state, frame }) {
  return Math.min(state.pair, frame.positions.rope.frequencies.length - 1);
}
