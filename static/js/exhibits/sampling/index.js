// The sampling exhibit: the settings, the chain from logit to chance for the likeliest tokens, the draw, and the curve
// of the whole vocabulary.

import { mountBaseline } from "../../state/baseline.js";
import { visible } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { whole } from "../../state/fields.js";
import { readerOf } from "../../state/stacks.js";
import { count, decimal, percent } from "../../format.js";
import { mountBeam } from "./beam.js";
import { mountControls } from "./controls.js";
import { drawCurve } from "./curve.js";
import { widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { drawLineUp } from "./lineup.js";
import { mountThousand } from "./thousand.js";

const ROWS = 14;
const STAGES = ["probability", "scaled", "chance"];
const WRITES_NOT = {
  bert: "BERT fills a place of the text and writes nothing on: the draws below are for the gold place.",
  t5: "A T5 writes its output by itself, greedily: the draws below are for its next token there.",
};
const FILTERS = { top_k: "top-k", top_p: "top-p", min_p: "min-p" };

/** A row of the chain: token, logit, and a bar with a number for each stage. */
function row() {
  const cell = (className, ...children) => {
    const node = element("span", className, ...children);
    node.setAttribute("role", "cell");
    return node;
  };
  const stages = STAGES.map((stage) =>
    cell(`stage ${stage}`, element("span", "bar-track", element("span", "bar-fill")), element("b")),
  );
  const node = element("div", "chain-row", cell("candidate-token", element("bdi")), cell("logit"), ...stages);
  node.setAttribute("role", "row");
  return node;
}

export const fields = { beam_width: whole(3, 2, 5), beam_depth: whole(8, 2, 12) };
export const enlarges = ["softmax"];

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const drawControls = mountControls(find(".settings-form"), store);
  const chainRows = find(".chain-rows");
  const take = pool(chainRows, row);
  const [lineUp, curve] = [find(".line-up canvas"), find(".curve canvas")];
  const fillThousand = mountThousand(find(".thousand"));
  const drawBeam = mountBeam(find(".beam"), store);
  const baseline = mountBaseline(store);
  const button = find("button.draw");
  const [drawn, lineUpWords, curveWords] = [find(".drawn"), find(".line-up p"), find(".curve p")];
  let painted = {};

  function draw({ state, frame, drawn: last }) {
    const model = store.catalog.models[state.model];
    drawControls(state);
    drawBeam({ state, frame });
    button.disabled = !readerOf(model).causal;
    setTerms(drawn, WRITES_NOT[model.family] ?? told(last, state));
    const { arrays, next } = frame;
    if (!arrays.curve) return;
    const theme = document.documentElement.dataset.theme;
    const [width, across] = [widthOf(curve.parentElement), widthOf(lineUp.parentElement)];
    const former = baseline({ state })?.arrays.curve ?? null;
    const now = { frame, theme, width, across, last, former };
    if (Object.keys(now).every((part) => painted[part] === now[part])) return;
    if (painted.frame !== frame) {
      // Between two settings of one text a bar that moves explains; between two texts its row holds another token.
      chainRows.classList.toggle("tween", painted.frame?.text === frame.text);
      rows(next);
      fillThousand(frame);
    }
    painted = now;
    const fresh = last && last.text === frame.text && last.from;
    describe(next, fresh, former);
    // The canvases come last: text on one brings the styles of the page up to date, and what is written undoes that.
    drawLineUp(lineUp, across, fresh ? last.from : next.top, fresh ? last.u : null, arrays.draws_u);
    const cuts = Object.entries(next.left).map(([name, left]) => ({ name: FILTERS[name], left }));
    drawCurve(curve, width, Math.max(190, Math.min(280, width * 0.4)), {
      curve: arrays.curve,
      chances: arrays.curve_chance,
      kept: next.kept,
      cuts,
      former,
    });
  }

  function rows(next) {
    const top = next.top.slice(0, ROWS);
    const nodes = take(top.length);
    const tallest = Math.max(...STAGES.map((stage) => Math.max(...top.map((candidate) => candidate[stage]))));
    top.forEach((candidate, index) => {
      const [token, logit, ...stages] = nodes[index].children;
      setText(token.firstChild, visible(candidate, true));
      setText(logit, decimal(candidate.logit));
      STAGES.forEach((stage, i) => {
        const [track, number] = stages[i].children;
        track.firstChild.style.transform = `scaleX(${(candidate[stage] / tallest).toFixed(4)})`;
        setText(number, stage === "chance" && !candidate.kept ? "cut" : percent(candidate[stage]));
      });
      nodes[index].classList.toggle("cut", !candidate.kept);
    });
  }

  function describe(next, fresh, former) {
    const kept =
      next.kept === next.d_vocab
        ? `all ${count(next.kept)} tokens`
        : `${count(next.kept)} of ${count(next.d_vocab)} tokens`;
    const order = "the chances side by side, the likeliest first";
    setText(
      lineUpWords,
      fresh
        ? `the last draw: ${order}, and where u fell`
        : `${order}; a uniform number picks one; ticks: the thousand of this seed`,
    );
    setText(
      curveWords,
      `grey: the model's own; gold: chance to be drawn; ${former ? "dotted: the model's own when pinned; " : ""}` +
        `the filters keep ${percent(next.kept_mass)} of the mass`,
    );
    setAttribute(curve, "aria-label", `probability by rank on log axes; ${kept} kept`);
    setAttribute(lineUp, "aria-label", `the chances of ${kept} laid side by side from 0 to 1`);
  }

  /** What the last draw did, in words. */
  function told(last, { text, draws, sampling }) {
    if (!last || last.text !== text) return `Draw ${draws + 1} with seed ${sampling.seed} comes next.`;
    if (last.ended) return `u = ${last.u.toFixed(4)} fell on the end of the text: the story is over.`;
    const names = last.drawn.map((token) => visible(token, true)).join(" ");
    const chance = last.drawn.length === 1 ? `, which had ${percent(last.drawn[0].chance)}` : "";
    return `u = ${last.u.toFixed(4)} fell on ${names}${chance}.`;
  }

  return { draw };
}
