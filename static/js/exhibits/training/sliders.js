// A slider of whole numbers whose markup says its field: app/page/markup.py.

import { setAttribute, setText } from "../../dom.js";

/**
 * `say(value)` writes a value; gives `draw(value, most)`, where `most` is how far it goes, if the markup does not say.
 *
 * @param {Element} slider
 * @param {any} store
 * @param {(value: number) => string} say
 */
export function mountSlider(slider, store, say) {
  const field = /** @type {HTMLElement} */ (slider).dataset.field;
  const [, output, node] = slider.children;
  const input = /** @type {HTMLInputElement} */ (node);
  input.addEventListener("input", () => store.set({ [field]: input.valueAsNumber }));
  return function draw(value, most = Number(input.max)) {
    if (Number(input.max) !== most) input.max = String(most);
    if (input.valueAsNumber !== value) input.value = String(value);
    input.style.setProperty("--part", String(value / (most || 1)));
    setText(output, say(value));
    setAttribute(input, "aria-valuetext", say(value));
  };
}
