// What stands in the place of an exhibit's picture: why there is none.

import { setText } from "../dom.js";

/**
 * Says something instead of a picture; null for the picture.
 *
 * @param {HTMLElement} root
 * @param {string | null} said
 */
export function instead(root, said) {
  const [picture, absent] = /** @type {HTMLElement[]} */ (
    [".picture", ".absent"].map((part) => root.querySelector(part))
  );
  picture.hidden = said !== null;
  absent.hidden = said === null;
  setText(absent, said ?? "");
}
