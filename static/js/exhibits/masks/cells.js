// Which cells of the matrix are allowed: those of a frame, or, where a person paints, those of the paint before the
// server has answered. `Cells` is a square: at(query, key) is 1 where attending is allowed, by a mask and by the model in
// the layer that sees most, of the tokens that are shown; `within` gives the same in a layer where the model itself has a window.

import { MOST_PAINTED, square } from "../../state/mask_specification.js";
import { shownIn } from "./shown.js";

export class Cells {
  constructor(size, allowed, causal, window = Infinity) {
    this.size = size;
    this.allowed = allowed;
    this.causal = causal;
    this.window = window;
  }

  at(query, key) {
    return this.open(query, key) && this.allowed[query * this.size + key];
  }

  /** Whether the model as it is allows a cell. */
  open(query, key) {
    return !this.causal || (key >= this.first(query) && key < this.reach(query));
  }

  /** The first key that the model as it is lets a query read. */
  first(query) {
    return Math.max(0, query - this.window + 1);
  }

  /** One past the last. */
  reach(query) {
    return this.causal ? query + 1 : this.size;
  }

  within(window) {
    return new Cells(this.size, this.allowed, this.causal, window ?? Infinity);
  }
}

/** The cells of a frame, as the server counted them. */
function ofFrame(frame, causal) {
  const { size } = shownIn(frame);
  const bits = frame.arrays.allowed;
  const allowed = Uint8Array.from({ length: size * size }, (_, at) => (bits[at >> 3] >> (7 - (at & 7))) & 1);
  return new Cells(size, allowed, causal);
}

/** The cells of a painted mask on a frame's tokens; a token that is left nothing sees itself, as on the server. */
function ofPaint(mask, frame, causal) {
  const paint = square(mask);
  const { first, size } = shownIn(frame);
  const covered = (query, key) => query < paint.size && key < paint.size && paint.cells[query * paint.size + key];
  const cells = new Cells(size, new Uint8Array(size * size), causal);
  for (let row = 0; row < size; row++) {
    const query = row + first;
    let left = 0;
    for (let key = 0; key < frame.tokens.length; key++) {
      const allowed = Number((!causal || key <= query) && !covered(query, key));
      if (key >= first && key < first + size) cells.allowed[row * size + key - first] = allowed;
      left += allowed;
    }
    if (!left) cells.allowed[row * size + row] = 1;
  }
  return cells;
}

/** The cells to draw now: of a painted mask where there is one, else of the frame. */
export function cellsOf(mask, frame, causal) {
  if (mask && square(mask)) return ofPaint(mask, frame, causal);
  return ofFrame(frame, causal);
}

/**
 * What a brush starts from: {size, cells}, 1 where forbidden; as large as the text and what was painted before. Of a text
 * whose `first` token that is shown is not its first, what another mask forbids there is not known: nothing is.
 */
export function canvasOf(state, cells, first = 0) {
  const before = state.interventions.mask ? square(state.interventions.mask) : null;
  const size = Math.max(before?.size ?? 0, Math.min(cells.size, MOST_PAINTED));
  const forbidden = new Uint8Array(size * size);
  for (let query = 0; query < size; query++) {
    for (let key = 0; key < size; key++) {
      const known = before && query < before.size && key < before.size;
      const shown = first === 0 && query < cells.size && key < cells.size;
      if (before) forbidden[query * size + key] = known ? before.cells[query * before.size + key] : 0;
      else if (shown) forbidden[query * size + key] = cells.open(query, key) && !cells.at(query, key) ? 1 : 0;
    }
  }
  return { size, cells: forbidden };
}
