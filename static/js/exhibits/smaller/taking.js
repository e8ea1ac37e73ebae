// The sliders: each over its stops. Bits and zeros are parts of the state; how many heads and layers are removed follows
// from what is switched off.

import { radios, setAttribute, setText } from "../../dom.js";
import { whole } from "./parts.js";
import * as words from "./words.js";

export const STOPS = {
  bits: [16, 12, 10, 8, 7, 6, 5, 4, 3, 2],
  zeroed: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95],
}; // model/study/shrinking.py: BITS, ZEROED

/** Shows where a slider stands, at the `at`-th of `most`. */
function place(slider, at, most, said) {
  const [, output, input] = slider.children;
  setAttribute(input, "max", most);
  if (input.valueAsNumber !== at) input.value = String(at);
  input.style.setProperty("--part", most ? at / most : 0);
  setText(output, said);
  output.classList.toggle("neutral", at === 0);
  setAttribute(input, "aria-valuetext", said);
}

/** `parts` removes heads and layers: parts.js. */
export function mountTaking(form, store, parts) {
  const slider = (name) => form.querySelector(`[data-field="${name}"]`);
  const names = ["bits", "zeroed", "heads", "layers"];
  for (const name of names) Object.assign(slider(name).children[2], { min: 0, step: 1 });
  for (const [name, stops] of Object.entries(STOPS)) {
    const input = slider(name).children[2];
    input.addEventListener("input", () => store.set({ [name]: stops[input.valueAsNumber] }));
  }
  for (const name of ["heads", "layers"]) {
    const input = slider(name).children[2];
    input.addEventListener("input", () => parts.remove({ [name]: input.valueAsNumber }));
  }
  const mark = radios(form.querySelector(".switch"), ({ dataset }) => store.set({ grain: dataset.grain }));
  const back = form.querySelector(".back");
  back.addEventListener("click", () => {
    parts.forget();
    store.set({ bits: 16, zeroed: 0, interventions: whole(store.state.interventions) });
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  const nearest = (name, value) => {
    const off = STOPS[name].map((stop) => Math.abs(stop - value));
    return off.indexOf(Math.min(...off));
  };

  // Where a hand has put a slider it stays, whatever picture is still on its way: bits and zeros are read off the state.
  return function draw({ smaller: { gone } }, state) {
    const at = { bits: nearest("bits", state.bits), zeroed: nearest("zeroed", state.zeroed) };
    const [bits, zeroed] = [STOPS.bits[at.bits], STOPS.zeroed[at.zeroed]];
    place(slider("bits"), at.bits, STOPS.bits.length - 1, words.bitsSaid(bits));
    place(slider("zeroed"), at.zeroed, STOPS.zeroed.length - 1, words.zeroedSaid(zeroed));
    const wanted = parts.wanted(gone);
    place(slider("heads"), wanted.heads, gone.of_heads, words.removedSaid(wanted.heads, gone.of_heads));
    place(slider("layers"), wanted.layers, gone.of_layers, words.removedSaid(wanted.layers, gone.of_layers));
    mark(({ dataset }) => dataset.grain === state.grain);
    back.disabled = bits === 16 && zeroed === 0 && wanted.heads === 0 && wanted.layers === 0;
  };
}
