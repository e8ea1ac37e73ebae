// What the model's own scheme does to this text: the section that shows one head's attention with positions and without.

import { mountBaseline } from "../../state/baseline.js";
import { visible } from "../../page/chips.js";
import { setAttribute, setText } from "../../dom.js";
import { decimal } from "../../format.js";
import { widthOf } from "../../page/canvas.js";
import { attentions, byPair, paintEffect, paintPairs, pinnedShares, told } from "./effect.js";
import { hover, pairOf } from "./roles.js";

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
    setText(
      find(".effect-absent"),
      scores ? "" : "These buckets look the other way than this model; choose its own direction to see what they do.",
    );
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
    setText(find(".effect-told"), told(frame, shares, query));
    const share = (list) => (key < list.length ? `${decimal(100 * list[key], 1)} %` : "none");
    const isSame = then?.[key] != null;
    const pinned = !former ? "" : isSame ? `, ${share(then)} when pinned` : "; another token when pinned";
    setText(
      find(".effect-cell"),
      `${visible(frame.tokens[key])}: ${share(shares.without)} without, ${share(shares.with)} with${pinned}`,
    );
    setAttribute(effectCanvas, "aria-label", `${told(frame, shares, query)} ${find(".effect-cell").textContent}`);
    const model = store.catalog.models[state.model];
    setText(find('[data-steps="layer"] output'), `${Math.min(state.layer + 1, model.n_layers)} of ${model.n_layers}`);
    setText(find('[data-steps="head"] output'), `${state.head + 1} of ${model.n_heads}`);
    const turned = scheme === "rope";
    pairsCanvas.closest("figure").hidden = !turned;
    if (!turned) return;
    const pairs = byPair(frame, query, key);
    paintPairs(pairsCanvas, Math.max(220, widthOf(pairsCanvas.parentElement)), pairs, pairOf({ state, frame }));
    const sum = (values, { rest }) => decimal(values.reduce((total, value) => total + value, rest));
    const once = isSame ? byPair(former, query, key) : null;
    setText(
      find(".pairs-told"),
      `${visible(frame.tokens[query])} · ${visible(frame.tokens[key])}: q · k = ${sum(pairs.before, pairs)} before${once ? "" : " turning"}, ${sum(pairs.after, pairs)} after${once ? `, ${sum(once.after, once)} pinned` : ""}`,
    );
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
