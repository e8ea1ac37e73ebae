// What the model's own scheme does to this text: the section that shows one head's attention with positions and without.

import { mountBaseline } from "../../state/baseline.js";
import { setAttribute, setText } from "../../dom.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { labelsOf } from "../../page/chips.js";
import { light } from "../../page/hovered.js";
import { colours } from "../../page/theme.js";
import { HEIGHT, attentions, byPair, moved, paintEffect, paintPairs, pinnedShares } from "./effect.js";
import { pairOf } from "./roles.js";
import { OTHER_DIRECTION, dotProducts, effectOnCell, effectOnRow, ofAll } from "./words.js";

const WORKS_ON_SCORES = ["rope", "alibi", "t5"];

export function mountInText(section, store) {
  const find = (selector) => section.querySelector(selector);
  const [effectCanvas, pairsCanvas] = [find(".effect-shares"), find(".effect-pairs")];
  const [baseline, note] = [mountBaseline(store), find(".keyed .then")];
  const sharesOf = once(attentions);
  const pinnedOf = once(pinnedShares);
  const pairsOf = once(byPair);
  const pinnedPairsOf = once(byPair);
  let slots = null;

  function draw({ state, frame }, { query, key }) {
    const { scores, scheme, own } = frame.positions;
    section.hidden = scheme !== own || !WORKS_ON_SCORES.includes(own);
    if (section.hidden) return;
    find(".effect-body").hidden = !scores;
    setText(find(".effect-absent"), scores ? "" : OTHER_DIRECTION);
    if (!scores) return;
    const tint = colours();
    const shares = sharesOf(frame, query);
    const { compared: only } = frame.positions;
    const former = baseline({ state }, only ? { compares: `${query}.${key}` } : {});
    const then = pinnedOf(frame, former, query);
    drawEffect(frame, shares, query, key, then, Math.max(220, widthOf(effectCanvas.parentElement)), tint);
    note.classList.toggle("shown", former !== null);
    const ofRow = effectOnRow(scores, moved(shares), frame.tokens[query]);
    const formerShare = then?.[key] ?? null;
    const share = (row) => row[key] ?? null;
    const pinned = former ? formerShare : undefined;
    const ofCell = effectOnCell(frame.tokens[key], share(shares.without), share(shares.with), pinned);
    setText(find(".effect-told"), ofRow);
    setText(find(".effect-cell"), ofCell);
    setAttribute(effectCanvas, "aria-label", `${ofRow} ${ofCell}`);
    const model = store.catalog.models[state.model];
    setText(find('[data-steps="layer"] output'), ofAll(Math.min(state.layer, model.n_layers - 1), model.n_layers));
    setText(find('[data-steps="head"] output'), ofAll(state.head, model.n_heads));
    const turned = scheme === "rope";
    pairsCanvas.closest("figure").hidden = !turned;
    if (!turned) return;
    const pairs = pairsOf(frame, query, key);
    drawPairs(pairs, pairOf({ state, frame }), Math.max(220, widthOf(pairsCanvas.parentElement)), tint);
    const sum = (values, { rest }) => values.reduce((total, value) => total + value, rest);
    const before = formerShare === null ? null : pinnedPairsOf(former, query, key);
    const products = [sum(pairs.before, pairs), sum(pairs.after, pairs), before && sum(before.after, before)];
    setText(find(".pairs-told"), dotProducts(frame.tokens[query], frame.tokens[key], ...products));
    setAttribute(pairsCanvas, "aria-label", find(".pairs-told").textContent);
  }

  const drawEffect = once((frame, shares, query, key, then, width, tint) => {
    const context = fit(effectCanvas, width, HEIGHT);
    slots = paintEffect(context, width, labelsOf(frame.tokens), shares, { query, key }, then, tint);
  });

  const drawPairs = once((pairs, pair, width, tint) => {
    paintPairs(fit(pairsCanvas, width, HEIGHT), width, pairs, pair, tint);
  });

  /** The token whose bars are under a point. */
  function tokenAt(x) {
    if (!slots) return null;
    const token = Math.floor((x - slots.left) / slots.slot);
    return token >= 0 && token < slots.count ? { token } : null;
  }
  followPointer(effectCanvas, tokenAt, (found) => light(store, found));

  return draw;
}
