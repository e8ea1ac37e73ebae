// Greedy decoding against beam search: asked for when typing has rested, drawn as a tree, ranked in a table.

import { visible } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { decimal } from "../../format.js";
import { resting } from "../../state/resting.js";
import { fit, widthOf } from "../../page/canvas.js";
import { colours } from "../../page/theme.js";
import { setTerms } from "../../page/terms.js";
import { once } from "../../draw/once.js";
import { heightFor, layout, paint, pathTo } from "./tree.js";
import { pathProbability, sumDigits, treeSaid, verdict } from "./words.js";

const PAUSE_MS = 400;

function row() {
  const cells = ["rank", "text", "sum", "each", "probability"].map((name) => element("span", name));
  for (const cell of cells) cell.setAttribute("role", "cell");
  const node = element("div", "ranking-row", ...cells);
  node.setAttribute("role", "row");
  return node;
}

export function mountBeam(figure, store) {
  const find = (selector) => figure.querySelector(selector);
  const [frame, canvas, refused, ranking, words] = [".tree", "canvas", ".refused", ".ranking", ".words"].map(find);
  const take = pool(find(".ranking > [role=rowgroup]"), row);
  const sliders = [...figure.querySelectorAll(".slider")].map((slider) => {
    const [, output, input] = slider.children;
    const field = `beam_${slider.dataset.field}`;
    input.addEventListener("input", () => store.set({ [field]: input.valueAsNumber }));
    return { output, input, field };
  });
  find("form").addEventListener("submit", (event) => event.preventDefault());
  let shown = { key: null, tree: null, error: null, from: null };
  let key = null;
  const search = resting(
    (what) => store.call("beam", what),
    (tree, error) => {
      const { tokens, written } = store.frame;
      shown = { key, tree, error, from: written ? written[0] : tokens.at(-1) };
      store.changed();
    },
    PAUSE_MS,
  );

  function draw(state) {
    for (const { output, input, field } of sliders) {
      if (input.valueAsNumber !== state[field]) input.value = state[field];
      input.style.setProperty("--part", (state[field] - input.min) / (input.max - input.min));
      setText(output, String(state[field]));
    }
    const { model, text, interventions, beam_width: width, beam_depth: depth } = state;
    key = [model, text, width, depth, JSON.stringify(interventions)].join("\n");
    search.question(key, { width, depth });
    canvas.classList.toggle("stale", shown.key !== key);
    figure.style.setProperty("--beams", width);
    frame.style.minHeight = `${heightFor(width)}px`;
    show(shown);
    if (shown.tree && widthOf(frame)) drawTree(shown, widthOf(frame), colours());
  }

  const show = once(({ tree, error }) => {
    for (const node of [frame, ranking, words]) setAttribute(node, "hidden", error ? "" : null);
    figure.classList.toggle("waiting", !tree && !error);
    setAttribute(refused, "hidden", error ? null : "");
    setText(refused, error ?? "");
    if (tree) rank(tree);
  });

  const drawTree = once(({ tree, from }, across, tint) => {
    const place = layout(across, tree);
    paint(fit(canvas, place.width, place.height), place, tree, visible(from), tint);
  });

  function rank(tree) {
    const { nodes, finished, greedy } = tree;
    const last = greedy.at(-1);
    const listed = finished.map((leaf, index) => ({ leaf, name: String(index + 1) }));
    if (!finished.includes(last)) listed.push({ leaf: last, name: "–" });
    const rows = take(listed.length);
    const digits = sumDigits(listed.map(({ leaf }) => nodes[leaf]));
    listed.forEach(({ leaf, name }, index) => {
      const [place, text, sum, each, probability] = rows[index].children;
      const { score, depth: length } = nodes[leaf];
      setText(place, name);
      setText(
        text,
        pathTo(nodes, leaf)
          .map((node) => visible(node, true))
          .join(" "),
      );
      setText(sum, decimal(score, digits));
      setText(each, decimal(score / length));
      setText(probability, pathProbability(score));
      rows[index].classList.toggle("greedy", leaf === last);
      rows[index].classList.toggle("best", index === 0);
    });
    setTerms(words, verdict({ best: nodes[finished[0]], greedy: nodes[last], isSame: finished[0] === last }));
    setAttribute(canvas, "aria-label", treeSaid(tree));
  }

  return draw;
}
