// The head that "Set it up" looks for: the one that reads the token before.

/** See FINDS in state/settings.js. */
export const finds = {
  previous: { needs: "finds", find: (frame) => frame.finds.previous },
};
