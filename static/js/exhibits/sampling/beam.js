// Greedy decoding against beam search: asked for when typing has rested, drawn as a tree, ranked in a table.

import { visible } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { count, decimal, plural } from "../../format.js";
import { resting } from "../../state/resting.js";
import { widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { drawTree } from "./tree.js";

const PAUSE_MS = 400;

function row() {
  const cells = ["rank", "text", "sum", "each", "probability"].map((name) => element("span", name));
  for (const cell of cells) cell.setAttribute("role", "cell");
  const node = element("div", "ranking-row", ...cells);
  node.setAttribute("role", "row");
  return node;
}

/** 4.0 · 10⁻⁴ for what no percentage would show well; 12.3 % for the rest. */
function chance(logarithm) {
  const p = Math.exp(logarithm);
  if (p >= 0.001) return `${decimal(100 * p, p < 0.01 ? 2 : 1)} %`;
  const [digits, exponent] = p.toExponential(1).split("e-");
  return `${digits} · 10⁻${[...exponent].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
}

/** The nodes from the first token to a leaf. */
function pathTo(nodes, leaf) {
  const path = [];
  for (let at = leaf; at !== null; at = nodes[at].parent) path.unshift(nodes[at]);
  return path;
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
  let shown = { key: null, tree: null, error: null };
  let key = null;
  let painted = {};
  const search = resting(
    (what) => store.call("beam", what),
    (tree, error) => {
      shown = { key, tree, error };
      store.changed();
    },
    PAUSE_MS,
  );

  function draw({ state, frame: picture }) {
    for (const { output, input, field } of sliders) {
      if (input.valueAsNumber !== state[field]) input.value = state[field];
      input.style.setProperty("--part", (state[field] - input.min) / (input.max - input.min));
      setText(output, String(state[field]));
    }
    const { model, text, interventions, beam_width: width, beam_depth: depth } = state;
    key = [model, text, width, depth, JSON.stringify(interventions)].join("\n");
    search.question(key, { width, depth });
    canvas.classList.toggle("stale", shown.key !== key);
    const theme = document.documentElement.dataset.theme;
    const now = { shown, theme, across: widthOf(frame) };
    if (Object.keys(now).every((part) => painted[part] === now[part])) return;
    painted = now;
    const { tree, error } = shown;
    for (const node of [frame, ranking, words]) setAttribute(node, "hidden", tree ? null : "");
    setAttribute(refused, "hidden", error ? null : "");
    setText(refused, error ?? "");
    if (!tree || !now.across) return;
    const { tokens, written } = picture;
    drawTree(canvas, now.across, tree, visible(written ? written[0] : tokens.at(-1)));
    rank(tree);
  }

  function rank({ nodes, finished, greedy, width, depth }) {
    const last = greedy.at(-1);
    const listed = finished.map((leaf, index) => ({ leaf, name: String(index + 1) }));
    if (!finished.includes(last)) listed.push({ leaf: last, name: "–" });
    const rows = take(listed.length);
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
      setText(sum, decimal(score));
      setText(each, decimal(score / length));
      setText(probability, chance(score));
      rows[index].classList.toggle("greedy", leaf === last);
      rows[index].classList.toggle("best", index === 0);
    });
    const [best, gained] = [nodes[finished[0]], nodes[finished[0]].score - nodes[last].score];
    const verdict =
      finished[0] === last
        ? "Greedy writes the same as the best of the beam."
        : best.depth === nodes[last].depth && gained > 0
          ? `The best of the beam is ${decimal(Math.exp(gained), 1)} times as probable as what greedy writes.`
          : "The best of the beam is another than what greedy writes.";
    setTerms(
      words,
      `${verdict} Ranked by the sum divided by the number of tokens, the end counted: without that, each token more ` +
        "would only cost. Probability: of the whole path.",
    );
    setAttribute(
      canvas,
      "aria-label",
      `a tree of ${count(nodes.length)} tokens, ${width} beams, ${plural(depth, "token")} deep; the ranking below reads it`,
    );
  }

  return draw;
}
