// The masks exhibit: a mask over the attention that the model pays without it; what it takes, saves and changes.

import { setAttribute, setText } from "../../dom.js";
import { gridKeys } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { fading } from "../../draw/ramp.js";
import { percent } from "../../format.js";
import { fit, widthOf } from "../../page/canvas.js";
import { labelsOf, spoken, visible } from "../../page/chips.js";
import { mountEffect } from "../../page/effect.js";
import { light } from "../../page/hovered.js";
import { mountSpokenCell } from "../../page/spokencell.js";
import { colours } from "../../page/theme.js";
import { lit } from "../../page/tokenrow.js";
import { mountBaseline } from "../../state/baseline.js";
import { oneOf } from "../../state/fields.js";
import { withMask } from "../../state/interventions.js";
import { MOST_PAINTED, parts } from "../../state/mask_specification.js";
import { probability } from "../../state/patterns.js";
import { addedTo } from "../../page/words.js";
import { fulfil } from "../../state/settings.js";
import { readerOf } from "../../state/stacks.js";
import { mountBrush } from "./brush.js";
import { cellsOf } from "./cells.js";
import * as cone from "./cone.js";
import * as growth from "./growth.js";
import { mountHeads } from "./heads.js";
import { before, lossOf } from "./loss.js";
import * as matrix from "./matrix.js";
import { mountPresets } from "./presets.js";
import { isLong, shownIn } from "./shown.js";
import * as words from "./words.js";

const MOST_REMEMBERED = 100;
const PALEST = 0.13; // of what the mask takes away

