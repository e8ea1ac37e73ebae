// The faces. A canvas draws with those that are there: the first picture waits for its own, and where a character needs
// another part of a face (static/css/theme.css), all is drawn again once that has come.

import { forgetWidths } from "../draw/measure.js";
import { forgetColours } from "./theme.js";

const FIRST = [
  '450 13px "JetBrains Mono"',
  "400 13px Inter",
  '400 18px "Source Serif 4"',
  'italic 600 13px "Source Serif 4"',
];

/** When the faces of the first picture are there, or cannot be had. */
export function facesLoaded() {
  return Promise.allSettled(FIRST.map((face) => document.fonts.load(face)));
}

/** Calls `listener` whenever more of a face has come: nothing that was drawn or measured before holds. */
export function onFace(listener) {
  document.fonts.addEventListener("loadingdone", () => {
    forgetWidths();
    forgetColours();
    listener();
  });
}
