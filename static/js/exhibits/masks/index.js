// The masks exhibit: a mask over the attention that the model pays without it; what it takes, saves and changes.

import { mountBaseline } from "../../state/baseline.js";
import { spoken, visible } from "../../page/chips.js";
import { setAttribute, setText } from "../../dom.js";
import { mountEffect } from "../../page/effect.js";
import { oneOf } from "../../state/fields.js";
import { count, percent, plural } from "../../format.js";
import { withMask } from "../../state/interventions.js";
import { fulfil } from "../../state/settings.js";
import { widthOf } from "../../draw/size.js";
import { lit } from "../../page/tokenrow.js";
import { mountBrush } from "./brush.js";
import { cellsOf } from "./cells.js";
import * as cone from "./cone.js";
import * as growth from "./growth.js";
import { mountHeads } from "./heads.js";
import { before, lossOf } from "./loss.js";
import * as matrix from "./matrix.js";
import { mountPresets } from "./presets.js";
import { MOST_PAINTED, parts } from "../../state/mask_specification.js";
import { formula } from "./words.js";

const MOST_REMEMBERED = 100;
const IDLE = "Nothing is masked. Choose a mask above, or drag over the matrix.";

export const fields = {
  pattern_of: oneOf("mean", ["mean", "head"]), // which attention is drawn: of the layer's heads on average, or of one
};
export const addressed = ["layer", "head"];
export const enlarges = ["mask"];