export const asks = ["layer", "head", "pattern_of", "query"];
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
  const [title, hint, aside] = [".taken-away h2", ".taken-away figcaption p", ".alone"].map(find);
  const plate = find(".masks-plate");
  const [undo, clear] = ["undo", "clear"].map((what) => find(`[data-brush="${what}"]`));
  const [canvas, coneCanvas, growthCanvas] = [".taken-away", ".cone", ".growth"].map((name) => find(`${name} canvas`));
  const grid = canvas.parentElement;
  const speak = mountSpokenCell(grid);
  const [cellsCanvas, linesCanvas] = [0, 1].map(() => document.createElement("canvas"));
  const past = []; // the masks before, for Undo
  /** @type {any} */
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
  const drawEffect = mountEffect(root, words.IDLE);
  const drawHeads = mountHeads(find(".head-grid"), store);
  const presets = mountPresets(root, change, () => now);
  const under = followPointer(
    canvas,
    (x, y) => now?.view.onText(matrix.under(now.place, x, y)),
    (found) => light(store, found?.row === undefined ? found : { token: found.row }),
  );
  const toggle = mountBrush(canvas, { look: () => now, under, change: put, remember, name: presets.begin });
  gridKeys(grid, {
    grid: () => now?.place,
    at: () => {
      const { query, key } = cursor(now.view.rows(store.state.hover), now.row);
      return { row: query, column: key };
    },
    move: ({ row, column }) => light(store, now.view.onText({ query: row, key: column })),
    press: ({ row, column }) => {
      const cell = now.view.onText({ query: row, key: column });
      light(store, cell);
      toggle(cell);
    },
    leave: () => light(store, null),
  });
  grid.addEventListener("keydown", (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    goBack();
  });

  /** The cell that the keys move, in rows: the one that is lit, or the selected token looking at itself. */
  const cursor = ({ query, key }, row) => (query !== null && key !== null ? { query, key } : { query: row, key: row });

  const tokensOf = once((frame) => frame.tokens.slice(...shownIn(frame).span));
  const cellsFor = once((frame, painted, causal) => cellsOf(painted, frame, causal));
  const lossFor = once(lossOf);
  const weightsFor = once((frame) => before(frame.arrays));
  const greyFor = once((colour) => fading(colour, PALEST));

  function draw({ state, frame, catalog }) {
    if (!frame.masks) return;
    fulfil(store);
    const model = catalog.models[frame.model];
    const { causal } = readerOf(model);
    const view = shownIn(frame);
    // Of a long text what came is shown around its own token: another that was chosen since is on its way.
    const { selected } = lit({ state: isLong(frame) ? { ...state, query: frame.query } : state, frame });
    const hover = view.rows(state.hover);
    const cells = cellsFor(frame, mask(), causal);
    const { layer } = frame; // what came: another that was chosen since is on its way
    const head = frame.pattern_of === "mean" ? null : frame.head;
    const place = matrix.layout(widthWithin(canvas, 620), view.size);
    const lost = lossFor(frame, model);
    const row = view.row(selected) ?? view.size - 1;
    now = { state, frame, view, hover, cells, causal, selected, row, model, layer, head, lost, place };
    plate.classList.toggle("both-ways", !causal);
    presets.draw(now);
    drawEffect({ frame });
    drawMatrix(now);
    markHeads(lost, model, layer, head);
    const former = baseline({ state }, isLong(frame) ? { query: frame.query } : {});
    totals(now, former);
    drawCone(now, former);
    paintGrowth(frame, causal, model, layer, widthWithin(growthCanvas, 620), colours());
    undo.disabled = past.length === 0;
    clear.disabled = mask() === null;
  }

  const widthWithin = (node, most) => Math.max(240, Math.min(widthOf(node.parentElement), most));
  const markHeads = once((lost, model, layer, head) => drawHeads(model, lost.part, { layer, head }));

  const paintCells = once((cells, window, weights, width, tint) => {
    const place = matrix.layout(width, cells.size);
    const here = cells.within(window);
    const context = fit(cellsCanvas, width, place.height);
    matrix.paint(context, place, here, weights.parted(here), greyFor(tint.residual), tint);
  });

  function drawMatrix({ frame, view, hover, cells, selected, row, layer, head, lost, place }) {
    const { masks: sums } = frame;
    const tokens = tokensOf(frame);
    const tint = colours();
    const { window } = sums.layers[layer];
    const weights = weightsFor(frame);
    paintCells(cells, window, weights, place.width, tint);
    const context = fit(canvas, place.width, place.height);
    context.drawImage(cellsCanvas, 0, 0, place.width, place.height);
    const here = cells.within(window);
    const at = cursor(hover, row);
    const shown = hover.query !== null && hover.key !== null;
    const query = hover.query ?? hover.token ?? row;
    const rows = tokens.map((_, one) => lost.row(layer, head, one));
    const { kind, numbers } = parts(mask() ?? "");
    const starts = kind === "document" ? numbers.map((start) => view.row(start)).filter((one) => one !== null) : [];
    const lighted = { query, selected: row, key: shown ? at.key : null, cell: shown ? at : null };
    matrix.paintOver(context, place, here, labelsOf(tokens), rows, lighted, starts, tint);
    setText(title, words.matrixTitle(layer, head));
    setText(hint, shown ? read(at, tokens, here, weights, visible) : words.MATRIX);
    setAttribute(grid, "aria-label", words.matrixLabel(layer, head));
    speak({ row: at.query, column: at.key }, place, read(at, tokens, here, weights, spoken), null);
    const alone = sums.alone.map((token) => visible(frame.tokens[token]));
    const { length } = frame.tokens;
    const part = isLong(frame) ? words.shownOf(view.size, length, visible(frame.tokens[selected])) : null;
    setText(aside, words.note(part, alone, length > MOST_PAINTED, MOST_PAINTED));
  }

  function read({ query, key }, tokens, cells, { rows }, say) {
    const [reader, other] = [say(tokens[query]), say(tokens[key])];
    if (!cells.open(query, key)) return words.mayNotRead(reader, other, key > query);
    return words.reads(reader, other, probability(rows.at(query, key)), cells.at(query, key));
  }

  /** `former` is the frame of the pinned state, or null. */
  function totals({ frame, model, layer, lost }, former) {
    const put = (name, text) => setText(find(name), text);
    put('[data-sum="lost"]', percent(lost.whole));
    const lostThen = former && lossOf(former, model).whole;
    put('[data-note="lost"]', words.lostNote(lostThen, model.n_layers * model.n_heads, frame.tokens));
    put('[data-sum="saved"]', percent(saved(frame)));
    const { layers, multiply_adds: sums } = frame.masks;
    const isEmpty = addedTo(frame.tokens) === frame.tokens.length;
    put('[data-note="saved"]', words.savedNote(former && saved(former), layers[layer], sums, isEmpty));
  }

  const paintLines = once((frame, cells, query, layers, width, tint) => {
    const context = fit(linesCanvas, width, cone.heightFor(layers));
    const each = frame.masks.layers.map(({ window }) => cells.within(window));
    const { length: count } = frame.tokens;
    const view = { cells: each, steps: frame.arrays.steps, tokens: tokensOf(frame), count, layers, query };
    cone.paintLines(context, width, view, tint);
  });

  /** In rows, as the pictures count. */
  const paintCone = once((frame, cells, query, layers, token, width, former, tint) => {
    const { steps } = frame.arrays;
    const { length: count } = frame.tokens;
    const tokens = tokensOf(frame);
    const height = cone.heightFor(layers);
    paintLines(frame, cells, query, layers, width, tint);
    const context = fit(coneCanvas, width, height);
    context.drawImage(linesCanvas, 0, 0, width, height);
    const counts = cone.heard(frame, query, layers);
    const view = { steps, tokens, count, counts, labels: labelsOf(tokens), layers, query, hover: token };
    cone.paintOver(context, width, view, tint);
    const name = `“${visible(tokens[query])}”`;
    const then = former && heardThen(former, shownIn(frame).token(query), tokens[query]);
    const text = words.heard(name, counts, count, then);
    setText(find(".cone h2"), words.coneTitle(name));
    const step = steps[query * tokens.length + token];
    const one = token === null ? "" : words.distance(visible(tokens[token]), step === cone.NEVER ? null : step);
    const shown = isLong(frame) ? tokens.length : null;
    setText(find(".cone figcaption p"), token === null ? words.heardFirst(text, counts, shown) : one);
    setAttribute(coneCanvas, "aria-label", words.coneLabel(text, counts));
  });

  /** How many tokens a token of the text heard in the pinned state; null where it was another, or did not stand there. */
  function heardThen(former, at, { id }) {
    const row = shownIn(former).row(at);
    const isSame = row !== null && former.tokens[at].id === id;
    return isSame ? cone.heard(former, row, former.masks.layers.length).at(-1) : null;
  }

  function drawCone({ frame, hover, cells, row, model }, former) {
    const token = hover.token ?? hover.key;
    paintCone(frame, cells, row, model.n_layers, token, widthWithin(coneCanvas, 1100), former, colours());
  }

  const paintGrowth = once((frame, causal, model, layer, width, tint) => {
    const { masks: sums, tokens } = frame;
    const { kind } = parts(frame.interventions.mask ?? "");
    const { of, pairs, window, at_lengths: lines } = sums.layers[layer];
    const { lengths } = sums;
    const context = fit(growthCanvas, width, growth.HEIGHT);
    growth.paint(context, width, { lengths, at_lengths: lines, now: { tokens: tokens.length, of, pairs } }, tint);
    setText(find(".growth figcaption p"), words.growthFormulas(kind, causal, window, lines.pairs !== null));
    const left = lines.pairs ?? lines.of;
    const text = words.longest(lengths.at(-1), lines.of.at(-1), left.at(-1), model.n_heads);
    setText(find(".growth-words"), text);
    setAttribute(growthCanvas, "aria-label", words.growthLabel(text));
  });

  return { draw };
}
