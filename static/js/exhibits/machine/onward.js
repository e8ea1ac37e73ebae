// Where the drawing is wider than the screen: what says so, what leads along it, and what stays in sight meanwhile.

import { setAttribute } from "../../dom.js";

const STEP = 0.75; // of the box, at a press

/** `follow(scrolled)` is told how far the box is scrolled; gives `update(beyond)`: how many px do not fit. */
export function mountOnward(root, box, follow) {
  const row = root.querySelector(".onward");
  const frame = root.querySelector(".stage-frame");
  const [back, on] = row.querySelectorAll("button");
  let beyond = 0;
  let at = 0; // known from its events: asking in the middle of a drawing would force a layout

  function show() {
    setAttribute(back, "disabled", at > 1 ? null : "");
    setAttribute(on, "disabled", at < beyond - 1 ? null : "");
    frame.classList.toggle("goes-on", at < beyond - 1);
    follow(at);
  }

  row.addEventListener("click", (event) => {
    const by = Number(event.target.closest("button")?.dataset.by);
    if (!by) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    box.scrollBy({ left: by * STEP * box.clientWidth, behavior: still ? "instant" : "smooth" });
  });
  box.addEventListener(
    "scroll",
    () => {
      at = box.scrollLeft;
      show();
    },
    { passive: true },
  );

  return function update(px) {
    beyond = Math.max(0, px);
    setAttribute(row, "hidden", beyond > 1 ? null : "");
    box.classList.toggle("scrolls", beyond > 1);
    show();
  };
}
