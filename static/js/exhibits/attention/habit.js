// What a head does on this text, as far as where it reads tells: one token back, on itself, at the text's first token.
// Measured on the pattern that is shown (app/asked/heads.py), not known of the head.

const MOSTLY = 0.5; // from this mean share on, a head is said to do it

/**
 * Where a head's queries put most, {place, share: the mean over them, 0 to 1}; null where it is nowhere half of it. The
 * shares of all heads and their places are the frame's; `at` is the head's number among them.
 */
export function habitOf({ habits: places, arrays: { habits } }, at) {
  const each = habits.length / places.length;
  let best = null;
  places.forEach((place, index) => {
    const share = habits[index * each + at];
    if (share >= MOSTLY && (best === null || share > best.share)) best = { place, share };
  });
  return best;
}
