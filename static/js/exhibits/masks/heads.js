// How much attention each head loses: a grid of numbers, layers across, heads down, and a last row for the mean of a
// layer's heads. Each is a button that shows its pattern in the matrix. Where there are many layers, the grey alone tells, and
// under the pointer the number.

import { element, radios, setAttribute, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import * as words from "./words.js";

const MOST_NUMBERED = 14; // layers across that have room for numbers
const EVERY = 5; // of more, the layers whose number stands above

export function mountHeads(grid, store) {
  const mark = radios(
    grid,
    ({ dataset: { layer, head } }) => {
      store.wanted = null; // a head that was still to be found gives way to one that is chosen
      if (head === "mean") store.set({ pattern_of: "mean", layer: Number(layer) });
      else store.set({ pattern_of: "head", layer: Number(layer), head: Number(head) });
    },
    () => store.catalog.models[store.state.model].n_layers,
  );

  const headOf = (layer, layers) => (layers <= MOST_NUMBERED || layer % EVERY === 0 ? String(layer) : "");

  /** One button for each head and mean, made anew for another model. */
  const buttonsFor = once((layers, heads) => {
    const buttons = [];
    grid.replaceChildren();
    grid.style.setProperty("--layers", layers);
    grid.append(
      element("span"),
      ...Array.from({ length: layers }, (_, layer) => element("span", "", headOf(layer + 1, layers))),
    );
    for (let head = 0; head <= heads; head++) {
      const mean = head === heads;
      grid.append(element("span", mean ? "mean" : "", mean ? words.MEAN : String(head + 1)));
      for (let layer = 0; layer < layers; layer++) {
        const button = element("button", mean ? "mean" : "");
        Object.assign(button.dataset, { layer, head: mean ? "mean" : head });
        button.type = "button";
        button.setAttribute("role", "radio");
        grid.append(button);
        buttons.push(button);
      }
    }
    return buttons;
  });

  /** `lostIn(layer, head)` is the part that a head loses, or, for head null, that a layer's heads lose on average. */
  return function draw({ n_layers: layers, n_heads: heads }, lostIn, chosen) {
    const isNumbered = layers <= MOST_NUMBERED;
    for (const button of buttonsFor(layers, heads)) {
      const layer = Number(button.dataset.layer);
      const head = button.dataset.head === "mean" ? null : Number(button.dataset.head);
      const lost = 100 * lostIn(layer, head);
      const label = words.lostLabel(layer, head, lost);
      setText(button, isNumbered ? words.lostPercent(lost) : "");
      setAttribute(button, "title", isNumbered ? null : label);
      setAttribute(button, "aria-label", label);
      const tone = `${Math.round(lost)}%`;
      if (button.style.getPropertyValue("--lost") !== tone) button.style.setProperty("--lost", tone);
    }
    const own = String(chosen.head ?? "mean");
    mark(({ dataset }) => Number(dataset.layer) === chosen.layer && dataset.head === own);
  };
}
