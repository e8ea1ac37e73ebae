// The leader of the drawing: a thin gold line from the open cell to the panel with its numbers, where the panel stands
// beside the matrix.

import { setAttribute } from "../dom.js";

export function mountLeader(svg, canvas, panel) {
  const path = svg.querySelector("path");
  let measured = {};

  /** Where canvas and panel stand; read from the layout only when the picture's size has changed. */
  function measure(width) {
    if (measured.width === width && measured.window === innerWidth) return measured;
    const origin = svg.getBoundingClientRect();
    const [from, to] = [canvas.getBoundingClientRect(), panel.getBoundingClientRect()];
    measured = {
      width,
      window: innerWidth,
      beside: to.left >= from.right,
      x: from.left - origin.left,
      y: from.top - origin.top,
      end: [to.left - origin.left - 6, to.top - origin.top + 12],
    };
    return measured;
  }

  /** Draws the line to `cell`, {query, key}, in a matrix that stands as `place` says; null for no matrix. */
  return function draw(place, cell) {
    const there = place && measure(place.width);
    setAttribute(svg, "visibility", there?.beside ? null : "hidden");
    if (!there?.beside) return;
    const x = there.x + place.left + (cell.key + 1) * place.wide + 1.5;
    const y = there.y + place.top + (cell.query + 0.5) * place.high;
    const [endX, endY] = there.end;
    const bend = Math.max(26, (endX - x) * 0.55);
    setAttribute(path, "d", `M${x} ${y} C${x + bend} ${y} ${endX - bend} ${endY} ${endX} ${endY}`);
  };
}
