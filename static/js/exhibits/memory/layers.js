// The layers of the stack that is looked into, each with what its feed-forward part is.

import { element, pool, radios, setText } from "../../dom.js";
import { setTerms } from "../../page/terms.js";
import { layerKind, layerName } from "./words.js";

export function mountLayers(parent, store) {
  const take = pool(parent, () => {
    const node = element("button", "layer", element("b"), element("span"));
    node.type = "button";
    node.setAttribute("role", "radio");
    return node;
  });
  const mark = radios(parent, ({ dataset }) => store.set({ layer: Number(dataset.layer) }));

  return function draw({ stacks, experts }, { place, layer }) {
    const { layers } = stacks[place];
    const nodes = take(layers);
    for (let index = 0; index < layers; index++) {
      const node = nodes[index];
      node.dataset.layer = String(index);
      setText(node.firstChild, layerName(index));
      setTerms(node.lastChild, layerKind(experts?.layers.includes(index)));
    }
    mark((node) => Number(node.dataset.layer) === layer);
  };
}
