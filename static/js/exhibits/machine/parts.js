// What can be pressed, as transparent elements over the canvas: blocks, heads, the lanes, and the ways to other
// exhibits. A part leads to the exhibit that enlarges it, where there is one.

import { boxOf, element, pool, radios, setAttribute, zoomOf } from "../../dom.js";
import { light } from "../../page/hovered.js";
import { define, setTerms } from "../../page/terms.js";
import { asChosen } from "../../page/tokenrow.js";
import { hasExperts } from "./anatomy.js";
import { atlasPlace, cellUnder } from "./attention.js";
import { laneY } from "./layout.js";
import { mountLanes } from "./lanes.js";
import { linksOf } from "./links.js";
import * as words from "./words.js";

function put(node, x, y, width, height) {
  node.style.cssText = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
}

function button(className, label) {
  const node = element("button", className);
  node.type = "button";
  if (label) node.setAttribute("aria-label", label);
  return node;
}

function group(className, label) {
  const node = element("div", className);
  node.setAttribute("role", "radiogroup");
  node.setAttribute("aria-label", label);
  return node;
}

const radio = () => {
  const node = button();
  node.setAttribute("role", "radio");
  return node;
};

export function mountParts(parent, store, open) {
  /** The way to the exhibit that enlarges a part; hidden where there is none. */
  const wayTo = (part, className) => {
    const exhibit = store.enlarging(part);
    const node = button(className, exhibit && words.opensExhibit(exhibit));
    define(node, part);
    node.hidden = !exhibit;
    node.addEventListener("click", () => store.enter(part));
    return node;
  };
  const stage = parent.parentElement;
  const rivers = [mountLanes(stage, "read"), mountLanes(stage, "written")];
  const blocks = group("blocks", words.BLOCKS);
  const atlases = element("div", "atlases");
  const links = element("div", "links");
  const matrices = element("div", "matrices");
  const toSampling = wayTo("softmax", "to-sampling");
  const toExperts = wayTo("expert", "to-experts");
  const toNeurons = wayTo("MLP", "to-neurons");
  const feeds = element("div", "feeds"); // where the open block feeds forward, for steps that are about it
  parent.append(
    links,
    ...rivers.flatMap(({ nodes }) => nodes),
    blocks,
    atlases,
    matrices,
    toExperts,
    toNeurons,
    toSampling,
  );
  parent.prepend(feeds);
  const takeBlocks = pool(blocks, radio);
  const takeLinks = pool(links, () => button("link"));
  const takeMatrices = pool(matrices, () => button("to-attention"));
  const takeAtlases = pool(atlases, () => group("heads", words.headsLabel("text")));
  const heads = new Map(); // by the atlas they stand in: {take, mark}
  const markBlocks = radios(blocks, ({ dataset }) => open(dataset.stack, Number(dataset.layer)));
  let place = null;
  let machine = null;
  let view = null;
  let marked = {};

  /** The heads of one atlas. */
  function headsIn(atlas) {
    if (!heads.has(atlas)) {
      heads.set(atlas, {
        take: pool(atlas, radio),
        mark: radios(
          atlas,
          ({ dataset }) => store.set({ head: Number(dataset.head), ...open.kind(dataset.kind) }),
          () => place.attentions.find(({ kind }) => kind === atlas.dataset.kind).atlas.columns,
        ),
      });
    }
    return heads.get(atlas);
  }

  const point = (event) => {
    const { left, top } = boxOf(stage);
    const zoom = zoomOf(stage);
    return { x: event.clientX / zoom - left, y: event.clientY / zoom - top };
  };
  /** The part whose matrix a node is, and the cell of it under the pointer. */
  const cellAt = (node, event) => {
    const part = place.attentions.find(({ kind }) => kind === node.dataset.kind);
    const { x, y } = point(event);
    return cellUnder(part, view.rows[part.kind], x, y);
  };

  stage.addEventListener("pointermove", (event) => {
    if (!view) return;
    const node = event.target;
    const cell = node.parentElement === matrices ? cellAt(node, event) : null;
    if (cell) return light(store, { ...cell, kind: node.dataset.kind });
    const { x, y } = point(event);
    const found = rivers.map((river) => river.under(x, y)).find((token) => token !== null);
    light(store, found ?? null);
  });
  stage.addEventListener("pointerleave", () => light(store, null));
  links.addEventListener("click", (event) => {
    /** @type {HTMLElement | null} */
    const node = /** @type {HTMLElement} */ (event.target).closest(".link");
    if (node) store.open(node.dataset.opens);
  });
  matrices.addEventListener("click", (event) => {
    /** @type {HTMLElement | null} */
    const node = /** @type {HTMLElement} */ (event.target).closest(".to-attention");
    if (!node) return;
    const cell = event.detail > 0 ? cellAt(node, event) : null;
    const row = place.attentions.find(({ kind }) => kind === node.dataset.kind).queries === place.rivers.decoder;
    if (cell) store.set({ key: cell.key, ...(row ? { written: cell.query } : { query: cell.query }) });
    store.set(open.kind(node.dataset.kind));
    store.enter("attention");
  });

  /** Puts everything where the layout says; done when the layout changes. */
  function arrange(next, model) {
    [place, machine] = [next, model];
    rivers[0].arrange(place.read);
    rivers[1].arrange(place.read === place.spoken ? null : place.spoken);
    arrangeBlocks();
    const groups = takeAtlases(place.attentions.length);
    place.attentions.forEach((part, index) => {
      groups[index].dataset.kind = part.kind;
      setAttribute(groups[index], "aria-label", words.headsLabel(part.kind));
      headsIn(groups[index])
        .take(machine.n_heads)
        .slice(0, machine.n_heads)
        .forEach((node, head) => {
          Object.assign(node.dataset, { head, kind: part.kind });
          const { x, y, size } = atlasPlace(part, head);
          put(node, x, y, size, size);
          setAttribute(node, "aria-label", words.headLabel(head));
          define(node, "head");
        });
    });
    takeMatrices(place.attentions.length).forEach((node, index) => {
      const part = place.attentions[index];
      if (!part) return;
      node.dataset.kind = part.kind;
      define(node, part.kind === "cross" ? "cross-attention" : "attention");
      put(node, part.matrix.left, part.matrix.top, part.matrix.width, part.matrix.height);
    });
    const { boxes } = place.feed;
    for (const node of [feeds, toExperts, toNeurons])
      put(node, boxes.left, boxes.top, boxes.right - boxes.left, boxes.bottom - boxes.top);
    const isRouted = hasExperts(machine, place.open.layer);
    toExperts.hidden = !store.enlarging("expert") || !isRouted;
    toNeurons.hidden = !store.enlarging("MLP") || isRouted;
    arrangeLinks();
    const end = laneY(place.spoken, place.spoken.lanes.count - 1);
    put(toSampling, place.ends + 4, place.below ? end - 10 : 0, 30, place.below ? place.height - end + 10 : end);
  }

  function arrangeBlocks() {
    const all = machine.stacks.flatMap((stack) =>
      Array.from({ length: stack.layers }, (_, layer) => ({ stack, layer })),
    );
    const buttons = takeBlocks(all.length);
    all.forEach(({ stack, layer }, index) => {
      const node = buttons[index];
      Object.assign(node.dataset, { stack: stack.name, layer });
      const experts = hasExperts(machine, layer) ? machine.experts.n_experts : 0;
      define(node, "layer");
      setAttribute(node, "aria-label", words.blockLabel(stack, layer, machine.n_heads, experts));
      const slab = place.slabs.find((group) => group.stack.name === stack.name && group.layers.includes(layer));
      if (!slab) return put(node, place.block.x + 8, 10, 170, 28);
      const height = (slab.bottom - slab.top) / slab.layers.length;
      put(node, slab.x, slab.top + slab.layers.indexOf(layer) * height, slab.width, height);
    });
  }

  function arrangeLinks() {
    const shown = linksOf(place, machine).filter(({ part }) => store.enlarging(part));
    const nodes = takeLinks(shown.length);
    shown.forEach(({ part, text = "", name = text, term = null, x, y, end, width, isAside }, index) => {
      const node = nodes[index];
      const opens = store.enlarging(part);
      setTerms(node, text);
      define(node, term);
      node.dataset.opens = opens;
      node.className = `link to-${opens} ${text ? "" : "over"} ${isAside ? "aside" : ""}`;
      setAttribute(node, "aria-label", words.wayTo(name, opens));
      node.style.cssText = `${end ? `right:${place.width - x}px` : `left:${x}px`};top:${y - 9}px${width ? `;width:${width}px` : ""}`;
    });
  }

  function draw(next) {
    view = next;
    const { frame, lit } = view;
    const { head, kind, layer } = view;
    const stack = place.open.stack.name;
    if (marked.place !== place || marked.head !== head) {
      marked = { place, head };
      markBlocks(({ dataset }) => dataset.stack === stack && Number(dataset.layer) === layer);
      for (const { mark } of heads.values()) mark(({ dataset }) => Number(dataset.head) === head);
    }
    rivers[0].draw(frame.tokens, lit.read, (token) => store.set({ query: asChosen(store, token), key: null }));
    rivers[1].draw(frame.written, lit.written, (token) =>
      store.set({ written: token === 0 ? null : token, key: null }),
    );
    const opens = store.enlarging("attention");
    for (const node of matrices.children) {
      const other = node.dataset.kind === kind ? null : node.dataset.kind;
      setAttribute(node, "aria-label", words.matrixLabel(opens, place.open.stack, layer, head, other));
    }
  }

  /** Keeps the tokens in sight where the stage is scrolled. */
  function follow(scrolled) {
    rivers[0].follow(scrolled);
  }

  return { arrange, draw, follow };
}
