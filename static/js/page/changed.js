// The note in the bar that says that the model on the page is not the model as it was trained, and the way back.

import { setText } from "../dom.js";
import { NONE, told } from "../state/interventions.js";
import { notAsTrained } from "./words.js";

export function mountChanged(shell, store) {
  const note = shell.querySelector(".changed");
  const words = note.querySelector("span");
  note.querySelector("button").addEventListener("click", () => {
    store.set({ interventions: NONE });
    shell.querySelector(".text").focus({ preventScroll: true }); // the button goes; the focus must not be lost with it
  });

  function draw({ state }) {
    const changed = state.interventions !== NONE && Object.keys(state.interventions).length > 0;
    note.hidden = !changed;
    setText(words, changed ? notAsTrained(told(state.interventions)) : "");
  }

  return { draw };
}
