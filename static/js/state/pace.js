// How often something may be done: at once as long as some of an allowance is left, else as soon as there is again.

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
