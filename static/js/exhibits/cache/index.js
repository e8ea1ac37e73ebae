// The cache exhibit: the columns of keys and values that the tokens leave behind, the clock with and without them, what
// they weigh, and what published models' would.

import { mountBaseline } from "../../state/baseline.js";
import { setAttribute, setText } from "../../dom.js";
import { oneOf, whole } from "../../state/fields.js";
import { resting } from "../../state/resting.js";
import { readerOf } from "../../state/stacks.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { mountOpener } from "../../page/chart.js";
import { progress } from "../../page/motion.js";
import { colours } from "../../page/theme.js";
import { setTerms } from "../../page/terms.js";
import { PRECISIONS, mountCalculator, mountSlider } from "./calculator.js";
import * as stopwatch from "./clock.js";
import { paintRamps } from "./kept.js";
import * as memory from "./memory.js";
import { mountPicks } from "./picks.js";
import { largest, mountRibbon, rampsOf } from "./ribbon.js";
import {
  bytesInNumbers,
  clockSaid,
  clockSummary,
  crossRibbonSaid,
  difference,
  drawing,
  growthSaid,
  heldNow,
  lastTokens,
  milliseconds,
  rampLegend,
  ribbonSaid,
  ribbonTitle,
  writeButton,
  writing,
} from "./words.js";

const PAUSE_MS = 350;
const WRITTEN_AT_ONCE = 12;
const RAMP = { width: 120, height: 14 };

export const asks = ["layer", "head", "written", "window", "context", "batch", "precision"];

