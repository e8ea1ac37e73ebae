// The pointer or the arrow keys on a ribbon: which token, and which of its numbers, is being read.

import { cellAfter } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";

/** `at` is {token, number}, or null; `place` is set by who draws. */
export function mountCursor(canvas, store) {
  const cursor = { at: null, place: null };
  const move = (at) => {
    if (at?.token === cursor.at?.token && at?.number === cursor.at?.number) return;
    cursor.at = at;
    store.changed();
  };
  followPointer(canvas, (x, y) => cursor.place?.at(x, y) ?? null, move);
  canvas.addEventListener("blur", () => move(null));
  canvas.addEventListener("keydown", (event) => {
    if (!cursor.place) return;
    const { first, n, d } = cursor.place;
    const { token, number } = cursor.at ?? { token: n - 1, number: 0 };
    const to = cellAfter(event.key, { row: number, column: token }, { rows: d, columns: n });
    if (!to) return;
    event.preventDefault();
    move(cursor.at ? { token: Math.max(first, to.column), number: to.row } : { token, number });
  });
  return cursor;
}
