// The sheet: what can be taken away of a figure, and in which form. It is made when it is first opened.

import { element, setAttribute, setText } from "../dom.js";
import { pageOf } from "./page.js";
import { documentOf, drawn, faceRules } from "./svg.js";
import { pdfOf } from "./pdf.js";
import { pngOf } from "./png.js";
import { FILES, SHEET, captionOf, fileName } from "./words.js";

const THEMES = ["paper", "blueprint"];
const COPIED = ["link", "embed", "python"];
const KEPT_MS = 20_000; // after which a browser has saved what it was handed

let sheet = null;

/** Opens the sheet at a part of the open exhibit. */
export function openSheet(shell, page, node) {
  sheet ??= makeSheet(shell, page);
  sheet.open(node);
}

/** Hands a file to the browser. */
function save(blob, name) {
  const address = URL.createObjectURL(blob);
  Object.assign(element("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The faces of what is written, cut by the server. */
const cutFaces = (store, format, faces) => store.answerTo("faces", { seq: ++store.seq, format, faces });
const facesOf = (store) => async (faces) => (await cutFaces(store, "woff2", faces)).faces;

/** A figure of the page. What `how` says: {theme, isCaptioned, isClear}, and `foci` of a step: svg.js. */
export class Figure {
  constructor(page, part, title, how) {
    const { store } = page;
    this.page = page;
    this.store = store;
    this.part = part;
    this.title = title;
    this.how = how;
    this.state = store.state;
    this.asked = null;
    this.link = page.link();
  }

  get name() {
    return fileName({ exhibit: this.state.exhibit, name: this.part.name, title: this.title });
  }

  /** What the server says of it: its version, the model's revision, the tables and the lines that compute them. */
  get about() {
    this.asked ??= this.store.call("figure", this.wanted());
    return this.asked;
  }

  wanted() {
    const { state, store } = this;
    const { text, model, sampling, interventions, pin, ...own } = store.asks(state);
    const { layer, head, query, key, written, exhibit } = state;
    return { ...own, layer, head, query, key, written, exhibit, part: this.part.node.classList[0] ?? "" };
  }

  async caption() {
    const { state, store, title, link } = this;
    const model = store.catalog.models[state.model];
    const { addressed } = store.exhibits[state.exhibit];
    return captionOf({ name: this.part.name, title, state, model, addressed, about: await this.about, link });
  }

  /** It as an SVG document; `facesFor` gives the faces that stand in it. */
  async svg(facesFor = facesOf(this.store)) {
    const { theme, isCaptioned, isClear, foci } = this.how;
    const { version } = await this.about;
    const about = {
      title: `${this.title}: ${this.part.name}`,
      caption: await this.caption(),
      link: this.link,
      version,
    };
    const drawing = drawn(this.part.node, (record, then) => this.page.record(theme, record, then), foci);
    return {
      text: await documentOf(drawing, about, { isCaptioned, isClear, facesFor }),
      bitmaps: drawing.bitmaps,
    };
  }

  /** What is made of it, as {blob, name}, by the name of the button. */
  async file(kind) {
    const named = (content, type, ending = kind) => ({
      blob: new Blob([content], { type }),
      name: `${this.name}.${ending}`,
    });
    if (kind === "svg") return named((await this.svg()).text, "image/svg+xml");
    if (kind.startsWith("png")) {
      const blob = await pngOf((await this.svg()).text, Number(kind.slice(3)), await this.caption());
      return { blob, name: `${this.name}.png` };
    }
    if (kind === "pdf") {
      let cut;
      const { text } = await this.svg(async (asked) => {
        cut = await cutFaces(this.store, "ttf", asked);
        return []; // a PDF brings them itself
      });
      const { version } = await this.about;
      return named(
        await pdfOf(text, cut, { title: this.title, caption: await this.caption(), version }),
        "application/pdf",
      );
    }
    if (kind === "csv" || kind === "npz") {
      const { data } = await this.store.call("figure_numbers", {
        ...this.wanted(),
        format: kind,
        caption: await this.caption(),
      });
      return named(bytesOf(data), kind === "csv" ? "text/csv" : "application/octet-stream");
    }
    if (kind === "html") {
      const { state, link, title } = this;
      const about = { state, link, title, caption: await this.caption(), version: (await this.about).version };
      const content = await pageOf(this.page, about, facesOf(this.store), faceRules);
      return {
        blob: new Blob([content], { type: "text/html" }),
        name: `${fileName({ exhibit: state.exhibit, name: title, title })}.html`,
      };
    }
    throw new Error(`there is no way to make ${kind}`);
  }
}

function makeSheet(shell, page) {
  const dialog = element("dialog", "sheet-take");
  setAttribute(dialog, "aria-label", SHEET.title);
  const close = Object.assign(element("button", "close", SHEET.close), { type: "button" });
  const preview = element("div", "preview");
  const image = element("img");
  preview.append(image);
  const status = element("p", "status");
  setAttribute(status, "role", "status");
  const part = element("select");
  setAttribute(part, "aria-label", SHEET.part);
  const theme = element("select");
  setAttribute(theme, "aria-label", SHEET.theme);
  for (const name of THEMES) theme.append(Object.assign(element("option", "", SHEET.themes[name]), { value: name }));
  const check = (label) => {
    const input = Object.assign(element("input"), { type: "checkbox", checked: true });
    return { input, label: element("label", "", input, label) };
  };
  const [captioned, ground] = [check(SHEET.captioned), check(SHEET.ground)];
  const buttons = (...kinds) => {
    const row = element("div", "files");
    for (const kind of kinds) {
      const [face, meaning] = FILES[kind];
      const button = Object.assign(element("button", "", face), { type: "button", title: meaning });
      button.dataset.file = kind;
      setAttribute(button, "aria-label", meaning);
      row.append(button);
    }
    return row;
  };
  const group = (title, ...nodes) => element("fieldset", "", element("h3", "", title), ...nodes);
  const lines = element("pre");
  lines.tabIndex = 0;
  const python = element("div", "lines", element("h3", "", SHEET.python), lines, buttons("python"));
  const choices = element(
    "div",
    "choices",
    group(SHEET.part, part),
    group(SHEET.how, theme, captioned.label, ground.label),
    group(SHEET.picture, buttons("svg", "png1", "png2", "png4", "pdf")),
    group(SHEET.numbers, buttons("csv", "npz")),
    group(SHEET.elsewhere, buttons("html", "link", "embed")),
    status,
  );
  dialog.append(element("header", "", element("h2", "", SHEET.title), close), preview, choices, python);
  shell.append(dialog);

  let parts = [];
  let newest = 0; // of the previews
  const title = () => parts[0].name;
  const figure = () =>
    new Figure(page, parts[part.selectedIndex], title(), {
      theme: theme.value,
      isCaptioned: captioned.input.checked,
      isClear: !ground.input.checked,
    });
  const say = (text, kind = null) => {
    setText(status, text);
    setAttribute(status, "data-kind", kind);
  };

  async function show() {
    const number = ++newest;
    say(SHEET.drawing);
    const shown = figure();
    try {
      const [{ text }, about] = await Promise.all([shown.svg(), shown.about]);
      if (number !== newest) return;
      URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
      image.alt = SHEET.preview(shown.part.name);
      setText(lines, about.lines ?? SHEET.noNumbers);
      for (const kind of ["csv", "npz", "python"]) {
        /** @type {any} */ (dialog.querySelector(`[data-file="${kind}"]`)).disabled = about.lines === null;
      }
      say("");
    } catch (error) {
      if (number === newest) say(SHEET.refused("figure", error.message), "error");
    }
  }

  /** What is copied and not saved, by the name of the button. */
  async function copied(kind) {
    const { part, title, link, state } = figure();
    if (kind === "link") return link;
    if (kind === "python") return lines.textContent;
    const { width, height } = part.node.getBoundingClientRect();
    const isWhole = part.node === parts[0].node;
    const where = isWhole ? "" : part.node.classList[0];
    const named = isWhole ? title : `${title}: ${part.name}`;
    return page.code({
      part: where,
      title: `Cutaway, ${state.model}. ${named}`,
      width: width + 24,
      height: height + 44,
    });
  }

  async function make(button) {
    const { file } = button.dataset;
    const [face] = FILES[file];
    if (COPIED.includes(file)) {
      try {
        await page.copy(await copied(file));
        say(SHEET.copied(face));
      } catch (error) {
        say(SHEET.refused(face, error.message), "error");
      }
      return;
    }
    setAttribute(button, "aria-busy", true);
    say(SHEET.making(face));
    try {
      const { blob, name } = await figure().file(file);
      save(blob, name);
      say(SHEET.saved(name, blob.size));
    } catch (error) {
      say(SHEET.refused(face, error.message), "error");
    }
    setAttribute(button, "aria-busy", null);
  }

  dialog.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("[data-file]");
    if (button) make(button);
    else if (target === dialog || target === close) dialog.close();
  });
  dialog.addEventListener("change", show);

  function open(node) {
    parts = page.parts();
    part.replaceChildren(...parts.map(({ name }) => element("option", "", name)));
    part.selectedIndex = Math.max(
      0,
      parts.findIndex((one) => one.node === node),
    );
    const { theme: isOn } = document.documentElement.dataset;
    theme.value = THEMES.includes(isOn) ? isOn : THEMES[0];
    dialog.showModal();
    show();
  }

  return { open };
}
