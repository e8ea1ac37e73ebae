// The cache exhibit: the columns of keys and values that the tokens leave behind, the clock with and without them, what
// they weigh, and what published models' would.

import { mountBaseline } from "../../state/baseline.js";
import { visible } from "../../page/chips.js";
import { setAttribute, setText } from "../../dom.js";
import { oneOf, whole } from "../../state/fields.js";
import { count, decimal, percent, plural } from "../../format.js";
import { resting } from "../../state/resting.js";
import { readerOf } from "../../state/stacks.js";
import { widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { PRECISIONS, mountCalculator, mountSlider } from "./calculator.js";
import { drawClock, median } from "./clock.js";
import { mountCursor } from "./cursor.js";
import { drawKept, drawRamp, largest, placed } from "./kept.js";
import { drawGrowth, mountVariants, size, span } from "./memory.js";
import { mountPicks } from "./picks.js";

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
  let writing = 0; // how many tokens are still to be written

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
    writing = writing ? 0 : WRITTEN_AT_ONCE;
    store.changed();
    const { text } = store.state;
    let expected = text;
    while (writing > 0 && store.state.exhibit === "cache" && store.state.text === expected) {
      if (!(await advance())) break;
      expected = store.state.text;
      await caughtUp();
      writing -= 1;
    }
    writing = 0;
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
    summed(cache, former);
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
    if (!cursor || cursor.token >= tokens.length) {
      const whose = grows ? "" : "from the encoder's output; the same for every token that is written; ";
      return setTerms(words, `${whose}each column is one token; hover or use the arrow keys to read a number`);
    }
    const at = cursor.token * cache.d_head + cursor.number;
    setText(
      words,
      `${visible(tokens[cursor.token])}, number ${cursor.number + 1} of ${cache.d_head}: key ` +
        `${decimal(arrays.keys[at])}, value ${decimal(arrays.values[at])}; read with ${percent(arrays.weights[cursor.token])}`,
    );
  }

  function captions({ cache, tokens }) {
    const heading = figures.cross.hidden && !cache.n_cross_bytes ? "" : "Self cache: ";
    const kv = `${heading ? "layer" : "Layer"} ${cache.layer + 1}, KV head ${cache.kv_head + 1} of ${cache.n_kv_heads}`;
    setText(figures.own.querySelector("h2"), `${heading}${kv}`);
    const kept = plural(cache.n_tokens, "token");
    setAttribute(
      figures.own.querySelector("canvas"),
      "aria-label",
      `keys and values of ${kept} in ${kv}; arrow keys read single numbers`,
    );
    setAttribute(
      figures.cross.querySelector("canvas"),
      "aria-label",
      `keys and values of the ${plural(tokens.length, "token")} that were read, in ${kv}`,
    );
    const { n_layers: layers, n_kv_heads: heads, d_head: d, n_tokens: n, itemsize: bytes } = cache;
    const product = count(2 * layers * heads * d * n * bytes);
    const cross = cache.n_cross_bytes
      ? ` The cross cache took ${count(cache.n_cross_bytes)} bytes once, for ${plural(tokens.length, "token")} read.`
      : "";
    setText(
      growthWords,
      `2 · ${layers} layers · ${heads} KV ${heads === 1 ? "head" : "heads"} · ${d} · ${plural(n, "token")} · ${bytes} ` +
        `bytes = ${product}; the tensors hold ${count(cache.n_bytes)} bytes.${cross}`,
    );
    setAttribute(growth, "aria-label", `how the cache grows with the text; now ${count(cache.n_bytes)} bytes`);
  }

  /** Over the growth: what the cache holds now, and what it held when a state was pinned. */
  function summed({ n_bytes: now }, former) {
    const then = former ? `, ${size(former.n_bytes)} when pinned (ring)` : ", counted in the tensors";
    setText(find(".memory figcaption p"), `${size(now)} now (dot)${then}; lines: the formula`);
  }

  function legend(arrays) {
    drawRamp(rampCanvas, 120);
    const key = decimal(largest(arrays.cache_q, arrays.cache_keys), 1);
    const value = decimal(largest(arrays.cache_values, arrays.cache_z), 1);
    setTerms(rampWords, `query and keys −${key} to ${key}, values and mix −${value} to ${value}; slate: negative`);
  }

  function measured(frame, model, width) {
    const known = [...points(model).values()];
    const { n_tokens: n } = frame.cache;
    drawClock(clockCanvas, width, known, n, longestOf(frame));
    const here = points(model).get(n);
    const [kept, anew, same] = [".with dd", ".without dd", ".same dd"].map(find);
    setText(kept, here ? `${decimal(here.cached_ms, 1)} ms` : "…");
    setText(anew, here ? `${decimal(here.uncached_ms, 1)} ms` : "…");
    setText(same, here ? power(here.difference) : "…");
    setAttribute(
      clockCanvas,
      "aria-label",
      here
        ? `at ${plural(n, "token")}: ${kept.textContent} with the cache, ${anew.textContent} without`
        : "no measurement yet",
    );
    setText(clockWords, clock?.error ?? summary(known, here));
  }

  function summary(known, here) {
    if (!known.length) return "The clock starts when typing rests.";
    const [kept, anew] = ["cached_ms", "uncached_ms"].map((way) => median(known.map((point) => point[way])));
    const machine = (here ?? known.at(-1)).server;
    const over = known.length === 1 ? "In the one step" : `Median over the ${count(known.length)} lengths`;
    return (
      `${over} timed on this page: ${decimal(kept, 1)} ms with the cache, ${decimal(anew, 1)} ms without, ` +
      `${decimal(anew / kept, 1)} times as long. Each dot is the median of up to ${here?.runs ?? 5} runs in turn on the ` +
      `server (${machine}), the graph alone; other visitors' requests may slow it.`
    );
  }

  function buttons(frame, state) {
    const draws = goesOn();
    const last = (frame.written ?? []).length - 1;
    const done = !draws && Math.min(state.written ?? 0, last) >= last;
    step.disabled = done;
    write.disabled = done && !writing;
    setText(write, writing ? "Stop" : draws ? `Write ${WRITTEN_AT_ONCE}` : "Write on");
    const { drawn } = store;
    const named = (tokens) => tokens.map((token) => visible(token, true)).join(" ");
    let words = `Draw ${state.draws + 1} with seed ${state.sampling.seed} comes next.`;
    if (!draws)
      words = done
        ? "It has written all that it writes."
        : `It writes greedily: token ${(state.written ?? 0) + 1} comes next.`;
    else if (drawn?.ended && drawn.text === state.text) words = "The draw fell on the end: the story is over.";
    else if (drawn?.text === state.text) words = `Drew ${named(drawn.drawn)}, one column more.`;
    setTerms(told, words);
  }

  return { draw };
}

/** 5.7 · 10⁻⁶, or 0. */
function power(value) {
  if (value === 0) return "0";
  const [factor, exponent] = value.toExponential(1).split("e-");
  return `${factor} · 10⁻${exponent.replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])}`;
}
