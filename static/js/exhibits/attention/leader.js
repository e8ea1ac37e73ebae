// The leader of the drawing: a thin gold line from the open cell to the panel with its numbers, where the panel stands
// beside the matrix.

import { boxOf, setAttribute } from "../../dom.js";

const ROUND = 12; // px

export function mountLeader(svg, canvas, panel) {
  const path = svg.querySelector("path");
  let measured = {};

  /** Where canvas and panel stand; read from the layout only when the picture's size has changed. */
  function measure(width) {
    if (measured.width === width && measured.window === innerWidth) return measured;
    const origin = boxOf(svg);
    const [from, to] = [boxOf(canvas), boxOf(panel)];
    measured = {
      width,
      window: innerWidth,
      beside: to.left >= from.right,
      x: from.left - origin.left,
      y: from.top - origin.top,
      turn: (from.right + to.left) / 2 - origin.left - 3,
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
    const { turn, end } = there;
    const [endX, endY] = end;
    const radius = Math.min(ROUND, Math.abs(y - endY) / 2, endX - turn);
    const up = Math.sign(endY - y);
    const corners = `H${turn - radius}q${radius} 0 ${radius} ${up * radius}V${endY - up * radius}q0 ${up * radius} ${radius} ${up * radius}`;
    setAttribute(path, "d", `M${x} ${y}${corners}H${endX}`);
  };
}
