// The pin: the text, the model and its changes, kept beside the live ones, with what has changed since in the prediction.

import { mountEffect } from "./effect.js";
import { setAttribute, setText } from "../dom.js";
import * as changes from "../state/interventions.js";
import { setTerms } from "./terms.js";
import { PIN, likeliestThen, pinned } from "./words.js";

export function mountPin(shell, store) {
  const root = shell.querySelector(".pinned");
  const [button, words, likeliest, note] = ["button", ".pinned-words", ".then", ".pinned-note :last-child"].map(
    (part) => root.querySelector(part),
  );
  const drawEffect = mountEffect(root, "");

  button.addEventListener("click", () => {
    const { pin, text, model, interventions } = store.state;
    store.set({ pin: pin ? null : { text, model, interventions } });
  });

  function draw({ state, frame }) {
    setText(button, state.pin ? PIN.release : PIN.set);
    setAttribute(button, "aria-pressed", state.pin !== null);
    root.classList.toggle("idle", !state.pin);
    const then = frame?.pin === state.pin ? frame?.pinned : null;
    if (!state.pin || !then) {
      setText(words, state.pin ? "" : PIN.idle);
      setText(likeliest, "");
      setText(note, "");
      if (!state.pin) root.querySelector(".effect").hidden = true;
      return;
    }
    const { pin } = state;
    const { change } = then;
    setText(words, pinned(pin, changes.told(pin.interventions), pin.model !== state.model));
    setText(likeliest, likeliestThen(then.likeliest));
    setTerms(note, change ? PIN.onBars : PIN.otherVocabulary);
    root.querySelector(".effect").hidden = !change;
    if (change) drawEffect({ frame: { change, next: frame.next } });
  }

  return { draw };
}
