// What the positions exhibit writes of disentangled attention, where contents say what a distance adds.

import { signed } from "../../format.js";
import { visible } from "../../page/chips.js";

/** What each term adds to a score, and their sum. */
export function readTerms({ of, sum }) {
  const each = Object.values(of).map((value) => signed(value, 3));
  return each.length === 1 ? each[0] : `${each.join(" ")} = ${signed(sum, 3)}`;
}

/** Of a long text, the sum of terms furthest from 0 around a cell that is not there itself. */
export const readAround = (sum) => `${signed(sum, 3)} around it, the sum furthest from 0`;

/** Whose scores the terms of disentangled attention are. */
export const termsOf = (layer, head) => `Layer ${layer + 1}, head ${head + 1}`;

const TERM = { c2p: (query) => `what ${query} says of it`, p2c: (_, key) => `what ${key} says of it` };

/** What contents say of the distance of two tokens, each term and their sum. */
export function termsBetween(query, key, { of, sum }) {
  const each = Object.entries(of).map(
    ([term, value]) => `${TERM[term](visible(query), visible(key))}: ${signed(value, 3)}`,
  );
  const together = each.length > 1 ? `; together ${signed(sum, 3)}` : "";
  return `The distance from ${visible(query)} to ${visible(key)}, ${each.join(", ")}${together}.`;
}
