// The pinned text along the same vocabularies: how many tokens each made of it, and where it cut among the characters that
// are still the same, at the beginning of the text and at its end.

import { View } from "./view.js";

/** How many bytes two texts share from the beginning on, and from the end on without those. */
function shared(now, then) {
  const most = Math.min(now.length, then.length);
  let [front, back] = [0, 0];
  while (front < most && now[front] === then[front]) front++;
  while (back < most - front && now.at(-1 - back) === then.at(-1 - back)) back++;
  return { front, back };
}

/** By name of a vocabulary: its `tokens` then, and its `cuts` as bytes of the live rows; `former` is a frame. */
export function pinnedRows(view, former) {
  const [now, then] = [view.letters.bytes, new View(former)];
  const before = then.letters.bytes;
  const { front, back } = shared(now, before);
  const moved = now.length - before.length;
  const here = (cut) => (cut <= front ? cut : cut + moved);
  const isKept = (cut) => cut <= front || cut >= before.length - back;
  return new Map(
    then.ready.map(({ name, tokens, starts }) => [name, { tokens, cuts: [...starts].filter(isKept).map(here) }]),
  );
}
