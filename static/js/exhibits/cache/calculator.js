// The calculator: three settings, and what the caches of published models would hold.

import { element, pool, radios, setAttribute, setText } from "../../dom.js";
import { count, decimal } from "../../format.js";
import { size } from "./memory.js";

const doubled = (low, high) => {
  const stops = [low];
  while (stops.at(-1) < high) stops.push(2 * stops.at(-1));
  return stops;
};
export const PRECISIONS = ["fp32", "fp16", "int8", "int4"];
const BYTES = { fp32: "4", fp16: "2", int8: "1", int4: "½" };
const SAID = { fp32: "fp32", fp16: "fp16, bf16", int8: "int8, fp8", int4: "int4" };
const STOPS = { context: doubled(512, 2 ** 20), batch: doubled(1, 256), window: doubled(1, 1024) };

/** A range input over the stops of a field; `read` says a value. */
export function mountSlider(slider, store, read) {
  const { field } = slider.dataset;
  const stops = STOPS[field];
  const [, output, input] = slider.children;
  Object.assign(input, { min: 0, max: stops.length - 1, step: 1 });
  input.addEventListener("input", () => store.set({ [field]: stops[input.valueAsNumber] }));
  return function draw(state) {
    const value = state[field];
    const stop = stops.findLastIndex((one) => one <= value);
    if (input.valueAsNumber !== stop) input.value = Math.max(0, stop);
    input.style.setProperty("--part", stop / (stops.length - 1));
    setText(output, read(value));
    setAttribute(input, "aria-valuetext", read(value));
  };
}

function row() {
  const cells = ["model", "sum", "bytes", "saved"].map((name) => element("span", name));
  cells[0].append(element("b"), element("small"));
  cells[1].append(element("span"), element("small"));
  cells[2].append(element("b"), element("span", "bar-track", element("i", "bar-fill")));
  for (const cell of cells) cell.setAttribute("role", "cell");
  const node = element("div", "published-row", ...cells);
  node.setAttribute("role", "row");
  return node;
}

/** "2 · 32 · 8 · 128 · 8,192 · 2" */
function formula({ factors, latent, kept }, { batch, precision }) {
  const compressed = latent ? [`(${latent.join(" + ")})`] : [];
  const texts = batch === 1 ? [] : [count(batch)];
  return [...factors.map(count), ...compressed, count(kept), ...texts, BYTES[precision]].join(" · ");
}

/** Why a row is as it is, in a few words: its window, its latent cache, or a text longer than it reads. */
function remark({ window, latent, n_ctx: longest, kept }, context) {
  if (context > longest) return `longer than the ${count(longest)} tokens that it reads`;
  if (latent) return "latent: one vector for all heads";
  if (window !== null) return kept < context ? `keeps the last ${count(window)}` : `keeps up to ${count(window)}`;
  return "";
}

export function mountCalculator(section, store) {
  const find = (selector) => section.querySelector(selector);
  const tokens = (value) => `${count(value)} tokens`;
  const sliders = [
    mountSlider(find('[data-field="context"]'), store, tokens),
    mountSlider(find('[data-field="batch"]'), store, count),
  ];
  const choices = find(".switch");
  for (const precision of PRECISIONS) {
    const button = element("button");
    Object.assign(button, { type: "button", textContent: SAID[precision] });
    button.setAttribute("role", "radio");
    button.dataset.precision = precision;
    choices.append(button);
  }
  const mark = radios(choices, ({ dataset }) => store.set({ precision: dataset.precision }));
  const take = pool(find(".published > [role=rowgroup]"), row);
  let shown = null;

  return function draw(state, frame) {
    for (const slider of sliders) slider(state);
    mark(({ dataset }) => dataset.precision === state.precision);
    const { published } = frame.cache;
    if (published === shown) return;
    shown = published;
    const most = Math.max(...published.map((model) => model.n_bytes));
    const nodes = take(published.length);
    published.forEach((model, index) => {
      const [name, sum, bytes, saved] = nodes[index].children;
      setText(name.firstChild, model.name);
      setText(name.lastChild, model.source);
      setText(sum.firstChild, formula(model, frame));
      setText(sum.lastChild, remark(model, frame.context));
      setText(bytes.firstChild, size(model.n_bytes));
      bytes.lastChild.firstChild.style.transform = `scaleX(${(model.n_bytes / most).toFixed(4)})`;
      setText(saved, model.saved === 1 ? "as much" : `${decimal(model.saved, model.saved < 10 ? 1 : 0)} × as much`);
      nodes[index].classList.toggle("beyond", frame.context > model.n_ctx);
    });
  };
}
