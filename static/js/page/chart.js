// Charts large: a Plotly figure that the server makes from a chart's numbers, in a dialog, to zoom into, to read under the
// pointer and to save. Plotly's script is loaded when the first chart is opened; `app/page/charts.py` has the markup.

import { element, setText } from "../dom.js";

const CLOSER = 0.6; // the part of an axis that is left after zooming in once
const NARROWEST = 640; // px of a figure; a narrower window scrolls it
const SETTINGS = { displayModeBar: false, responsive: true, scrollZoom: true };

let script = null;
let newest = 0; // of the charts that were opened: one that comes late is not drawn over it

/** Plotly, loaded once. */
function plotly(address) {
  script ??= new Promise((loaded, failed) => {
    const node = Object.assign(element("script"), { src: address });
    node.addEventListener("load", () => loaded(/** @type {any} */ (window).Plotly));
    node.addEventListener("error", () => {
      script = null;
      node.remove();
      failed(new Error("The script that draws large charts could not be loaded."));
    });
    document.head.append(node);
  });
  return script;
}

/** Makes the button open its chart; `asked()` gives what the chart depends on besides the text and the model. */
export function mountOpener(button, store, asked = () => ({})) {
  button.addEventListener("click", () => open(store, button, asked()));
}

async function open(store, { dataset: { call } }, asked) {
  const opened = ++newest;
  const dialog = /** @type {HTMLDialogElement} */ (document.querySelector(".chart-large"));
  const [plot, status] = dialog.children;
  plot.replaceChildren();
  plot.setAttribute("aria-label", "not drawn yet");
  setText(status, "Drawing …");
  dialog.onclick = null;
  dialog.showModal();
  try {
    const theme = document.documentElement.dataset.theme === "blueprint" ? "blueprint" : "paper";
    const [answer, Plotly] = await Promise.all([store.call(call, { theme, ...asked }), plotly(dialog.dataset.script)]);
    if (!dialog.open || opened !== newest) return;
    const { width, height, ...layout } = answer.figure.layout;
    plot.setAttribute("aria-label", layout.meta);
    dialog.setAttribute("aria-label", layout.meta);
    setText(status, "");
    const room = plot.clientWidth < NARROWEST ? { width: NARROWEST } : { autosize: true };
    await Plotly.newPlot(plot, answer.figure.data, { ...layout, ...room }, SETTINGS);
    const does = tools(
      Plotly,
      plot,
      { width, height, filename: `cutaway-${call.replace("_chart", "")}` },
      answer.table,
    );
    dialog.onclick = ({ target }) => does[/** @type {HTMLElement} */ (target).dataset.does]?.();
    dialog.onclose = () => Plotly.purge(plot);
  } catch (error) {
    if (opened === newest) setText(status, error.message);
  }
}

/** What the buttons do, by their names. */
function tools(Plotly, plot, picture, table) {
  const axes = ["xaxis", "yaxis"];
  const whole = Object.fromEntries(axes.map((axis) => [`${axis}.range`, [...plot.layout[axis].range]]));
  const zoom = (part) => {
    const ranges = axes.map((axis) => {
      const [low, high] = plot.layout[axis].range;
      const [middle, half] = [(low + high) / 2, (part * (high - low)) / 2];
      return [`${axis}.range`, [middle - half, middle + half]];
    });
    Plotly.relayout(plot, Object.fromEntries(ranges));
  };
  return {
    in: () => zoom(CLOSER),
    out: () => zoom(1 / CLOSER),
    all: () => Plotly.relayout(plot, whole),
    svg: () => Plotly.downloadImage(plot, { ...picture, format: "svg" }),
    png: () => Plotly.downloadImage(plot, { ...picture, format: "png", scale: 2 }),
    csv: () => save(table, `${picture.filename}.csv`),
  };
}

/** Hands a text to the browser as a file. */
function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  Object.assign(element("a"), { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
