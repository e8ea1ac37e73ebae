// The trio exhibit: one sentence through a GPT, a BERT and a T5, aligned on its words; what each may see, what each
// predicts, and where the T5 looked while it wrote.

import { radios, setAttribute } from "../../dom.js";
import { oneOf } from "../../state/fields.js";
import { asSent } from "../../state/interventions.js";
import { resting } from "../../state/resting.js";
import { cellAfter } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { isTight } from "../../page/tight.js";
import { setTerms } from "../../page/terms.js";
import { axis, writtenBoxes } from "./axis.js";
import { layersOf, mountColumn, readers } from "./columns.js";
import { DEPTHS, tables } from "./depth.js";
import { FAINTEST, HEIGHT, WIDEST, hit, margin, paint } from "./score.js";
import { depths, quotedWord, scoreLegend, scoreSaid } from "./words.js";

const FAMILIES = ["gpt", "bert", "t5"];
const TASKS = ["translate", "sentiment", "grammar", "fill"];
const EDGE = 8; // px behind the last token
const PAUSE_MS = 250;

export const asks = ["query", "written", "task", "depth"];

export const fields = {
  task: oneOf("translate", TASKS), // what the T5 is asked to do
  depth: oneOf("mean", DEPTHS), // the layers whose attention is drawn
};
export const ribbon = false;
export { examples } from "./examples.js";

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [score, space, canvas, legend] = [".score", ".score .space", ".score canvas", ".score-words"].map(find);
  const measuring = document.createElement("canvas").getContext("2d");
  const columns = FAMILIES.map((family) => mountColumn(find(`[data-family="${family}"]`), family, store));
  let over = null; // what the pointer is on: {word} or {written}
  /** @type {any} */
  let view = null;
  let n_words = null; // of the frame before
  let since = { key: null, told: null }; // what has changed since the pinned state, and for which question
  const asking = resting(
    ({ what }) => store.call("trio_since", what),
    (told, _, { key }) => {
      since = { key, told };
      store.changed();
    },
    PAUSE_MS,
  );

  /** What has changed since the pinned state, by family; null as long as nothing is pinned or it is not known. */
  function sincePin({ text, model, interventions, query, written, task, pin }) {
    if (!pin) return null;
    const { text: pinned, model: by, interventions: changes } = pin;
    const what = { query, written, task, pin: { text: pinned, model: by, interventions: asSent(changes) } };
    const key = JSON.stringify([text, model, interventions, what]);
    asking.question(key, { key, what });
    return since.key === key ? since.told : null;
  }

  const markDepth = radios(find(".depths"), ({ dataset }) => store.set({ depth: dataset.depth }));
  const markTask = radios(find(".tasks"), ({ dataset }) => {
    const {
      frame,
      state: { text },
    } = store;
    const colon = text.indexOf(":") + 1;
    // A task that the text itself begins with gives way to the one that is chosen.
    const plain = frame.trio?.typed && frame.text === text ? { text: text.slice(colon).trimStart(), query: null } : {};
    store.set({ ...plain, task: dataset.task, written: null });
  });

  /** Asks for a word, or no longer for one that was chosen. */
  function chooseWord(index) {
    const { frame } = view;
    const [start, end] = frame.trio.words[index];
    const query = frame.tokens.findIndex((token) => token.start < end && start < token.end);
    if (query >= 0) store.set({ query, key: null });
  }
  const chooseStep = (step) => store.set({ written: step === 0 ? null : step });

  function lightUp(found) {
    canvas.style.cursor = found ? "pointer" : "";
    if (found?.word === over?.word && found?.written === over?.written) return;
    over = found;
    store.changed();
  }
  function press({ word, written }) {
    const { gap } = view.trio;
    if (written !== undefined) chooseStep(written);
    else if (word === gap.word && gap.by === "choice") store.set({ query: null });
    else chooseWord(word);
  }
  followPointer(canvas, (x, y) => view && hit(view, x, y), lightUp, press);
  score.addEventListener("scroll", () => view && drawScore(), { passive: true });
  score.addEventListener("keydown", (event) => {
    if (!view) return;
    const { words, gap, t5 } = view.trio;
    const at = { row: t5.position ?? 0, column: gap.word ?? words.length - 1 };
    const to = cellAfter(event.key, at, { rows: t5.written?.length ?? 0, columns: words.length });
    const isStep = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (event.key === "Escape") store.set({ query: null, written: null });
    else if (to && !isStep && words.length) chooseWord(to.column);
    else if (to && isStep && t5.written) chooseStep(to.row);
    else return;
    event.preventDefault();
    reveal();
  });

  /** Brings the word that is asked for into sight. */
  function reveal() {
    const box = view.place.words[view.trio.gap.word];
    const room = widthOf(score) - margin(widthOf(score));
    if (!box) return;
    if (box.x < score.scrollLeft) score.scrollLeft = box.x - 20;
    else if (box.x + box.width > score.scrollLeft + room) score.scrollLeft = box.x + box.width - room + 20;
  }

  /** Where everything stands. */
  const placeOf = once((frame, width, tight) => {
    const { t5 } = frame.trio;
    const there = FAMILIES.filter((family) => !frame.trio[family].missing);
    const room = width - margin(width) - EDGE;
    const place = axis(measuring, frame, there, room, tight);
    const { boxes, end } = t5.missing ? { boxes: [], end: 0 } : writtenBoxes(measuring, t5, place.left, room, tight);
    return { place, boxes, end };
  });
  const tablesOf = once(tables);

  /** What is lit: a word of the text, one that was written, and what the T5 read of the word under the pointer. */
  const litOf = once(({ trio: { words, t5 } }, word, hovered, step) => {
    if (hovered === null || t5.missing) return { word, hovered, step, keys: null };
    const [start, end] = words[hovered];
    const isIn = (token) => token.start < end && start < token.end;
    return { word, hovered, step, keys: new Set([...t5.tokens.keys()].filter((key) => isIn(t5.tokens[key]))) };
  });

  function draw({ state, frame, catalog }) {
    if (!frame.trio) return;
    const width = widthOf(score); // none on a slide that shows the columns alone
    const { trio } = frame;
    const { place, boxes, end } = placeOf(frame, width, isTight());
    const hovered = over?.word !== undefined && over.word < trio.words.length ? over.word : null;
    const word = hovered ?? trio.gap.word;
    const chosenStep = state.written === null ? null : (trio.t5.position ?? null);
    const step = over?.written ?? (hovered === null ? chosenStep : null);
    const characters = Array.from(frame.text);
    const spelled = (index) => (index === null ? null : quotedWord(characters.slice(...trio.words[index])));
    view = {
      trio,
      frame,
      place,
      boxes,
      end,
      width,
      catalog,
      lit: litOf(frame, word, hovered, step),
      tables: tablesOf(frame),
      picked: catalog.models[frame.model].family,
      since: sincePin(state),
      pinned: state.pin !== null,
      word: spelled(word),
      gapWord: spelled(trio.gap.word),
    };
    if (width) arrangeScore(state);
    columns.forEach((column) => column(view));
    markDepth((button) => button.dataset.depth === state.depth);
    markTask((button) => button.dataset.task === trio.task);
    setAttribute(find(".tasks").parentElement, "hidden", trio.t5.missing || trio.t5.asked ? null : "");
    const depth = depths(layersOf(frame.depth, view));
    const cut = FAMILIES.filter((family) => trio[family].before).map((family) => {
      return { family, before: trio[family].before, shown: trio[family].tokens.length };
    });
    setTerms(legend, scoreLegend(view.word, { widest: WIDEST, faintest: FAINTEST }, depth, cut));
    setAttribute(score, "aria-label", described());
  }

  function arrangeScore({ query }) {
    const { place, end, width, trio } = view;
    space.style.width = `${Math.max(place.width, end) + margin(width) + EDGE}px`;
    if (n_words !== trio.words.length && query === null) score.scrollLeft = score.scrollWidth;
    n_words = trio.words.length;
    drawScore();
  }

  function drawScore() {
    const room = view.width - margin(view.width) - EDGE;
    const most = Math.max(1, view.place.width - room);
    const beyond = Math.max(0, view.end - room);
    view.scroll = Math.min(score.scrollLeft, Math.max(0, view.place.width - room));
    view.wrote = beyond && (score.scrollLeft / Math.max(most, beyond)) * beyond;
    const { frame, place, boxes, tables: shown, lit, picked, width, scroll, wrote } = view;
    drawPicture(frame, place, boxes, shown, lit, picked, width, scroll, wrote, colours());
  }

  const drawPicture = once((frame, place, boxes, shown, lit, picked, width, scroll, wrote, tint) => {
    const drawing = { frame, place, boxes, tables: shown, lit, picked, width, scroll, wrote };
    paint(fit(canvas, width, HEIGHT), drawing, tint);
  });

  /** The picture in words, for those who do not see it. */
  function described() {
    const { trio } = view;
    const there = FAMILIES.filter((family) => !trio[family].missing);
    const reads = trio.words.length ? there.map((family) => ({ family, readers: readers(family, view) })) : [];
    return scoreSaid(trio.words.length ? view.word : null, reads, trio.t5.missing ? null : trio.t5.written);
  }

  return { draw };
}
