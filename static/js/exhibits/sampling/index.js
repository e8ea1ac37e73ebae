// The sampling exhibit: the settings, the chain from logit to chance for the likeliest tokens, the draw, and the curve
// of the whole vocabulary.

import { mountBaseline } from "../../state/baseline.js";
import { visible } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { whole } from "../../state/fields.js";
import { readerOf } from "../../state/stacks.js";
import { decimal, percent } from "../../format.js";
import { mountBeam } from "./beam.js";
import { mountControls } from "./controls.js";
import * as curve from "./curve.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { setTerms } from "../../page/terms.js";
import * as lineup from "./lineup.js";
import { mountThousand } from "./thousand.js";
import { WRITES_NOT, chanceOf, curveHint, curveSaid, drawTold, lineUpHint, lineUpSaid } from "./words.js";

const ROWS = 14;
const STAGES = ["probability", "scaled", "chance"];

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
  const [lineUp, curveCanvas] = [find(".line-up canvas"), find(".curve canvas")];
  const fillThousand = mountThousand(find(".thousand"));
  const drawBeam = mountBeam(find(".beam"), store);
  const baseline = mountBaseline(store);
  const button = find("button.draw");
  const [drawn, lineUpWords, curveWords] = [find(".drawn"), find(".line-up p"), find(".curve p")];
  let text = null; // of the frame in the rows

  function draw({ state, frame }) {
    const model = store.catalog.models[state.model];
    drawControls(state);
    drawBeam(state);
    button.disabled = !readerOf(model).causal;
    setTerms(drawn, WRITES_NOT[model.family] ?? drawTold(store.lastDraw, state));
    const { arrays, next } = frame;
    if (!arrays.curve) return;
    const former = baseline({ state })?.arrays ?? null;
    const { causal } = readerOf(model);
    fill(frame);
    setText(lineUpWords, lineUpHint(causal));
    setText(curveWords, curveHint(next, former !== null));
    // The canvases come last: text on one brings the styles of the page up to date, and what is written undoes that.
    drawLineUp(frame, causal ? state.draws : null, widthOf(lineUp.parentElement), colours());
    drawCurve(frame, former, widthOf(curveCanvas.parentElement), colours());
  }

  const drawLineUp = once(({ arrays, next }, draws, width, tint) => {
    lineup.paint(fit(lineUp, width, lineup.HEIGHT), width, next.top, arrays.draws_u, draws, tint);
  });

  const drawCurve = once(({ arrays, next }, former, width, tint) => {
    const cuts = Object.entries(next.left).map(([filter, left]) => ({ filter, left }));
    const lines = { arrays, n: next.d_vocab, kept: next.kept, cuts, former };
    curve.paint(fit(curveCanvas, width, curve.heightFor(width)), width, lines, tint);
  });

  const fill = once((frame) => {
    // Between two settings of one text a bar that moves explains; between two texts its row holds another token.
    chainRows.classList.toggle("tween", text === frame.text);
    text = frame.text;
    rows(frame.next);
    fillThousand(frame);
    setAttribute(curveCanvas, "aria-label", curveSaid(frame.next));
    setAttribute(lineUp, "aria-label", lineUpSaid(frame.next));
  });

  function rows(next) {
    const top = next.top.slice(0, ROWS);
    const nodes = take(top.length);
    top.forEach((candidate, index) => {
      const [token, logit, ...stages] = nodes[index].children;
      setText(token.firstChild, visible(candidate, true));
      setText(logit, decimal(candidate.logit));
      STAGES.forEach((stage, i) => {
        const [track, number] = stages[i].children;
        track.firstChild.style.transform = `scaleX(${candidate[stage].toFixed(4)})`;
        setText(number, stage === "chance" ? chanceOf(candidate) : percent(candidate[stage]));
      });
      nodes[index].classList.toggle("cut", !candidate.kept);
    });
  }

  return { draw };
}
