// The brush: pointer and keys on the matrix become a painted mask. A stroke paints what its first cell became: forbidden
// or allowed; and a mask that was made by another hand goes on as painted cells.

import { canvasOf } from "./cells.js";
import { painted } from "../../state/mask_specification.js";

/** The cells from one to the next, so that a quick hand leaves no gaps. */
function between(from, to) {
  const steps = Math.max(Math.abs(to.query - from.query), Math.abs(to.key - from.key), 1);
  const part = (a, b, step) => Math.round(a + ((b - a) * step) / steps);
  return Array.from({ length: steps + 1 }, (_, step) => ({
    query: part(from.query, to.query, step),
    key: part(from.key, to.key, step),
  }));
}

/**
 * `look()` gives {state, cells, view} as they are drawn now, `under(event)` what of the text is under the pointer, `change(mask)` takes a
 * new mask (null: none is left), `remember()` is called before a stroke, `name(row)` for a click on a row's name.
 */
export function mountBrush(canvas, { look, under, change, remember, name }) {
  let stroke = null;

  function lay(places) {
    const { square, forbid, cells } = stroke;
    let changed = false;
    for (const { query, key } of places) {
      const inside = query < Math.min(square.size, cells.size) && key < Math.min(square.size, cells.size);
      if (!inside || !cells.open(query, key)) continue;
      const at = query * square.size + key;
      changed ||= square.cells[at] !== forbid;
      square.cells[at] = forbid;
    }
    if (changed) change(square.cells.includes(1) ? painted(square) : null);
  }

  /** Begins a stroke at a cell that the model allows; says whether it did. */
  function begin(cell) {
    const { state, cells, view } = look();
    const square = canvasOf(state, cells, view.first);
    if (!cells.open(cell.query, cell.key) || Math.max(cell.query, cell.key) >= square.size) return false;
    remember();
    stroke = { square, cells, last: cell, forbid: square.cells[cell.query * square.size + cell.key] ? 0 : 1 };
    lay([cell]);
    return true;
  }

  canvas.addEventListener("pointerdown", (event) => {
    const found = event.button === 0 ? under(event) : null;
    if (found?.row !== undefined) name(found.row);
    else if (found && begin(found)) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const found = stroke && under(event);
    if (!found || found.row !== undefined) return;
    lay(between(stroke.last, found));
    stroke.last = found;
  });
  const end = () => (stroke = null);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);

  /** One cell, by the keyboard. */
  return function toggle(cell) {
    begin(cell);
    end();
  };
}
