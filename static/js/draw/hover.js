// The pointer over a picture.

/**
 * `find(x, y)` gives what stands at a point of the node, in px from its corner, or null; `tell(found)` hears of it
 * whenever the pointer moves, `press(found)` when something is clicked. Gives `under(event)`: what an event is on.
 */
export function followPointer(node, find, tell, press = null) {
  const under = (event) => {
    const { left, top } = node.getBoundingClientRect();
    const zoom = node.currentCSSZoom ?? 1; // of an enlarged page
    return find((event.clientX - left) / zoom, (event.clientY - top) / zoom);
  };
  node.addEventListener("pointermove", (event) => tell(under(event)));
  node.addEventListener("pointerleave", () => tell(null));
  if (press) {
    node.addEventListener("click", (event) => {
      const found = under(event);
      if (found) press(found);
    });
  }
  return under;
}
