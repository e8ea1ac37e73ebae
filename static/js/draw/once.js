// Drawing only what has changed: the one place that knows what was drawn before.

let drawings = 0;

/** Has everything be drawn anew the next time, be it the same: a drawing that is to be written down as a figure. */
export function drawAnew() {
  drawings++;
}

/**
 * Gives a function that does what `make` does when its arguments are others than the last time, and else gives again what
 * came of them then. What a picture depends on must stand among them: the frame, the width, the colours of the theme.
 */
export function once(make) {
  let before = null;
  let drawing = 0;
  let made;
  return (...values) => {
    if (before === null || drawing !== drawings || values.some((value, index) => !Object.is(value, before[index]))) {
      before = values;
      drawing = drawings;
      made = make(...values);
    }
    return made;
  };
}
