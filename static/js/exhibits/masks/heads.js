// How much attention each head loses: a grid of numbers, layers across, heads down, and a last row for the mean of a
// layer's heads. Each is a button that shows its pattern in the matrix.

import { element, radios, setAttribute, setText } from "../../dom.js";

export function mountHeads(grid, store) {
  let made = "";
  let buttons = [];

  const mark = radios(
    grid,
    ({ dataset: { layer, head } }) => {
      store.wanted = null; // a head that was still to be found gives way to one that is chosen
      if (head === "mean") store.set({ pattern_of: "mean", layer: Number(layer) });
      else store.set({ pattern_of: "head", layer: Number(layer), head: Number(head) });
    },
    () => store.catalog.models[store.state.model].n_layers,
  );

  /** One button for each head and mean; only when the model changed. */
  function make(layers, heads) {
    const key = `${layers} ${heads}`;
    if (key === made) return;
    made = key;
    grid.replaceChildren();
    grid.style.setProperty("--layers", layers);
    buttons = [];
    grid.append(element("span"), ...Array.from({ length: layers }, (_, layer) => element("span", "", layer + 1)));
    for (let head = 0; head <= heads; head++) {
      const mean = head === heads;
      grid.append(element("span", mean ? "mean" : "", mean ? "mean" : head + 1));
      for (let layer = 0; layer < layers; layer++) {
        const button = element("button", mean ? "mean" : "");
        Object.assign(button.dataset, { layer, head: mean ? "mean" : head });
        button.type = "button";
        button.setAttribute("role", "radio");
        grid.append(button);
        buttons.push(button);
      }
    }
  }

  /** `lostIn(layer, head)` is the part that a head loses, or, for head null, that a layer's heads lose on average. */
  return function draw(state, layers, heads, lostIn) {
    make(layers, heads);
    for (const button of buttons) {
      const [layer, mean] = [Number(button.dataset.layer), button.dataset.head === "mean"];
      const lost = 100 * lostIn(layer, mean ? null : Number(button.dataset.head));
      const name = mean
        ? `mean of the heads of layer ${layer + 1}`
        : `layer ${layer + 1}, head ${Number(button.dataset.head) + 1}`;
      setText(button, lost > 0 && lost < 0.5 ? "<1" : Math.round(lost));
      setAttribute(button, "aria-label", `${name}: ${button.textContent} percent lost`);
      const tone = `${Math.round(lost)}%`;
      if (button.style.getPropertyValue("--lost") !== tone) button.style.setProperty("--lost", tone);
    }
    mark(({ dataset: { layer, head } }) => {
      if (Number(layer) !== state.layer) return false;
      return state.pattern_of === "mean" ? head === "mean" : Number(head) === state.head;
    });
  };
}
