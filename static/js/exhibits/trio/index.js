// The trio exhibit: one sentence through a GPT, a BERT and a T5, aligned on its words; what each may see, what each
// predicts, and where the T5 looked while it wrote.

import { radios, setAttribute } from "../../dom.js";
import { oneOf } from "../../state/fields.js";
import { asSent } from "../../state/interventions.js";
import { resting } from "../../state/resting.js";
import { widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { axis } from "./axis.js";
import { layersOf, mountColumn, readers } from "./columns.js";
import { DEPTHS, tables } from "./depth.js";
import { FAINTEST, WIDEST, hit, margin, paint, writtenBoxes } from "./score.js";
import { depths, quotedWord, scoreLegend, scoreSaid } from "./words.js";

const FAMILIES = ["gpt", "bert", "t5"];
const TASKS = ["translate", "sentiment", "grammar", "fill"];
const EDGE = 8; // px behind the last token
const PAUSE_MS = 250;

export const asks = ["query", "written", "task"];

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
  const columns = FAMILIES.map((family) => mountColumn(find(`[data-family="${family}"]`), family));
  let over = null; // what the pointer is on: {word} or {written}
  let view = null;
  const known = { frame: null, depth: null, width: 0, tables: null, place: null, boxes: [] };
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

  const point = (event) => {
    if (!view) return null;
    const box = canvas.getBoundingClientRect();
    return hit(view, event.clientX - box.left, event.clientY - box.top);
  };
  canvas.addEventListener("pointermove", (event) => {
    const found = point(event);
    canvas.style.cursor = found ? "pointer" : "";
    if (found?.word === over?.word && found?.written === over?.written) return;
    over = found;
    store.changed();
  });
  canvas.addEventListener("pointerleave", () => {
    over = null;
    store.changed();
  });
  canvas.addEventListener("click", (event) => {
    const found = point(event);
    if (found?.written !== undefined) chooseStep(found.written);
    else if (found && found.word === view.trio.gap.word && view.trio.gap.by === "choice") store.set({ query: null });
    else if (found) chooseWord(found.word);
  });
  score.addEventListener("scroll", () => view && drawScore(), { passive: true });
  score.addEventListener("keydown", (event) => {
    if (!view) return;
    const { words, gap, t5 } = view.trio;
    const last = words.length - 1;
    const now = gap.word ?? last;
    const word = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape") store.set({ query: null, written: null });
    else if (word !== undefined && last >= 0) chooseWord(Math.max(0, Math.min(last, word)));
    else if (step && t5.written) chooseStep(Math.max(0, Math.min(t5.written.length - 1, t5.position + step)));
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

  /** Where everything stands, once for each frame and width. */
  function arrange(frame, depth) {
    const width = widthOf(score);
    const there = FAMILIES.filter((family) => !frame.trio[family].missing);
    if (known.frame !== frame || known.width !== width) {
      const room = width - margin(width) - EDGE;
      known.place = axis(measuring, frame, there, room);
      known.boxes = frame.trio.t5.missing ? [] : writtenBoxes(measuring, frame.trio.t5, known.place.left, room);
    }
    if (known.frame !== frame || known.depth !== depth) known.tables = tables(frame, depth);
    const grown = known.frame?.trio.words.length !== frame.trio.words.length;
    Object.assign(known, { frame, depth, width });
    return grown;
  }

  function draw({ state, frame, catalog }) {
    if (!frame.trio || widthOf(score) === 0) return;
    const grown = arrange(frame, state.depth);
    const { trio } = frame;
    const hovered = over?.word !== undefined && over.word < trio.words.length ? over.word : null;
    const word = hovered ?? trio.gap.word;
    const chosenStep = state.written === null ? null : (trio.t5.position ?? null);
    const lit = { word, hovered, step: over?.written ?? (hovered === null ? chosenStep : null), keys: null };
    const { place } = known;
    if (hovered !== null && place.staves.t5) {
      const [start, end] = trio.words[hovered];
      lit.keys = new Set(trio.t5.tokens.flatMap((token, key) => (token.start < end && start < token.end ? [key] : [])));
    }
    const characters = Array.from(frame.text);
    const spelled = (index) => (index === null ? null : quotedWord(characters.slice(...trio.words[index])));
    view = {
      trio,
      frame,
      place,
      lit,
      catalog,
      boxes: known.boxes,
      tables: known.tables,
      depth: state.depth,
      width: known.width,
      picked: catalog.models[frame.model].family,
      since: sincePin(state),
      pinned: state.pin !== null,
      word: spelled(word),
      gapWord: spelled(trio.gap.word),
    };
    space.style.width = `${Math.max(place.width, known.boxes.at(-1)?.x ?? 0) + margin(known.width) + EDGE}px`;
    if (grown && state.query === null) score.scrollLeft = score.scrollWidth;
    drawScore();
    columns.forEach((column) => column(view));
    markDepth((button) => button.dataset.depth === state.depth);
    markTask((button) => button.dataset.task === trio.task);
    const depth = depths(layersOf(state.depth, view));
    setTerms(legend, scoreLegend(view.word, { widest: WIDEST, faintest: FAINTEST }, depth));
    setAttribute(score, "aria-label", described());
  }

  function drawScore() {
    const room = view.width - margin(view.width) - EDGE;
    const most = Math.max(1, view.place.width - room);
    const last = view.boxes.at(-1);
    const beyond = Math.max(0, (last ? last.x + last.width : 0) - room);
    view.scroll = Math.min(score.scrollLeft, Math.max(0, view.place.width - room));
    view.written = beyond && (score.scrollLeft / Math.max(most, beyond)) * beyond;
    paint(canvas, view);
  }

  /** The picture in words, for those who do not see it. */
  function described() {
    const { trio } = view;
    const there = FAMILIES.filter((family) => !trio[family].missing);
    const reads = trio.words.length ? there.map((family) => ({ family, readers: readers(family, view) })) : [];
    return scoreSaid(trio.words.length ? view.word : null, reads, trio.t5.missing ? null : trio.t5.written);
  }

  return { draw };
}
