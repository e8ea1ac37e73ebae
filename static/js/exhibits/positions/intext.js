// What the model's own scheme does to this text: the section that shows one head's attention with positions and without.

import { mountBaseline } from "../../state/baseline.js";
import { setAttribute, setText } from "../../dom.js";
import { widthOf } from "../../page/canvas.js";
import { attentions, byPair, moved, paintEffect, paintPairs, pinnedShares } from "./effect.js";
import { hover, pairOf } from "./roles.js";
import { OTHER_DIRECTION, dotProducts, effectOnCell, effectOnRow, ofAll } from "./words.js";

const WORKS_ON_SCORES = ["rope", "alibi", "t5"];

export function mountInText(section, store) {
  const find = (selector) => section.querySelector(selector);
  const [effectCanvas, pairsCanvas] = [find(".effect-shares"), find(".effect-pairs")];
  const [baseline, note] = [mountBaseline(store), find(".keyed .then")];
  let slots = null;

  function draw({ state, frame }, { query, key }) {
    const { scores, scheme, own } = frame.positions;
    section.hidden = scheme !== own || !WORKS_ON_SCORES.includes(own);
    if (section.hidden) return;
    find(".effect-body").hidden = !scores;
    setText(find(".effect-absent"), scores ? "" : OTHER_DIRECTION);
    if (!scores) return;
    const shares = attentions(frame, query);
    const former = baseline({ state });
    const then = pinnedShares(frame, former, query);
    slots = paintEffect(
      effectCanvas,
      Math.max(220, widthOf(effectCanvas.parentElement)),
      frame,
      shares,
      { query, key },
      then,
    );
    note.classList.toggle("shown", former !== null);
    const ofRow = effectOnRow(scores, moved(shares), frame.tokens[query]);
    const formerShare = then?.[key] ?? null;
    const share = (row) => row[key] ?? null;
    const ofCell = effectOnCell(
      frame.tokens[key],
      share(shares.without),
      share(shares.with),
      former ? formerShare : undefined,
    );
    setText(find(".effect-told"), ofRow);
    setText(find(".effect-cell"), ofCell);
    setAttribute(effectCanvas, "aria-label", `${ofRow} ${ofCell}`);
    const model = store.catalog.models[state.model];
    setText(find('[data-steps="layer"] output'), ofAll(Math.min(state.layer, model.n_layers - 1), model.n_layers));
    setText(find('[data-steps="head"] output'), ofAll(state.head, model.n_heads));
    const turned = scheme === "rope";
    pairsCanvas.closest("figure").hidden = !turned;
    if (!turned) return;
    const pairs = byPair(frame, query, key);
    paintPairs(pairsCanvas, Math.max(220, widthOf(pairsCanvas.parentElement)), pairs, pairOf({ state, frame }));
    const sum = (values, { rest }) => values.reduce((total, value) => total + value, rest);
    const once = formerShare === null ? null : byPair(former, query, key);
    const products = [sum(pairs.before, pairs), sum(pairs.after, pairs), once && sum(once.after, once)];
    setText(find(".pairs-told"), dotProducts(frame.tokens[query], frame.tokens[key], ...products));
    setAttribute(pairsCanvas, "aria-label", find(".pairs-told").textContent);
  }

  effectCanvas.addEventListener("pointermove", (event) => {
    const at =
      slots && Math.floor((event.clientX - effectCanvas.getBoundingClientRect().left - slots.left) / slots.slot);
    hover(store, at >= 0 && at < (slots?.count ?? 0) ? { token: at } : null);
  });
  effectCanvas.addEventListener("pointerleave", () => hover(store, null));

  return draw;
}
