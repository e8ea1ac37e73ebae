// The ruler: a label and a count for each vocabulary, and between them one canvas with all rows on the same axis, which
// scrolls along the text and follows its end while one types.

import { colours } from "../../page/theme.js";
import { cellAfter } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { isTight } from "../../page/tight.js";
import { element, fillTrack, pool, radios, setAttribute, setText } from "../../dom.js";
import { Axis, splitCharacters } from "./axis.js";
import { paint, rowTops } from "./paint.js";
import { placeSaid, rowCount, rowSaid, rowTitle, takeAway } from "./words.js";

const PITCH = { usual: 28, tight: 23 };
const PITCH_BELOW_LABEL = 46; // where a row's label stands above it
const NARROW = 620;

/** A vocabulary's label: the button that chooses its row, and one that takes it away if it was added. */
function label() {
  const name = element("button", "row-name", element("span"));
  name.type = "button";
  name.setAttribute("role", "radio");
  const away = element("button", "row-away", "×");
  away.type = "button";
  return element("div", "row-label", name, away);
}

export function mountRuler(root, store, remove) {
  const find = (selector) => root.querySelector(selector);
  const [scroller, canvas, space, labels, counts] = [
    ".ruler-scroll",
    ".ruler-scroll canvas",
    ".ruler-scroll .space",
    ".ruler-labels",
    ".ruler-counts",
  ].map(find);
  const takeLabels = pool(labels, label);
  const takeCounts = pool(counts, () =>
    element(
      "div",
      "row-count",
      element("b"),
      element("span", "bar-track", element("span", "bar-fill"), element("i", "then")),
    ),
  );
  let view = null;
  let stage = null;
  let hover = null;

  const choose = (row) => {
    const selected = view.selected(store.state);
    const byte = selected < 0 ? 0 : view.chosen(store.state).starts[selected];
    const at = row.holding(byte);
    store.set(at < 0 ? { tokenizer: row === view.own ? "" : row.name } : view.select(row, at));
  };
  const mark = radios(labels, (button) => {
    const row = view.rows[Number(button.parentElement.dataset.row)];
    if (row.ready) choose(row);
  });
  labels.addEventListener("click", (event) => {
    const away = event.target.closest(".row-away");
    if (away) remove(view.rows[Number(away.parentElement.dataset.row)].name);
  });

  /** The piece under the pointer: {row, index}, or null. */
  function pieceAt(left, y) {
    if (!stage) return null;
    const x = left + stage.scroll;
    const at = stage.tops.findIndex((top) => y >= top - 3 && y < top + 25);
    const row = view.rows[at];
    if (!row?.ready || x < 0 || x > stage.axis.width) return null;
    for (let index = 0; index < row.shown; index++) {
      if (stage.axis.places[row.starts[index]] <= x && x < stage.axis.places[row.ends[index]]) return { row, index };
    }
    return null;
  }
  const light = (found) => {
    if (found?.row === hover?.row && found?.index === hover?.index) return;
    hover = found;
    store.changed();
  };
  followPointer(canvas, pieceAt, light, ({ row, index }) => store.set(view.select(row, index)));
  scroller.addEventListener("scroll", () => stage && repaint(), { passive: true });
  scroller.addEventListener("keydown", (event) => {
    const row = view?.chosen(store.state);
    if (!row?.ready) return;
    const at = { row: view.ready.indexOf(row), column: view.selected(store.state) };
    const to = cellAfter(event.key, at, { rows: view.ready.length, columns: row.shown });
    if (!to) return;
    event.preventDefault();
    if (to.row !== at.row) choose(view.ready[to.row]);
    else if (to.column !== at.column) {
      store.set(view.select(row, to.column));
      reveal(row, to.column);
    }
  });

  function reveal(row, index) {
    const [from, to] = [stage.axis.places[row.starts[index]], stage.axis.places[row.ends[index]]];
    if (from < scroller.scrollLeft) scroller.scrollLeft = from - 20;
    else if (to > scroller.scrollLeft + stage.width) scroller.scrollLeft = to - stage.width + 20;
  }

  /** `pinned` are the rows of the pinned text by name (then.js), or null. */
  function draw(next, state, pinned) {
    const width = widthOf(scroller);
    if (!width) return;
    const isNarrow = widthOf(root) < NARROW;
    const pitch = isNarrow ? PITCH_BELOW_LABEL : isTight() ? PITCH.tight : PITCH.usual;
    const fresh = next !== view;
    if (fresh) hover = null;
    if (fresh || width !== stage.width || pitch !== stage.pitch || pinned !== stage.pinned) {
      const axis = new Axis(next.letters, splitCharacters(next), width);
      const { tops, height } = rowTops(next.rows, pitch);
      const longer = next.frame.text.length !== view?.frame.text.length;
      view = next;
      stage = { view, axis, tops, height, width, pitch, pinned, scroll: 0 };
      space.style.width = `${Math.max(0, Math.ceil(axis.width) - width + (axis.width > width ? 12 : 0))}px`;
      root.style.setProperty("--height", `${height}px`);
      if (longer && state.query === null) scroller.scrollLeft = scroller.scrollWidth;
      inscribe(isNarrow);
    }
    stage.chosen = view.chosen(state);
    stage.selected = view.selected(state);
    mark((button) => Number(button.parentElement.dataset.row) === view.rows.indexOf(stage.chosen));
    repaint();
    say();
  }

  function repaint() {
    stage.scroll = scroller.scrollLeft;
    const { view: shown, axis, pinned, width, scroll, chosen, selected } = stage;
    drawPicture(shown, axis, pinned, width, scroll, chosen, selected, hover, colours());
  }

  const drawPicture = once((shown, axis, pinned, width, scroll, chosen, selected, lit, tint) => {
    const { tops, height } = stage;
    const drawing = { view: shown, axis, tops, width, height, scroll, pinned, chosen, selected, hover: lit };
    paint(fit(canvas, width, height), drawing, tint);
  });

  /** Writes labels and counts beside the rows, or above them where it is narrow. */
  function inscribe(isNarrow) {
    const then = (row) => stage.pinned?.get(row.name)?.tokens;
    const most = Math.max(1, ...view.ready.map((row) => Math.max(row.tokens, then(row) ?? 0)));
    const names = takeLabels(view.rows.length);
    const numbers = takeCounts(view.rows.length);
    view.rows.forEach((row, index) => {
      const top = `${stage.tops[index] - (isNarrow ? 21 : 1)}px`;
      const [name, away] = names[index].children;
      const [number, length] = numbers[index].children;
      names[index].style.top = numbers[index].style.top = top;
      names[index].dataset.row = index;
      setText(name.firstChild, row.label);
      setAttribute(name, "title", rowTitle(row));
      const before = then(row);
      setAttribute(name, "aria-label", rowSaid(row, before));
      names[index].classList.toggle("own", row.own);
      names[index].classList.toggle("waiting", !row.ready);
      setAttribute(away, "hidden", row.added ? null : "");
      setAttribute(away, "aria-label", takeAway(row));
      setText(number, rowCount(row));
      fillTrack(length, row.ready ? row.tokens / most : 0, before === undefined ? null : before / most);
    });
  }

  /** What a screen reader says of the place where the arrow keys are. */
  function say() {
    setAttribute(scroller, "aria-label", placeSaid(stage.chosen, stage.selected));
  }

  return { draw, lit: () => hover };
}
