// The pin: the text, the model and its changes, kept beside the live ones, with what has changed since in the prediction.

import { mountEffect } from "./effect.js";
import { setAttribute, setText } from "../dom.js";
import { visible } from "./chips.js";
import { percent } from "../format.js";
import * as changes from "../state/interventions.js";
import { setTerms } from "./terms.js";

const SHORT = 34;

/** The end of a text, as it is what the prediction hangs on, from the beginning of a word. */
function short(text) {
  if (text.length <= SHORT) return text || "the empty text";
  const end = text.slice(1 - SHORT);
  const space = end.trimEnd().indexOf(" ");
  return `…${space < 0 ? end : end.slice(space)}`;
}

export function mountPin(shell, store) {
  const root = shell.querySelector(".pinned");
  const [button, words, then, note] = ["button", ".pinned-words", ".then", ".pinned-note :last-child"].map((part) =>
    root.querySelector(part),
  );
  const drawEffect = mountEffect(root, "");

  button.addEventListener("click", () => {
    const { pin, text, model, interventions } = store.state;
    store.set({ pin: pin ? null : { text, model, interventions } });
  });

  function draw({ state, frame }) {
    setText(button, state.pin ? "Unpin" : "Pin this");
    setAttribute(button, "aria-pressed", state.pin !== null);
    root.classList.toggle("idle", !state.pin);
    const pinned = frame?.pin === state.pin ? frame?.pinned : null;
    if (!state.pin || !pinned) {
      setText(
        words,
        state.pin ? "" : "Keep this state to compare with: change the text or the model, and see what moved.",
      );
      setText(then, "");
      setText(note, "");
      if (!state.pin) root.querySelector(".effect").hidden = true;
      return;
    }
    const { pin } = state;
    const changed = changes.told(pin.interventions);
    const model = pin.model === state.model ? "" : `${pin.model}, `;
    setText(words, `${model}“${short(pin.text)}”${changed ? `, ${changed}` : ""}`);
    const { likeliest, change } = pinned;
    const rest = change
      ? "On a bar, the line is what it was then."
      : "Its vocabulary is another; the two lists cannot be compared.";
    setText(then, `Then likeliest: ${visible(likeliest, true)} ${percent(likeliest.probability)}. `);
    setTerms(note, rest);
    root.querySelector(".effect").hidden = !change;
    if (change) drawEffect({ frame: { change, next: frame.next } });
  }

  return { draw };
}
