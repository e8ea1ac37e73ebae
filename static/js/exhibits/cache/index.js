// The cache exhibit: the columns of keys and values that the tokens leave behind, the clock with and without them, what
// they weigh, and what published models' would.

import { mountBaseline } from "../../state/baseline.js";
import { setAttribute, setText } from "../../dom.js";
import { oneOf, whole } from "../../state/fields.js";
import { plural } from "../../format.js";
import { resting } from "../../state/resting.js";
import { readerOf } from "../../state/stacks.js";
import { widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { PRECISIONS, mountCalculator, mountSlider } from "./calculator.js";
import { drawClock, median } from "./clock.js";
import { mountCursor } from "./cursor.js";
import { drawKept, drawRamp, largest, placed } from "./kept.js";
import { drawGrowth, mountVariants, span } from "./memory.js";
import { mountPicks } from "./picks.js";
import {
  bytesInNumbers,
  clockSaid,
  clockSummary,
  crossRibbonSaid,
  difference,
  drawing,
  growthSaid,
  heldNow,
  milliseconds,
  rampLegend,
  readNumber,
  ribbonHint,
  ribbonSaid,
  ribbonTitle,
  writeButton,
  writing,
} from "./words.js";

const PAUSE_MS = 350;
const WRITTEN_AT_ONCE = 12;

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
  const [told, step, write] = [".told", ".next-step", ".write"].map(find);
  const [clockCanvas, clockWords] = [find(".stopwatch canvas"), find(".stopwatch .words")];
  const [growth, growthWords] = [find(".memory canvas"), find(".memory .words")];
  const [rampCanvas, rampWords] = [find(".ramp canvas"), find(".ramp span")];
  const fillVariants = mountVariants(find(".variants > [role=rowgroup]"));
  const drawCalculator = mountCalculator(find(".calculator"), store);
  const drawWindow = mountSlider(find('[data-field="window"]'), store, (value) => plural(value, "token"));
  const baseline = mountBaseline(store);
  const drawPicks = mountPicks(find(".layers"), find(".heads"), store);
  const timed = new Map(); // by model: what was measured at each number of tokens since the page was opened
  let clock = null; // the last answer, or {error}
  let painted = {};
  let begun = -Infinity; // when the newest column came
  let before = null; // the tokens of the frame before
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
  step.addEventListener("click", advance);
  write.addEventListener("click", writeOn);
  find(".cache-controls").addEventListener("submit", (event) => event.preventDefault());
  const cursors = Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, mountCursor(figure.querySelector("canvas"), store)]),
  );

  function draw({ state, frame }) {
    const { cache, arrays } = frame;
    if (!cache) return;
    drawPicks(cache);
    drawWindow(state);
    drawCalculator(state, frame);
    const { model, text, interventions, written } = state;
    timing.question([model, text, written, JSON.stringify(interventions)].join("\n"), { written, model });
    buttons(frame, state);
    const rows = shownTokens(frame);
    if (painted.cache !== cache) {
      if (before && rows.own.length === before.length + 1) begun = performance.now();
      before = rows.own;
      captions(frame);
      fillVariants(cache);
    }
    const former = baseline({ state })?.cache ?? null;
    const theme = document.documentElement.dataset.theme;
    const width = widthOf(figures.own.querySelector(".canvas-frame"));
    const aside = widthOf(clockCanvas.parentElement);
    const now = { cache, theme, width, aside, clock, model, former, own: cursors.own.at, cross: cursors.cross.at };
    const same = Object.keys(now).every((part) => painted[part] === now[part]);
    if (same && performance.now() - begun > 400) return;
    const moved = painted;
    painted = now;
    if (width && ribbons(frame, rows, width)) store.changed();
    if (same) return;
    if (moved.theme !== theme || moved.cache !== cache) legend(arrays);
    measured(frame, model, aside);
    drawGrowth(growth, aside, cache, Math.max(longestOf(frame), former ? longestOf({ cache: former }) : 0), former);
    setText(find(".memory figcaption p"), heldNow(cache, former));
  }

  /** The tokens of each ribbon. */
  const shownTokens = ({ cache, tokens, written }) => ({
    own: (written ?? tokens).slice(0, cache.n_tokens),
    cross: tokens,
  });
  const longestOf = ({ cache }) => span(cache.n_tokens, store.catalog.models[store.state.model].n_ctx);

  /** Draws the ribbons; whether something still moves. */
  function ribbons({ arrays, cache }, rows, width) {
    setAttribute(figures.cross, "hidden", arrays.cross_keys ? null : "");
    const ribbon = (name, prefix, grows) => {
      const parts = ["q", "keys", "values", "weights", "z"];
      const own = Object.fromEntries(parts.map((part) => [part, arrays[`${prefix}_${part}`]]));
      const place = placed(width, rows[name].length, cache.d_head);
      cursors[name].place = place;
      const scales = { key: largest(own.q, own.keys), value: largest(own.values, own.z) };
      const drawing = { arrays: own, tokens: rows[name], scales, grows, begun, cursor: cursors[name].at };
      readout(figures[name], drawing, cache);
      return drawKept(figures[name].querySelector("canvas"), place, drawing);
    };
    if (arrays.cross_keys) ribbon("cross", "cross", false);
    return ribbon("own", "cache", true);
  }

  /** What the pointer or the arrow keys are on, in numbers; else what the ribbon is. */
  function readout(figure, { arrays, tokens, cursor, grows }, cache) {
    const words = figure.querySelector("figcaption p");
    if (!cursor || cursor.token >= tokens.length) return setTerms(words, ribbonHint(grows));
    const { token, number } = cursor;
    const at = token * cache.d_head + number;
    const numbers = { key: arrays.keys[at], value: arrays.values[at], weight: arrays.weights[token] };
    setText(words, readNumber(tokens[token], { number, of: cache.d_head }, numbers));
  }

  function captions({ cache, tokens }) {
    const isSelf = !figures.cross.hidden || cache.n_cross_bytes > 0;
    const [own, cross] = [figures.own, figures.cross].map((figure) => figure.querySelector("canvas"));
    setText(figures.own.querySelector("h2"), ribbonTitle(cache, isSelf));
    setAttribute(own, "aria-label", ribbonSaid(cache, isSelf));
    setAttribute(cross, "aria-label", crossRibbonSaid(cache, tokens.length, isSelf));
    setText(growthWords, bytesInNumbers(cache, tokens.length));
    setAttribute(growth, "aria-label", growthSaid(cache));
  }

  function legend(arrays) {
    drawRamp(rampCanvas, 120);
    const key = largest(arrays.cache_q, arrays.cache_keys);
    setTerms(rampWords, rampLegend(key, largest(arrays.cache_values, arrays.cache_z)));
  }

  function measured(frame, model, width) {
    const known = [...points(model).values()];
    const { n_tokens: n } = frame.cache;
    drawClock(clockCanvas, width, known, n, longestOf(frame));
    const here = points(model).get(n);
    const [kept, anew, same] = [".with dd", ".without dd", ".same dd"].map(find);
    setText(kept, milliseconds(here?.cached_ms ?? null));
    setText(anew, milliseconds(here?.uncached_ms ?? null));
    setText(same, difference(here));
    setAttribute(clockCanvas, "aria-label", clockSaid(n, here));
    setText(clockWords, clock?.error ?? summary(known, here));
  }

  function summary(known, here) {
    if (!known.length) return clockSummary(null);
    const [kept, anew] = ["cached_ms", "uncached_ms"].map((way) => median(known.map((point) => point[way])));
    const { server } = here ?? known.at(-1);
    return clockSummary({ n: known.length, kept, anew, runs: here?.runs ?? 5, server });
  }

  function buttons(frame, state) {
    const draws = goesOn();
    const last = (frame.written ?? []).length - 1;
    const done = !draws && Math.min(state.written ?? 0, last) >= last;
    step.disabled = done;
    write.disabled = done && !left;
    setText(write, writeButton({ isWriting: left > 0, draws }, WRITTEN_AT_ONCE));
    setTerms(told, draws ? drawing(store.drawn, state) : writing(state.written ?? 0, done));
  }

  return { draw };
}