/** The part of a frame's multiply-adds that its mask saves. */
const saved = ({
  masks: {
    multiply_adds: { kept, of },
  },
}) => 1 - kept / of;

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [title, hint, alone] = [".taken-away h2", ".taken-away figcaption p", ".alone"].map(find);
  const plate = find(".masks-plate");
  const [undo, clear] = ["undo", "clear"].map((what) => find(`[data-brush="${what}"]`));
  const [canvas, coneCanvas, growthCanvas] = [".taken-away", ".cone", ".growth"].map((name) => find(`${name} canvas`));
  const painted = document.createElement("canvas");
  const coneLines = document.createElement("canvas");
  const past = []; // the masks before, for Undo
  const drawn = {}; // what each picture was last drawn from
  let weights = null; // the attention in the matrix
  let now = null; // what is on screen

  const mask = () => store.state.interventions.mask ?? null;
  const put = (next) => store.set({ interventions: withMask(store.state.interventions, next) });
  const remember = () => {
    past.push(mask());
    if (past.length > MOST_REMEMBERED) past.shift();
  };
  let sliding = null;
  /** Takes a mask that was chosen; while a slider is pulled, only its beginning is remembered. */
  const change = (next, slides = false) => {
    if (next === mask()) return;
    if (!slides || parts(mask() ?? "").kind !== sliding) remember();
    sliding = slides ? parts(next).kind : null;
    put(next);
  };
  const goBack = () => {
    if (past.length) put(past.pop());
    sliding = null;
  };
  undo.addEventListener("click", goBack);
  clear.addEventListener("click", () => change(null));

  const baseline = mountBaseline(store);
  const drawEffect = mountEffect(root, IDLE);
  const drawHeads = mountHeads(find(".head-grid"), store);
  const presets = mountPresets(root, change, () => now);
  const toggle = mountBrush(canvas, { look: () => now, under, change: put, remember, name: presets.begin });

  function under(event) {
    const { left, top } = canvas.getBoundingClientRect();
    return now && matrix.hit(now.place, event.clientX - left, event.clientY - top);
  }
  const hover = (next) => {
    const { hover: before } = store.state;
    if (before?.query === next?.query && before?.key === next?.key && !before === !next) return;
    store.set({ hover: next });
  };
  canvas.addEventListener("pointermove", (event) => {
    const found = under(event);
    hover(found && (found.row === undefined ? found : { token: found.row }));
  });
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("keydown", (event) => {
    if (!now) return;
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      goBack();
      return;
    }
    const last = now.frame.tokens.length - 1;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const held = (value) => Math.max(0, Math.min(last, value));
    const at = cursor(store.state, now.selected);
    if (step) hover({ query: held(at.query + step[0]), key: held(at.key + step[1]) });
    else if (event.key === " " || event.key === "Enter") {
      hover(at);
      toggle(at);
    } else if (event.key === "Escape") hover(null);
    else return;
    event.preventDefault();
  });

  /** The cell that the keys move: the one under the pointer, or the selected token looking at itself. */
  function cursor({ hover: lighted }, selected) {
    const there = lighted?.query != null && lighted.key != null;
    return there ? { query: lighted.query, key: lighted.key } : { query: selected, key: selected };
  }

  function draw({ state, frame, catalog }) {
    const { masks: sums } = frame;
    if (!sums) return;
    fulfil(store);
    const model = catalog.models[frame.model];
    const causal = model.family === "gpt";
    const { tokens } = frame;
    const roles = lit({ state, frame });
    const cells = fresh("cells", [frame, mask(), causal]) ? cellsOf(state, frame, causal) : now.cells;
    const layer = Math.min(state.layer, model.n_layers - 1);
    const view = { state, frame, cells, causal, family: model.family, selected: roles.selected, model, layer };
    const lost = fresh("lost", [frame]) ? lossOf(frame, model) : now.lost;
    now = {
      ...view,
      lost,
      place: matrix.layout(Math.max(240, Math.min(widthOf(canvas.parentElement), 620)), tokens.length),
    };
    plate.classList.toggle("both-ways", !causal);
    presets.draw(view);
    drawEffect({ frame });
    drawMatrix(view, roles, lost);
    if (fresh("heads", [frame, state.layer, state.head, state.pattern_of])) {
      drawHeads(state, model.n_layers, model.n_heads, lost.part);
    }
    const former = baseline({ state });
    totals(view, lost, former);
    drawCone(view, former);
    drawGrowth(view);
    undo.disabled = past.length === 0;
    clear.disabled = mask() === null;
  }

  /** Whether something is to be drawn from other values than last time. */
  function fresh(what, values) {
    const all = [...values, document.documentElement.dataset.theme];
    const same = drawn[what]?.every((value, index) => Object.is(value, all[index]));
    drawn[what] = all;
    return !same;
  }

  function drawMatrix({ state, frame, cells, selected, model, layer }, roles, lost) {
    const { tokens, arrays } = frame;
    const head = state.pattern_of === "mean" ? null : Math.min(state.head, model.n_heads - 1);
    const { place } = now;
    const here = cells.within(frame.masks.layers[layer].window);
    if (fresh("values", [frame, layer, head])) weights = before(arrays.pattern, layer, head);
    const { value, largest } = weights;
    if (fresh("matrix", [frame, layer, head, cells, place.width])) {
      matrix.paintCells(painted, place, here, value, largest);
    }
    const at = cursor(state, selected);
    const shown =
      state.hover?.query != null && state.hover.key != null && at.query < tokens.length && at.key < tokens.length;
    const query = Math.min(roles.query ?? selected, tokens.length - 1);
    const rows = tokens.map((_, one) => lost.row(layer, head, one));
    const { kind, numbers } = parts(mask() ?? "");
    const starts = kind === "document" ? numbers : [];
    const lighted = { query, selected, key: shown ? at.key : null, cell: shown ? at : null };
    matrix.paint(canvas, place, here, painted, tokens, rows, lighted, starts);
    setText(title, head === null ? `Layer ${layer + 1}, mean of its heads` : `Layer ${layer + 1}, head ${head + 1}`);
    const reading = shown ? read(at, tokens, here, value) : "rows read from columns; drag to forbid or allow";
    setText(hint, reading);
    setAttribute(canvas, "aria-label", `mask over the attention matrix; ${read(at, tokens, here, value, spoken)}`);
    setText(alone, note(frame));
  }

  function read({ query, key }, tokens, cells, value, say = visible) {
    const [reader, other] = [say(tokens[query]), say(tokens[key])];
    if (!cells.open(query, key))
      return `${reader} may not read ${other}: it ${key > query ? "comes later" : "lies before its window"}`;
    const part = value(query, key) / 255;
    const coarse = part < 0.01 ? "<\u00a01\u00a0%" : `${Math.round(100 * part)}\u00a0%`;
    return `${reader} ${cells.at(query, key) ? "keeps" : "loses"} the ${coarse} that it reads from ${other}`;
  }

  /** What a person should know about the cells: who is left with nothing, and where paint ends. */
  function note({ masks: { alone: left }, tokens }) {
    const said = [];
    if (left.length === 1) said.push(`${visible(tokens[left[0]])} is left nothing to read, and reads only itself.`);
    if (left.length > 1) said.push(`${left.length} tokens are left nothing to read, and read only themselves.`);
    if (tokens.length > MOST_PAINTED) said.push(`Only the first ${MOST_PAINTED} tokens can be painted on.`);
    return said.join(" ");
  }

  /** `former` is the frame of the pinned state, or null. */
  function totals({ frame, model, layer }, { whole }, former) {
    const put = (name, text) => setText(find(name), text);
    const then = (part) => (former ? `${percent(part(former))} when pinned; ` : "");
    const over = `mean over ${plural(model.n_layers * model.n_heads, "head")} and ${plural(frame.tokens.length, "token")}`;
    put('[data-sum="lost"]', percent(whole));
    put('[data-note="lost"]', then((of) => lossOf(of, model).whole) + over);
    const { kept, of } = frame.masks.multiply_adds;
    const { pairs, of: all } = frame.masks.layers[layer];
    const left = `${count(pairs)} of ${count(all)} pairs left; ${growth.brief(of)} → ${growth.brief(kept)} multiply-adds`;
    put('[data-sum="saved"]', percent(saved(frame)));
    put('[data-note="saved"]', then(saved) + left);
  }

  function drawCone({ state, frame, cells, selected, model }, former) {
    const width = Math.max(240, Math.min(widthOf(coneCanvas.parentElement), 1100));
    const layers = model.n_layers;
    const hovered = state.hover?.token ?? state.hover?.key ?? null;
    const token = hovered !== null && hovered < frame.tokens.length ? hovered : null;
    if (!fresh("cone", [frame, cells, selected, token, width, former])) return;
    const { steps } = frame.arrays;
    const each = frame.masks.layers.map(({ window }) => cells.within(window));
    const view = { cells: each, steps, tokens: frame.tokens, layers, query: selected };
    if (fresh("lines", [frame, cells, selected, width])) cone.paintLines(coneLines, width, view);
    cone.paint(coneCanvas, coneLines, width, { ...view, hover: token });
    const counts = cone.heard(steps, frame.tokens.length, selected, layers);
    const name = `“${visible(frame.tokens[selected])}”`;
    const isSame = former?.tokens[selected]?.id === frame.tokens[selected].id;
    const then = isSame
      ? `, ${cone.heard(former.arrays.steps, former.tokens.length, selected, layers).at(-1)} when pinned`
      : "";
    const text = `${counts.at(-1)} of ${plural(frame.tokens.length, "token")} can reach ${name} within ${layers} layers${then}`;
    setText(find(".cone h2"), `How far ${name} can hear`);
    const one = token === null ? null : steps[selected * frame.tokens.length + token];
    const said =
      { 255: "cannot reach it", 0: "is the token itself" }[one] ??
      `needs ${one} layer${one === 1 ? "" : "s"} to reach it`;
    setText(
      find(".cone figcaption p"),
      token === null ? `${text}; ${counts[1]} after one` : `${visible(frame.tokens[token])} ${said}`,
    );
    setAttribute(coneCanvas, "aria-label", `Receptive field. ${text}: ${counts.slice(1).join(", ")} after each layer`);
  }

  function drawGrowth({ frame, causal, model, layer }) {
    const width = Math.max(240, Math.min(widthOf(growthCanvas.parentElement), 620));
    if (!fresh("growth", [frame, layer, width])) return;
    const { masks: sums, tokens } = frame;
    const { kind } = parts(frame.interventions.mask ?? "");
    const { of, pairs, window, at_lengths: lines } = sums.layers[layer];
    growth.paint(growthCanvas, width, { ...sums, at_lengths: lines, now: { tokens: tokens.length, of, pairs } });
    const masked = lines.pairs ? `; masked ${formula(kind, causal)}` : "; no formula for this mask";
    const own = window ? `${formula("window", causal)}, w = ${count(window)}` : formula("none", causal);
    setText(find(".growth figcaption p"), `one head: ${own}${kind && masked}`);
    const text = growth.told(sums.lengths, lines, model);
    setText(find(".growth-words"), text);
    setAttribute(growthCanvas, "aria-label", `Pairs against the length of the text. ${text}`);
  }

  return { draw };
}
