// What is looked at: a layer, and a query head; the heads that share a KV head stand together under one brace.

import { element, pool, radios, setText } from "../../dom.js";
import { shared } from "./words.js";

/** The layers, and the heads in the groups that share a KV head. */
export function mountPicks(layers, heads, store) {
  const button = (data) => {
    const node = element("button");
    node.type = "button";
    node.setAttribute("role", "radio");
    return Object.assign(node, { dataPick: data });
  };
  const takeLayers = pool(layers, button);
  const groups = [];
  const takeGroups = pool(heads, () => {
    const node = element("span", "group", element("span", "buttons"), element("span", "brace"));
    groups.push(pool(node.firstChild, button));
    return node;
  });
  const chosen = (set) => (node) => {
    if (node.checkVisibility()) set(Number(node.textContent) - 1);
  };
  const markLayers = radios(
    layers,
    chosen((layer) => store.set({ layer })),
  );
  const markHeads = radios(
    heads,
    chosen((head) => store.set({ head, key: null })),
  );
  return function draw(cache) {
    takeLayers(cache.n_layers)
      .slice(0, cache.n_layers)
      .forEach((node, index) => setText(node, String(index + 1)));
    const size = cache.shared.length;
    const nodes = takeGroups(cache.n_kv_heads);
    for (let group = 0; group < cache.n_kv_heads; group++) {
      const inner = groups[group](size);
      for (let i = 0; i < size; i++) setText(inner[i], String(group * size + i + 1));
      setText(nodes[group].lastChild, shared(group, size));
    }
    markLayers((node) => node.textContent === String(cache.layer + 1));
    markHeads((node) => node.textContent === String(cache.head + 1));
  };
}
