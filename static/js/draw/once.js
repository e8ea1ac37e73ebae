// Drawing only what has changed: the one place that knows what was drawn before.

/**
 * Gives a function that does what `make` does when its arguments are others than the last time, and else gives again what
 * came of them then. What a picture depends on must stand among them: the frame, the width, the colours of the theme.
 */
export function once(make) {
  let before = null;
  let made;
  return (...values) => {
    if (before === null || values.some((value, index) => !Object.is(value, before[index]))) {
      before = values;
      made = make(...values);
    }
    return made;
  };
}
