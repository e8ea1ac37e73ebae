// How one word was cut: the merges in their order, the longest matches, or the likeliest paths. The server takes the
// steps anew from the vocabulary's tables; here they are laid out, one a row, and walked through.

import { visible, visibleCharacter } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { chip } from "../../page/tokenrow.js";
import { CUT_LEAD, CUT_STEP, scoreDigits, stepSaid, wordCut } from "./words.js";

const REST_MS = 160; // a word that is still being typed is not asked for
const decoder = new TextDecoder();
const told = (hex) => {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return visible({ text: decoder.decode(bytes), raw: hex, special: false });
};
const spell = (piece) => Array.from(piece.replaceAll("▁", " "), visibleCharacter).join("");

/** The rows of a picture of steps: {head, chips: [{text, lit, note}], tail}. */
const LAYOUTS = {
  merges({ symbols, merges }) {
    let left = symbols;
    const rows = [
      { head: CUT_STEP.first, chips: left.map((one) => ({ text: told(one) })), tail: CUT_STEP.symbols(left.length) },
    ];
    for (const [rank, at] of merges) {
      left = [...left.slice(0, at), left[at] + left[at + 1], ...left.slice(at + 2)];
      const chips = left.map((one, index) => ({ text: told(one), lit: index === at }));
      rows.push({ head: CUT_STEP.merge(rank), chips, tail: CUT_STEP.symbols(left.length) });
    }
    return rows;
  },
  matches({ word, prefix, matches }) {
    const letters = Array.from(word);
    return matches.map(({ start, piece, tried }, index) => {
      const done = matches.slice(0, index).map(({ piece: one }) => ({ text: one }));
      const rest = letters.slice(
        start + (piece === null ? 0 : Array.from(piece).length - (start ? Array.from(prefix).length : 0)),
      );
      const chips = [...done, { text: piece ?? CUT_STEP.noEntry, lit: piece !== null, lost: piece === null }];
      if (rest.length) chips.push({ text: rest.map(visibleCharacter).join(""), open: true });
      return { head: CUT_STEP.match(index), chips, tail: CUT_STEP.tried(tried) };
    });
  },
  paths({ paths }) {
    return paths.map(({ pieces, known, scores, total }, index) => ({
      head: CUT_STEP.path(index),
      chips: pieces.map((piece, at) => ({
        text: spell(piece),
        lit: !index,
        lost: !known[at],
        note: CUT_STEP.score(scores[at], scoreDigits(scores, total)),
      })),
      tail: CUT_STEP.total(total),
    }));
  },
  none: () => [],
};

function row() {
  return element("li", "step", element("span", "head"), element("span", "row-chips"), element("span", "tail"));
}

export function mountWord(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [title, lead, walk, slider, list] = ["h2 bdi", ".words", ".walk", ".walk input", "ol"].map(find);
  const take = pool(list, row);
  const chipsOf = new WeakMap();
  let wanted = "";
  let asked = "";
  let timer;
  let answer = null;
  let rows = [];
  let step = Infinity;
  let drawn = null;

  slider.addEventListener("input", () => {
    step = Number(slider.value);
    show();
  });
  walk.addEventListener("click", (event) => {
    const by = Number(event.target.closest("button")?.dataset.by);
    if (!by) return;
    step = Math.max(0, Math.min(rows.length - 1, Math.min(step, rows.length - 1) + by));
    show();
  });

  async function fetch(key, name, at) {
    asked = key;
    const { rulers } = store.state;
    try {
      const found = await store.call("word", { rulers, tokenizer: name, at });
      if (asked !== key) return;
      answer = found;
      step = Infinity;
      store.changed();
    } catch {
      asked = ""; // the next key asks again
    }
  }

  /** Asks for the word of the selected piece once the typing rests; draws the one that came. */
  function draw(view, state) {
    const chosen = view.chosen(state);
    const place = view.nearest(state) + chosen.skipped;
    const key = [chosen.name, state.model, place, view.frame.text].join("\n");
    if (key !== wanted && chosen.tokens > 0) {
      wanted = key;
      clearTimeout(timer);
      timer = setTimeout(() => fetch(key, chosen.name, place), REST_MS);
    }
    root.classList.toggle("empty", answer === null);
    if (answer === null || answer === drawn || asked !== key) return;
    drawn = answer;
    const from = Math.max(0, answer.first - chosen.skipped);
    const pieces = Array.from({ length: answer.after - chosen.skipped - from }, (_, index) =>
      chosen.piece(from + index),
    );
    const { characters } = view.letters;
    const span = pieces.length ? characters.slice(pieces[0].start, pieces.at(-1).end) : [];
    setText(title, wordCut(span));
    setText(find("h2 span"), chosen.label);
    setText(lead, CUT_LEAD[answer.kind](answer));
    rows = LAYOUTS[answer.kind](answer);
    setAttribute(walk, "hidden", answer.kind === "merges" && rows.length > 1 ? null : "");
    slider.max = String(Math.max(0, rows.length - 1));
    take(rows.length).forEach((node, index) => index < rows.length && fill(node, rows[index]));
    show();
  }

  function fill(node, { head, chips, tail }) {
    const [first, middle, last] = node.children;
    setText(first, head);
    setText(last, tail);
    if (!chipsOf.has(node))
      chipsOf.set(
        node,
        pool(middle, () => element("span", "step-piece", chip(), element("small"))),
      );
    const nodes = chipsOf.get(node)(chips.length);
    chips.forEach(({ text, lit, open, lost, note }, index) => {
      const [box, small] = nodes[index].children;
      setText(box.firstChild, text);
      box.classList.toggle("merged", Boolean(lit));
      box.classList.toggle("open", Boolean(open));
      box.classList.toggle("lost", Boolean(lost));
      setText(small, note ?? "");
    });
  }

  /** Rows after the present step stand back. */
  function show() {
    const now = Math.min(step, rows.length - 1);
    slider.value = String(now);
    setAttribute(slider, "aria-valuetext", stepSaid(now, rows));
    rows.forEach((_, index) => {
      list.children[index].classList.toggle("ahead", index > now);
      list.children[index].classList.toggle("now", index === now && !walk.hidden);
    });
    const { offsetTop: top = 0, offsetHeight: height = 0 } = list.children[now] ?? {};
    const beyond = top + height - list.clientHeight;
    list.scrollTop = walk.hidden ? 0 : Math.max(beyond, Math.min(top, list.scrollTop));
  }

  return { draw };
}
