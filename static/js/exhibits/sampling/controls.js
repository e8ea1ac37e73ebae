// The sampling settings as sliders. Top-k runs over round numbers, the others in even steps; each says "off" where it
// changes nothing.

import { setAttribute, setText } from "../../dom.js";
import { NEUTRAL } from "../../state/state.js";
import { SETTING } from "./words.js";

const ROUND = [1, 2, 3, 4, 5, 8, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 0];
const even = (low, high, step) =>
  Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => Number((low + i * step).toFixed(4)));

/** What each slider runs over. */
const STOPS = { temperature: even(0, 2, 0.05), top_k: ROUND, top_p: even(0.05, 1, 0.01), min_p: even(0, 0.5, 0.01) };

/** The stop nearest to a value that may have come from an address. */
function nearest(stops, value, name) {
  if (name === "top_k" && value === 0) return stops.length - 1;
  let best = 0;
  stops.forEach((stop, i) => {
    if ((name !== "top_k" || stop !== 0) && Math.abs(stop - value) < Math.abs(stops[best] - value)) best = i;
  });
  return best;
}

export function mountControls(form, store) {
  const set = (patch) => store.set({ sampling: { ...store.state.sampling, ...patch }, draws: 0 });
  const sliders = Object.entries(STOPS).map(([name, stops]) => {
    const node = form.querySelector(`[data-field="${name}"]`);
    const [, output, input] = node.children;
    Object.assign(input, { min: 0, max: stops.length - 1, step: 1 });
    input.addEventListener("input", () => set({ [name]: stops[input.valueAsNumber] }));
    return { name, stops, input, output };
  });
  const seed = form.querySelector(".seed input");
  seed.addEventListener("input", () => {
    if (seed.value !== "" && seed.validity.valid) set({ seed: seed.valueAsNumber });
  });
  form.querySelector(".reset").addEventListener("click", () => set({ ...NEUTRAL }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    store.draw();
  });
  form.querySelector(".draw").addEventListener("click", () => store.draw());
  const back = form.querySelector(".back");
  back.addEventListener("click", () => store.takeBack());

  return function draw({ sampling }) {
    back.disabled = store.lastDraw === null;
    for (const { name, stops, input, output } of sliders) {
      const value = sampling[name];
      const stop = nearest(stops, value, name);
      if (input.valueAsNumber !== stop) input.value = stop;
      input.style.setProperty("--part", stop / (stops.length - 1));
      setText(output, SETTING[name](value));
      setAttribute(input, "aria-valuetext", SETTING[name](value));
      output.classList.toggle("neutral", value === NEUTRAL[name]);
    }
    if (document.activeElement !== seed) seed.value = sampling.seed;
  };
}
