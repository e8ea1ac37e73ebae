// The model picker: the family, then the model. What lies on this machine is there at once; a model of the hub is
// fetched and exported on first use, and says in its row how far it is or why it cannot be had.

import { element, pool, radios, setAttribute, setText } from "../dom.js";
import { allFields } from "../state/registry.js";
import { nothingChosen, within } from "../state/state.js";
import { selfKindsOf } from "../state/stacks.js";
import { asChosen } from "./tokenrow.js";
import { ASKING, fetching, inFull, inShort, millions, onThisMachine, toFetch } from "./words.js";

const AGAIN_MS = 500;
const FAILURES = 20; // polls in a row without an answer, after which a row gives up

/** How deep each of a model's stacks is. */
const depths = (model) => selfKindsOf(model).map((kind) => model.stacks[kind].layers);

/** The share of a fetch that is done; null where nobody knows the whole. */
function shareOf({ done, total }) {
  return total ? Math.min(1, done / total) : null;
}

/** The last character of the token that is chosen by hand: its first may be a space; null where none is chosen. */
export function characterOf({ state: { query }, frame }) {
  const token = query === null ? undefined : frame?.tokens[query];
  return token && !token.special ? { text: frame.text, at: token.end - 1 } : null;
}

/** The token of a text that a character is in; -1 for none. */
export function tokenAt(tokens, character) {
  return tokens.findIndex(({ special, start, end }) => !special && start <= character && character < end);
}

function row() {
  const progress = element("span", "bar-track", element("span", "bar-fill"));
  const node = element("li", "", element("b"), element("span", "size"), element("span", "state"), progress);
  node.setAttribute("role", "option");
  return node;
}

export function mountPicker(shell, store) {
  const find = (selector) => shell.querySelector(`.models ${selector}`);
  const [button, menu] = [find(".about"), find(".menu")];
  const latest = {}; // the model that was used last, by family
  const fetches = {}; // what was last heard of a model that was asked for, by name
  const ticket = crypto.getRandomValues(new Uint32Array(2)).join("-"); // who may cancel what this page asked for
  let wished = null; // the hub model to open as soon as it is there
  let active = 0;
  /** @type {{text: string, at: number} | null} */
  let kept = null; // a character of the token that was chosen by hand, until the next model has read it

  const { catalog } = store;
  const familyOf = (name) => catalog.models[name].family;
  const mark = radios(find(".families"), ({ dataset }) => {
    const { family } = dataset;
    if (family === familyOf(store.state.model)) return;
    const names = Object.keys(catalog.models).filter((name) => familyOf(name) === family);
    choose(latest[family] ?? (names.includes(family) ? family : names[0]));
  });

  function choose(model) {
    wished = null;
    const fields = allFields(store.exhibits);
    kept = characterOf(store);
    store.set({ ...within({ ...store.state, model }, catalog.models[model], fields), ...nothingChosen(fields) });
  }

  /** The rows of the open menu: the models of the family that are here, then the hub's that are not. */
  function entries() {
    const family = familyOf(store.state.model);
    const here = Object.entries(catalog.models).filter(([, model]) => model.family === family);
    const away = catalog.hub.filter((entry) => entry.family === family && !catalog.models[entry.name]);
    return [...here.map(([name, model]) => ({ name, parameters: model.parameters })), ...away];
  }

  function toggle(open) {
    menu.hidden = !open;
    setAttribute(button, "aria-expanded", open);
    active = entries().findIndex(({ name }) => name === store.state.model);
    if (open) find("ul").focus();
    store.changed();
  }

  async function fetchModel(name) {
    wished = name;
    fetches[name] = { doing: ASKING };
    let failures = 0;
    for (let asked = "fetch"; !fetches[name].description && !fetches[name].refused; ) {
      store.changed();
      try {
        fetches[name] = await store.call(asked, { model: name, ticket });
        [asked, failures] = ["fetched", 0];
      } catch (error) {
        if (++failures === FAILURES) fetches[name] = { refused: error.message };
      }
      if (!fetches[name].description && !fetches[name].refused) await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
    const { description } = fetches[name];
    if (description) {
      catalog.models[name] = description;
      delete fetches[name];
      if (wished === name && store.away?.model !== name) choose(name);
    }
    store.changed();
  }

  function cancel(name) {
    store.call("cancel", { model: name, ticket }).catch(() => {}); // the poll tells
  }

  function pick(index) {
    const entry = entries()[index];
    if (!entry) return;
    if (catalog.models[entry.name]) {
      choose(entry.name);
      toggle(false);
      button.focus();
    } else if (!fetches[entry.name] || fetches[entry.name].refused) fetchModel(entry.name);
    else if (wished === entry.name) cancel(entry.name);
    else wished = entry.name;
  }

  button.addEventListener("click", () => toggle(menu.hidden));
  menu.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) pick([...option.parentElement.children].indexOf(option));
  });
  find("ul").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) active = Math.max(0, Math.min(entries().length - 1, active + step));
    else if (event.key === "Enter" || event.key === " ") pick(active);
    else if (event.key === "Escape") {
      toggle(false);
      button.focus();
    } else return;
    event.preventDefault();
    store.changed();
    find("ul").children[active]?.scrollIntoView({ block: "nearest" });
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (!menu.contains(relatedTarget) && relatedTarget !== button) toggle(false);
  });

  const take = pool(find("ul"), row);

  function drawMenu(state) {
    const listed = entries();
    const nodes = take(listed.length);
    listed.forEach(({ name, parameters, bytes, licence }, index) => {
      const [title, size, words, track] = nodes[index].children;
      const told = fetches[name];
      const share = told && !told.refused ? shareOf(told) : null;
      setText(title, name);
      setText(size, millions(parameters));
      const model = catalog.models[name];
      const there = model ? onThisMachine(model, depths(model)) : toFetch(bytes, licence);
      setText(words, told ? (told.refused ?? fetching(told)) : there);
      setAttribute(words, "data-kind", told?.refused ? "error" : null);
      track.hidden = share === null;
      track.firstChild.style.transform = `scaleX(${share ?? 0})`;
      nodes[index].id = `model-option-${index}`;
      nodes[index].classList.toggle("active", index === active);
      setAttribute(nodes[index], "aria-selected", name === state.model);
    });
    setAttribute(find("ul"), "aria-activedescendant", `model-option-${active}`);
  }

  /** Chooses the token again that was chosen in another model's tokens, where both stand at the same words. */
  function keep({ state, frame }) {
    if (!kept || frame?.model !== state.model) return;
    const { text, at } = kept;
    kept = null;
    const token = text === frame.text && state.query === null ? tokenAt(frame.tokens, at) : -1;
    if (token >= 0) store.set({ query: asChosen(store, token) });
  }

  function draw({ state, frame }) {
    keep({ state, frame });
    const model = catalog.models[state.model];
    latest[model.family] = state.model;
    mark(({ dataset }) => dataset.family === model.family);
    setText(button.querySelector("b"), state.model.split("/").at(-1));
    setText(button.querySelector("span"), inShort(model));
    setAttribute(button, "title", inFull(model, depths(model)));
    if (!menu.hidden) drawMenu(state);
  }

  return { draw, fetch: fetchModel, cancel, heard: (name) => fetches[name] };
}
