// Attention arrays that no model of ours made, in a notebook: all heads in small, and one large, as a matrix and as lines.
// The arrays are all here, so that nothing is asked for when another head is looked at.

import { drawAnew } from "../../draw/once.js";
import { onResize, recorded } from "../../page/canvas.js";
import { facesLoaded, onFace } from "../../page/faces.js";
import { documentOf, drawn } from "../../figures/svg.js";
import { Pattern, decode, opened } from "../../state/decode.js";
import { NONE } from "../../state/interventions.js";
import { strongestKey } from "../../state/patterns.js";
import { ask, askJson, connect, isLaidOut, tell } from "../../notebook/bridge.js";
import { setText } from "../../dom.js";
import { mountAtlas } from "./atlas.js";
import { mountHead } from "./head.js";
import * as words from "./words.js";

const REST_MS = 800;

const held = (index, count) => Math.max(0, Math.min(index, count - 1));

/** Starts the plate: asks for the arrays and draws them. */
export async function begin() {
  const frame = decode(/** @type {any} */ (opened(await ask("arrays", {}))));
  const { queries, keys, own, caption, version } = frame;
  const all = frame.arrays.pattern_all;
  const root = /** @type {HTMLElement} */ (document.querySelector('[data-exhibit="attention"]'));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let parts = []; // of the state, those that the notebook has
  let isDue = false;
  let timer;
  const later = () => {
    if (!isDue) requestAnimationFrame(paint);
    isDue = true;
  };
  /** @type {any} */
  const store = {
    state: { layer: 0, head: 0, query: null, key: null, view: "matrix", theme: null, hover: null, interventions: NONE },
    set(patch) {
      store.state = { ...store.state, ...patch };
      later();
    },
  };
  const drawAtlas = mountAtlas(root.querySelector(".atlas"), store, () => {});
  const drawHead = mountHead(root.querySelector("figure.head"), store, (query, key) =>
    store.set({ ...(query === undefined ? {} : { query }), key, hover: null }),
  );
  const pattern = frame.arrays.pattern.inSmall({ queries: queries.length, keys: keys.length }, frame.thumbnails.block);

  function draw() {
    const { state } = store;
    const [layer, head] = [held(state.layer, all.layers), held(state.head, all.heads)];
    const { values } = all.head(layer, head);
    const one = new Pattern(values, [1, 1, all.queries, all.keys], all.causal);
    const rows = one.head(0, 0);
    const query = held(state.query ?? all.queries - 1, all.queries);
    const open = { query, key: held(state.key ?? strongestKey(rows, query, keys, own), all.keys) };
    const sides = { queries, keys, own };
    const nothing = { since: null, changes: null, leftOut: null, glance: null };
    const view = { state, frame, pattern, one, rows, layer, head, sides, open, kind: "text", ...nothing };
    setText(root.querySelector(".head-name"), words.headTitle(layer, head));
    drawAtlas(view);
    drawHead(view);
  }

  function paint() {
    isDue = false;
    document.documentElement.dataset.theme = store.state.theme ?? (dark.matches ? "blueprint" : "paper");
    draw();
    root.dataset.drawn = `${store.state.layer} ${store.state.head} ${store.state.view}`;
    tell(Object.fromEntries(parts.map((name) => [name, store.state[name]])));
    clearTimeout(timer);
    timer = setTimeout(() => keep().catch(() => {}), REST_MS); // what cannot be kept now is kept after the next change
  }

  async function keep() {
    const plate = root.querySelector(".attention-plate");
    if (!isLaidOut(plate)) return;
    const picture = drawn(plate, (record, then) => {
      recorded(record, () => {
        drawAnew();
        draw();
      });
      return then();
    });
    const facesFor = async (faces) => (await askJson("faces", { format: "woff2", faces })).faces;
    const about = { title: words.headTitle(store.state.layer, store.state.head), caption, link: "", version };
    tell({ picture: await documentOf(picture, about, { isCaptioned: Boolean(caption), facesFor }) });
  }

  await facesLoaded();
  connect((given, names) => {
    parts = names;
    store.set({ ...given, hover: null });
    onResize(later);
    onFace(later);
    dark.onchange = later;
  });
}
