// What can be pressed, as transparent elements over the canvas: blocks, heads, the lanes, and the ways to other
// exhibits. A part leads to an exhibit only where that exhibit is in the page.

import { spoken } from "../chips.js";
import { element, pool, radios, setAttribute } from "../dom.js";
import { chip, dress } from "../tokenrow.js";
import { atlasPlace, cellUnder } from "./attention.js";
import { chipLanes } from "./captions.js";
import { laneY, STREAM } from "./layout.js";

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

const isThere = (exhibit) => document.querySelector(`[data-exhibit="${exhibit}"]`) !== null;

export function mountParts(parent, store) {
  const stage = parent.parentElement;
  const lanes = element("div", "lanes");
  for (const [name, value] of Object.entries({
    role: "slider",
    "aria-label": "Selected token",
    "aria-orientation": "vertical",
    "aria-valuemin": 1,
  })) {
    lanes.setAttribute(name, value);
  }
  lanes.tabIndex = 0;
  const blocks = group("blocks", "Blocks: the one that is open");
  const heads = group("heads", "Heads of the open block");
  const toTokens = button("link to-tokens");
  toTokens.textContent = "tokens";
  toTokens.setAttribute("aria-label", "Open the exhibit Tokens");
  const toAttention = button("to-attention");
  const toSampling = button("to-sampling", "Open the exhibit Sampling");
  const toExperts = button("to-experts", "Open the exhibit Experts");
  const toResidual = button("to-residual", "Open the exhibit Residual");
  const chips = element("div", "chips");
  parent.append(toTokens, chips, lanes, blocks, heads, toAttention, toExperts, toResidual, toSampling);
  const takeBlocks = pool(blocks, radio);
  const takeHeads = pool(heads, radio);
  const takeChips = pool(chips, () => Object.assign(chip("button"), { type: "button", tabIndex: -1 }));
  const markBlocks = radios(blocks, ({ dataset }) => store.set({ layer: Number(dataset.layer) }));
  const markHeads = radios(
    heads,
    ({ dataset }) => store.set({ head: Number(dataset.head) }),
    () => place.attention.atlas.columns,
  );
  let place = null;
  let config = null;
  let marked = {};

  const select = (token) => {
    const last = store.frame.tokens.length - 1;
    store.set({ query: token === last ? null : token, key: null });
  };
  const hover = (next) => {
    const now = store.state.hover;
    if (now?.token === next?.token && now?.query === next?.query && now?.key === next?.key) return;
    store.set({ hover: next });
  };
  const point = (event) => {
    const { left, top } = stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  /** The token whose lane is under a height; of a lane that several share, the last. */
  const tokenAt = (y) => {
    const lane = Math.floor((y - place.lanes.top) / place.lanes.pitch);
    if (lane < 0 || lane >= place.lanes.count) return null;
    return Math.min(place.tokens - 1, (lane + 1) * place.lanes.group - 1);
  };

  stage.addEventListener("pointermove", (event) => {
    if (!place) return;
    const { x, y } = point(event);
    const cell = event.target === toAttention ? cellUnder(place, x, y) : null;
    const token = x < place.stream.right + 8 ? tokenAt(y) : null;
    hover(cell ?? (token === null ? null : { token }));
  });
  stage.addEventListener("pointerleave", () => hover(null));
  lanes.addEventListener("click", (event) => {
    const token = tokenAt(point(event).y);
    if (token !== null) select(token);
  });
  lanes.addEventListener("keydown", (event) => {
    if (!store.frame) return;
    const last = store.frame.tokens.length - 1;
    const now = Math.min(store.state.query ?? last, last);
    const to = { ArrowUp: now - 1, ArrowLeft: now - 1, ArrowDown: now + 1, ArrowRight: now + 1, Home: 0, End: last }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    select(Math.max(0, Math.min(last, to)));
  });
  chips.addEventListener("click", (event) => {
    const node = event.target.closest(".chip");
    if (!node) return;
    select(Number(node.dataset.token));
    store.open("tokens");
  });
  toTokens.addEventListener("click", () => store.open("tokens"));
  toSampling.addEventListener("click", () => store.open("sampling"));
  toExperts.addEventListener("click", () => store.open("experts"));
  toResidual.addEventListener("click", () => store.open("residual"));
  toAttention.addEventListener("click", (event) => {
    const { x, y } = point(event);
    const cell = event.detail > 0 ? cellUnder(place, x, y) : null;
    if (cell) store.set(cell);
    store.open("attention");
  });

  /** Puts everything where the layout says; done when the layout changes. */
  function arrange(next, model) {
    [place, config] = [next, model];
    const { block, attention, stream, cells } = place;
    put(lanes, cells.left - 4, place.lanes.top, stream.right - cells.left + 4, place.lanes.count * place.lanes.pitch);
    const buttons = takeBlocks(config.n_layers);
    for (const { layers, x, width, top, bottom } of place.slabs) {
      const height = (bottom - top) / layers.length;
      layers.forEach((layer, i) => put(buttons[layer], x, top + i * height, width, height));
    }
    put(buttons[place.open], block.x + 8, 10, 128, 28);
    buttons.slice(0, config.n_layers).forEach((node, layer) => {
      Object.assign(node.dataset, { layer });
      const feed = config.experts?.layers.includes(layer) ? `${config.experts.n_experts} experts` : "an MLP";
      setAttribute(node, "aria-label", `block ${layer + 1}: ${config.n_heads} heads and ${feed}`);
    });
    takeHeads(config.n_heads)
      .slice(0, config.n_heads)
      .forEach((node, head) => {
        Object.assign(node.dataset, { head });
        const { x, y, size } = atlasPlace(place, head);
        put(node, x, y, size, size);
        setAttribute(node, "aria-label", `head ${head + 1}`);
      });
    const { left, top, extent } = attention.matrix;
    put(toAttention, left, top, extent, extent);
    Object.assign(chips.style, { top: `${place.lanes.top}px`, width: `${place.chips.right}px` });
    const { boxes } = place.feed;
    put(toExperts, boxes.left, boxes.top, boxes.right - boxes.left, boxes.bottom - boxes.top);
    toExperts.hidden = !isThere("experts") || !config.experts?.layers.includes(place.open);
    put(toResidual, 2, STREAM.top + STREAM.height + 13, 92, 18);
    toResidual.hidden = !isThere("residual");
    toTokens.style.cssText = `right:${place.width - place.chips.right}px;top:${STREAM.top - 24}px`;
    const end = laneY(place, place.lanes.count - 1);
    put(toSampling, stream.right + 4, place.below ? end - 10 : 0, 30, place.below ? place.height - end + 10 : end);
  }

  function draw({ state, frame }, lit) {
    if (marked.open !== place.open || marked.head !== state.head || marked.heads !== config.n_heads) {
      marked = { open: place.open, head: state.head, heads: config.n_heads };
      markBlocks(({ dataset }) => Number(dataset.layer) === place.open);
      markHeads(({ dataset }) => Number(dataset.head) === state.head);
    }
    const shown = chipLanes(place, lit);
    const nodes = takeChips(shown.length);
    const roles = { selected: lit.selectedToken, query: lit.queryToken, key: null, token: state.hover?.token ?? null };
    shown.forEach(({ lane, y }, i) => {
      const token =
        lane === lit.selected ? lit.selectedToken : Math.min(place.tokens - 1, (lane + 1) * place.lanes.group - 1);
      dress(nodes[i], frame.tokens[token], token, roles);
      setAttribute(nodes[i], "aria-selected", null);
      nodes[i].dataset.token = token;
      nodes[i].style.transform = `translateY(${(y - place.lanes.top).toFixed(1)}px) translateY(-50%)`;
    });
    setAttribute(lanes, "aria-valuemax", frame.tokens.length);
    setAttribute(lanes, "aria-valuenow", lit.selectedToken + 1);
    setAttribute(
      lanes,
      "aria-valuetext",
      `${spoken(frame.tokens[lit.selectedToken])}, token ${lit.selectedToken + 1} of ${frame.tokens.length}`,
    );
    setAttribute(
      toAttention,
      "aria-label",
      `Open the exhibit Attention at block ${place.open + 1}, head ${state.head + 1}`,
    );
  }

  /** Keeps the tokens in sight where the stage is scrolled. */
  function follow(scrolled) {
    chips.style.transform = `translateX(${scrolled}px)`;
  }

  return { arrange, draw, follow };
}
