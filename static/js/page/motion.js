// Movements and the clock that they follow; a person who wants no motion sees where each one ends.

import { between } from "../draw/tween.js";

const DURATION_MS = 150;

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** How far something that began at `begun` has come, 0 to 1. */
export function progress(begun) {
  return still.matches ? 1 : Math.min(1, (performance.now() - begun) / DURATION_MS);
}

/** `to(values, columns)` sets where to go; `now()` gives what to draw; `moving`: there is more to come. */
export class Tween {
  constructor() {
    this.from = null;
    this.fromColumns = 0;
    this.target = null;
    this.columns = 0;
    this.begun = 0;
  }

  to(values, columns) {
    const isSame = columns === this.columns && values.length === this.target?.length;
    if (isSame && values.every((value, i) => value === this.target[i])) return;
    const shown = this.now();
    Object.assign(this, { from: shown, fromColumns: this.columns, target: values, columns, begun: performance.now() });
  }

  /** Goes the rest of the way at once. */
  finish() {
    this.begun = -Infinity;
  }

  get part() {
    return this.from ? progress(this.begun) : 1;
  }

  get moving() {
    return this.part < 1;
  }

  now() {
    return this.from ? between(this.from, this.fromColumns, this.target, this.columns, this.part) : this.target;
  }
}