export const fields = {
  window: whole(16, 1, 1024), // tokens that the rolling window keeps
  context: whole(8192, 1, 2 ** 20), // of the published models
  batch: whole(1, 1, 256),
  precision: oneOf("fp16", PRECISIONS),
};
export const addressed = ["layer", "head"];
export const enlarges = ["KV cache"];
export { examples } from "./examples.js";

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const figures = { own: find(".kept.own"), cross: find(".kept.cross") };
  const [told, step, write, back] = [".told", ".next-step", ".write", ".back"].map(find);
  const [clockCanvas, clockWords] = [find(".stopwatch canvas"), find(".stopwatch .words")];
  const [growth, growthWords] = [find(".memory canvas"), find(".memory .words")];
  const [rampCanvas, rampWords] = [find(".ramp canvas"), find(".ramp span")];
  const fillVariants = memory.mountVariants(find(".variants > [role=rowgroup]"), find(".variants-scale"));
  const drawCalculator = mountCalculator(find(".calculator"), store);
  const drawWindow = mountSlider(find('[data-field="window"]'), store, lastTokens);
  const baseline = mountBaseline(store);
  const drawPicks = mountPicks(find(".layers"), find(".heads"), store);
  const timed = new Map(); // by model: what was measured at each number of tokens since the page was opened
  let clock = null; // the last answer, or {error}
  let begun = -Infinity; // when the newest column came
  let before = null; // how many columns the frame before had
  let left = 0; // how many tokens are still to be written

  const goesOn = () => readerOf(store.catalog.models[store.state.model]).causal;
  const timing = resting(
    (what) => store.call("clock", what),
    (answer, error, { model }) => {
      clock = answer ?? { error };
      if (answer) points(model).set(answer.n_tokens, answer);
      store.changed();
    },
    PAUSE_MS,
  );
  const points = (model) => {
    if (!timed.has(model)) timed.set(model, new Map());
    return timed.get(model);
  };

  /** One token more: a GPT draws it, a T5 shows the next one that it wrote. */
  async function advance() {
    if (goesOn()) {
      await store.draw();
      return !store.drawn?.ended && store.error === null;
    }
    const last = store.frame.written.length - 1;
    const now = Math.min(store.state.written ?? 0, last);
    if (now < last) store.set({ written: now + 1 });
    return now + 1 < last;
  }
  /** Until the picture shows what the state asks for and its step has been timed. */
  const caughtUp = async () => {
    while (store.inFlight) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    await timing.now();
  };
  back.addEventListener("click", () => store.takeBack());
  async function writeOn() {
    left = left ? 0 : WRITTEN_AT_ONCE;
    store.changed();
    const { text } = store.state;
    let expected = text;
    while (left > 0 && store.state.exhibit === "cache" && store.state.text === expected) {
      if (!(await advance())) break;
      expected = store.state.text;
      await caughtUp();
      left -= 1;
    }
    left = 0;
    store.changed();
  }
  const openers = { clock: find(".stopwatch .open-large"), memory: find(".memory .open-large") };
  mountOpener(openers.clock, store, () => ({ points: [...points(store.state.model).values()].map(stopwatch.times) }));
  mountOpener(openers.memory, store, () => ({
    written: store.state.written,
    window: store.state.window,
    longest: longestOf(store.frame.cache),
  }));
  step.addEventListener("click", advance);
  write.addEventListener("click", writeOn);
  find(".cache-controls").addEventListener("submit", (event) => event.preventDefault());
  const [drawOwn, drawCross] = [mountRibbon(figures.own, store, "cache"), mountRibbon(figures.cross, store, "cross")];

  function draw({ state, frame }) {
    const { cache, arrays } = frame;
    if (!cache) return;
    drawPicks(cache);
    drawWindow(state);
    drawCalculator(state, frame);
    const { model, text, interventions, written } = state;
    timing.question([model, text, written, JSON.stringify(interventions)].join("\n"), { written, model });
    buttons(frame, state);
    const tint = colours();
    const own = tokensOf(frame);
    const width = widthOf(figures.own.querySelector(".canvas-frame"));
    if (width) {
      setAttribute(figures.cross, "hidden", arrays.cross_keys ? null : "");
      const arriving = progress(begun);
      drawOwn(frame, own, width, arriving, tint);
      if (arrays.cross_keys) drawCross(frame, frame.tokens, width, null, tint);
      if (arriving < 1) store.changed();
    }
    captions(frame);
    legend(arrays, tint);
    const aside = widthOf(clockCanvas.parentElement) || widthOf(growth.parentElement); // on a slide one of them stands alone
    measured(frame, model, clock, aside, tint);
    const former = baseline({ state })?.cache ?? null;
    const longest = Math.max(...[cache, former].map((one) => (one ? longestOf(one) : 0)));
    drawGrowth(cache, longest, former, aside, tint);
  }

  const longestOf = ({ n_tokens }) => memory.span(n_tokens, store.catalog.models[store.state.model].n_ctx);

  /** The tokens of the model's own columns; one more than before slides in. */
  const tokensOf = once(({ cache: { n_tokens }, tokens, written }) => {
    if (before !== null && n_tokens === before + 1) begun = performance.now();
    before = n_tokens;
    return (written ?? tokens).slice(0, n_tokens);
  });

  const captions = once(({ cache, tokens }) => {
    fillVariants(cache);
    const [own, cross] = [figures.own, figures.cross].map((figure) => figure.querySelector("canvas"));
    setText(figures.own.querySelector("h2"), ribbonTitle(cache));
    setAttribute(own, "aria-label", ribbonSaid(cache));
    setAttribute(cross, "aria-label", crossRibbonSaid(cache, tokens.length));
    setText(growthWords, bytesInNumbers(cache, tokens.length));
    setAttribute(growth, "aria-label", growthSaid(cache));
  });

  const drawGrowth = once((cache, longest, former, width, tint) => {
    memory.paint(fit(growth, width, memory.HEIGHT), width, cache, longest, former, tint);
    openers.memory.hidden = false;
    setText(find(".memory figcaption p"), heldNow(cache, former));
  });

  const legend = once((arrays, tint) => {
    paintRamps(fit(rampCanvas, RAMP.width, RAMP.height), RAMP.width, rampsOf(tint));
    const key = largest(arrays.cache_q, arrays.cache_keys);
    setTerms(rampWords, rampLegend(key, largest(arrays.cache_values, arrays.cache_z)));
  });

  const measured = once((frame, model, answer, width, tint) => {
    const known = [...points(model).values()];
    const { n_tokens: n } = frame.cache;
    openers.clock.hidden = !known.length;
    stopwatch.paint(fit(clockCanvas, width, stopwatch.HEIGHT), width, known, n, longestOf(frame.cache), tint);
    const here = points(model).get(n);
    const [kept, anew, same] = [".with dd", ".without dd", ".same dd"].map(find);
    setText(kept, milliseconds(here?.cached_ms ?? null));
    setText(anew, milliseconds(here?.uncached_ms ?? null));
    setText(same, difference(here));
    setAttribute(clockCanvas, "aria-label", clockSaid(n, here));
    setText(clockWords, answer?.error ?? summary(known, here));
  });

  function summary(known, here) {
    if (!known.length) return clockSummary(null);
    const [kept, anew] = ["cached_ms", "uncached_ms"].map((way) => stopwatch.median(known.map((point) => point[way])));
    const { server } = here ?? known.at(-1);
    return clockSummary({ n: known.length, kept, anew, runs: here?.runs ?? 5, server });
  }

  function buttons(frame, state) {
    const draws = goesOn();
    back.hidden = !draws;
    back.disabled = store.lastDraw === null || left > 0;
    const last = (frame.written ?? []).length - 1;
    const done = !draws && Math.min(state.written ?? 0, last) >= last;
    step.disabled = done;
    write.disabled = done && !left;
    setText(write, writeButton({ isWriting: left > 0, draws }, WRITTEN_AT_ONCE));
    setTerms(told, draws ? drawing(store.drawn, state) : writing(state.written ?? 0, done, frame.next !== null));
  }

  return { draw };
}
