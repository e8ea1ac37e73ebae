// The calculator: three settings, and what the caches of published models would hold.

import { element, fillTrack, pool, radios, setAttribute, setText } from "../../dom.js";
import { count } from "../../format.js";
import { barScale, formula, remark, size, tokensLong } from "./words.js";

const doubled = (low, high) => {
  const stops = [low];
  while (stops.at(-1) < high) stops.push(2 * stops.at(-1));
  return stops;
};
export const PRECISIONS = ["fp32", "fp16", "int8", "int4"];
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
  const cells = ["model", "sum", "bytes", "mha"].map((name) => element("span", name));
  cells[0].append(element("b"), element("small"));
  cells[1].append(element("span"), element("small"));
  cells[2].append(element("b"), element("span", "bar-track", element("i", "bar-fill"), element("i", "then")));
  for (const cell of cells) cell.setAttribute("role", "cell");
  const node = element("div", "published-row", ...cells);
  node.setAttribute("role", "row");
  return node;
}

export function mountCalculator(section, store) {
  const find = (selector) => section.querySelector(selector);
  const sliders = [
    mountSlider(find('[data-field="context"]'), store, tokensLong),
    mountSlider(find('[data-field="batch"]'), store, count),
  ];
  const mark = radios(find(".switch"), ({ dataset }) => store.set({ precision: dataset.precision }));
  const take = pool(find(".published > [role=rowgroup]"), row);
  let isAsked = /[#&](context|batch|precision)=/.test(location.hash); // a link to it opens it in sight
  let shown = null;
  let former = null; // what stood here before the settings that hold now

  return function draw(state, frame) {
    if (isAsked) requestAnimationFrame(() => section.scrollIntoView());
    isAsked = false;
    for (const slider of sliders) slider(state);
    mark(({ dataset }) => dataset.precision === state.precision);
    const { published } = frame.cache;
    if (published === shown) return;
    if (shown && published.some(({ n_bytes }, index) => n_bytes !== shown[index].n_bytes)) former = shown;
    shown = published;
    const most = Math.max(...[...published, ...(former ?? [])].map((model) => model.n_bytes));
    setText(find(".bar-scale"), barScale(most, former !== null));
    const nodes = take(published.length);
    published.forEach((model, index) => {
      const [name, sum, bytes, mha] = nodes[index].children;
      setText(name.firstChild, model.name);
      setText(name.lastChild, model.source);
      setText(sum.firstChild, formula(model, frame));
      setText(sum.lastChild, remark(model, frame.context));
      setText(bytes.firstChild, size(model.n_bytes));
      fillTrack(bytes.lastChild, model.n_bytes / most, former && former[index].n_bytes / most);
      setText(mha, size(model.mha_bytes));
      nodes[index].classList.toggle("beyond", frame.context > model.n_ctx);
    });
  };
}
