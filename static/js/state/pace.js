// When something is done: as soon as an allowance permits, or once the picture is out.

/**
 * Gives a function that has `act` done after the frame that is drawn next, once for all that ask until then: no picture
 * waits for it, and what it measures is laid out.
 *
 * @param {() => void} act
 */
export function onceRendered(act) {
  let waits = false;
  return function ask() {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        waits = false;
        act();
      }),
    );
  };
}

/**
 * Gives a function that has `act` done now, or once the allowance permits; what is asked meanwhile is done once.
 *
 * @param {() => void} act
 * @param {{most: number, aSecond: number, now?: () => number}} allowance how many at once, and how many more a second
 */
export function paced(act, { most, aSecond, now = () => performance.now() }) {
  let [left, at] = [most, now()];
  let waits = false;
  function ask() {
    if (waits) return;
    const time = now();
    left = Math.min(most, left + ((time - at) / 1000) * aSecond);
    at = time;
    if (left >= 1) {
      left -= 1;
      act();
      return;
    }
    waits = true;
    setTimeout(
      () => {
        waits = false;
        ask();
      },
      Math.ceil(((1 - left) / aSecond) * 1000),
    );
  }
  return ask;
}
