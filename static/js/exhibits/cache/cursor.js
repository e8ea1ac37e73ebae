// The pointer or the arrow keys on a ribbon: which token, and which of its numbers, is being read.

/** `at` is {token, number}, or null; `place` is set by who draws. */
export function mountCursor(canvas, store) {
  const cursor = { at: null, place: null };
  const move = (at) => {
    if (at?.token === cursor.at?.token && at?.number === cursor.at?.number) return;
    cursor.at = at;
    store.changed();
  };
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    if (cursor.place) move(cursor.place.at(event.clientX - box.left, event.clientY - box.top));
  });
  canvas.addEventListener("pointerleave", () => move(null));
  canvas.addEventListener("blur", () => move(null));
  canvas.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (dx === undefined || !cursor.place) return;
    event.preventDefault();
    const { first, n, d } = cursor.place;
    const from = cursor.at ?? { token: n - 1 - dx, number: 0 - dy };
    const held = (value, low, high) => Math.min(high, Math.max(low, value));
    move({ token: held(from.token + dx, first, n - 1), number: held(from.number + dy, 0, d - 1) });
  });
  return cursor;
}
