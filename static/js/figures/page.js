// An exhibit as a page of its own: one file with its scripts, its style, its faces and the answers of the server that
// it shows. It opens from the disk, stays alive where nothing has to be computed anew, and loads nothing.

import { escaped } from "./shapes.js";
import { PAGE } from "./words.js";

const ASCII = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
const FACES = [
  ["Inter", "normal"],
  ["JetBrains Mono", "normal"],
  ["Source Serif 4", "normal"],
  ["Source Serif 4", "italic"],
];
/** What of the page needs the server, or leads away from the one exhibit. */
const AWAY =
  ".gradio-container.gradio-container{.rail,.models,.tools .share,.examples-button,.guides,.skip,.count," +
  ".take,.open-large,.onward-walk,.try,.next .masking,.pinned{display:none!important}" +
  ".bar .text{pointer-events:none;border-right:1px solid var(--hairline);border-radius:8px}" +
  ".saved{grid-area:-1/1/auto/-1;padding:6px 0 0;color:var(--quiet);font:400 12.5px/1.5 var(--sans)}.saved a{text-decoration:underline}" +
  "@media(min-width:1280px){.exhibit{grid-column:1/3}}}";

const base64 = (bytes) => {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
};

async function text(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} could not be read: ${answer.status}`);
  return answer.text();
}

const links = (rel) =>
  [...document.querySelectorAll(`link[rel="${rel}"]`)].map((link) => /** @type {any} */ (link).href);

/** Where a module's import leads, as a name in the page: "cutaway/js/dom.js". */
function bare(specifier, module) {
  const parts = module.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

const IMPORTED = /(\bfrom\s*|\bimport\s*\(?\s*)(["'`])(\.[^"'`]+)\2/g;
const ROOM = /()(["'`])(\.\.\/exhibits\/[^"'`]+)\2/g; // an exhibit's script, which is imported by a name that is made

/** The scripts by name, each as a module that needs no address; built ones have the exhibit's in a file of its own. */
async function scripts(root, main, exhibit) {
  const room = main.startsWith("built/") ? [`${root}built/exhibits/${exhibit}/index.js`] : [];
  const addresses = [...new Set([...links("modulepreload"), ...room])]
    .filter((address) => address.startsWith(root))
    .sort();
  const sources = await Promise.all(addresses.map(text));
  return Object.fromEntries(
    addresses.map((address, index) => {
      const name = `cutaway/${address.slice(root.length)}`;
      const named = (_, how, quote, to) => `${how}${quote}${bare(to, name)}${quote}`;
      const source = sources[index]
        .replace(IMPORTED, named)
        .replace(ROOM, named)
        .replace(/^\/\/.*\n/gm, "");
      return [name, `data:text/javascript;base64,${base64(new TextEncoder().encode(source))}`];
    }),
  );
}

/** The style sheets as one, with the faces that `facesFor` has cut in the place of their files. */
async function style(root, rules) {
  const sheets = links("stylesheet").filter((address) => address.startsWith(root));
  const css = (await Promise.all(sheets.map(text))).join("\n");
  const alone = await text(`${root}css/alone.css`);
  return `${alone.replace(/\s+/g, " ")}${rules}${css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@font-face\s*\{[^}]*\}/g, "")}${AWAY}`;
}

/** The markup that the server gave for the shell and the exhibit, before any script was at work. */
function markups(exhibit) {
  const components = /** @type {any} */ (window).gradio_config.components.map(({ props }) => props.value ?? "");
  return [
    components.find((value) => value.includes('class="shell"')),
    components.find((value) => value.includes(`data-exhibit="${exhibit}"`)),
  ];
}

/** The shell with a catalog of what is in the file alone. */
function shellOf(markup, { exhibit, model }) {
  const shell = new DOMParser().parseFromString(markup, "text/html").body;
  const root = /** @type {HTMLElement} */ (shell.querySelector(".shell"));
  const catalog = JSON.parse(root.dataset.catalog);
  root.dataset.catalog = JSON.stringify({
    ...catalog,
    default: { ...catalog.default, model, exhibit },
    walk: [exhibit],
    steps: { [exhibit]: [] },
    follow: [],
    hub: [],
  });
  for (const link of root.querySelectorAll(`.rail li:not(:has([data-to="${exhibit}"]))`)) link.remove();
  return shell.innerHTML;
}

/** Whether a question was about the text and the model of a state. */
const isOf = (state, { text, model }) => text === state.text && model === state.model;

/** What is the same of a question or an answer whenever it is given: not its number, nor who asked, nor how long it took. */
function lasting({ seq, session, bytes, timing_ms: timing, blob, ...said }) {
  if (timing) said.timing_ms = Object.fromEntries(Object.keys(timing).map((name) => [name, 0]));
  return blob ? { ...said, bytes: 0, blob: base64(blob) } : said;
}

const START = `import { start } from "MAIN";
const saved = JSON.parse(document.getElementById("answers").textContent);
const known = Object.entries(saved.answers).map(([key, one]) => ({ of: key.split(" ")[0], ...one }));
const same = ({ seq, session, ...request }, other) =>
  Object.entries(request).every(([name, value]) =>
    value === undefined || JSON.stringify(value) === JSON.stringify(other[name]));
const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const server = new Proxy({ answersAll: true }, { get: (target, name) => target[name] ?? (async (request) => {
  const found = known.find((one) => one.of === name && same(request, one.request));
  if (!found) return { seq: request.seq, error: saved.needs };
  const { blob, ...said } = found.answer;
  return { ...said, ...(blob === undefined ? {} : { blob: bytes(blob) }), seq: request.seq };
}) });
if (!location.hash) location.hash = saved.address;
document.querySelector(".text").readOnly = true;
start(document.body, server);`;

/**
 * @param {{store: Store, answers: Map<string, {request: object, answer: object}>}} page
 * @param {{state: State, link: string, title: string, caption: string, version: string}} about
 * @param {(faces: object[]) => Promise<any[]>} facesFor
 * @param {(faces: any[]) => string} rulesOf
 */
export async function pageOf(page, { state, link, title, caption, version }, facesFor, rulesOf) {
  const { exhibit, model } = state;
  const { figures } = /** @type {HTMLElement} */ (document.querySelector(".shell")).dataset;
  const root = new URL(figures.replace(/(js\/figures|built)\/[^/]*$/, ""), document.baseURI).href;
  const shellScript = new URL(
    /** @type {any} */ (window).gradio_config.components[0].props.props.script,
    document.baseURI,
  ).href;
  const characters = [...new Set(ASCII + document.body.textContent)]
    .filter((one) => one >= " ")
    .sort()
    .join("");
  const [modules, faces] = await Promise.all([
    scripts(root, shellScript.slice(root.length), exhibit),
    facesFor(FACES.map(([family, face]) => ({ family, style: face, weights: [], characters }))),
  ]);
  const css = await style(root, rulesOf(faces));
  const [shell, plate] = markups(exhibit);
  const answers = Object.fromEntries(
    [...page.answers]
      .filter(([name]) => name !== "figure" && name !== "faces" && name !== "figure_numbers")
      .filter(([name, { request }]) => !name.includes(" ") || isOf(state, request))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, { request, answer }]) => [name, { request: lasting(request), answer: lasting(answer) }]),
  );
  const saved = JSON.stringify({ answers, address: page.store.address(), needs: PAGE.needs });
  const inScript = (source) => source.replaceAll("</", "<\\/").replaceAll("<!--", "<\\!--");
  const main = `cutaway/${shellScript.slice(root.length)}`;
  const policy =
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; font-src data:;" +
    " img-src data: blob:";
  const head = [
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)} · Cutaway</title>`,
    `<meta name="description" content="${escaped(caption)}">`,
    `<meta name="generator" content="Cutaway ${escaped(version)}">`,
    `<style>${css.replaceAll("</style", "<\\/style")}</style>`,
    `<script type="importmap">${inScript(JSON.stringify({ imports: modules }))}</script>`,
  ];
  const live = `<a href="${escaped(link)}">${escaped(PAGE.live)}</a>`;
  const body = [
    `<div class="gradio-container">${shellOf(shell, { exhibit, model })}${plate}`,
    `<p class="saved">${escaped(PAGE.saved(version))} ${live}</p></div>`,
    `<script type="application/json" id="answers">${inScript(saved)}</script>`,
    `<script type="module">${START.replace("MAIN", main)}</script>`,
  ];
  return `<!doctype html>\n<html lang="en"><head>${head.join("")}</head><body>${body.join("")}</body></html>\n`;
}
