// Terms of art in what scripts write: each carries its definition, as in the markup of the server (app/page/glossary.py, which
// sends pattern and definitions along). js/glossary.js shows them.

import { element, setAttribute } from "../dom.js";

const { pattern, about } = JSON.parse(/** @type {HTMLElement} */ (document.querySelector(".shell")).dataset.terms);
const TERM = new RegExp(pattern, "gi");
const BY_LOWER = new Map(Object.entries(about).map(([term, meaning]) => [term.toLowerCase(), meaning]));

/** A text as plain words and terms by turns, beginning and ending with plain ones; of a term, where it stands first. */
function parted(text) {
  const parts = [];
  const named = new Set();
  let end = 0;
  for (const { 0: found, 1: term, index } of text.matchAll(TERM)) {
    if (named.has(term.toLowerCase())) continue;
    named.add(term.toLowerCase());
    parts.push(text.slice(end, index), { found, term });
    end = index + found.length;
  }
  return [...parts, text.slice(end)];
}

function definition({ found, term }, isStop) {
  const node = element("dfn", "", found);
  node.dataset.about = BY_LOWER.get(term.toLowerCase());
  if (isStop) node.tabIndex = 0;
  return node;
}

/**
 * Sets the text of a node, if it differs, with its terms marked. Where only what stands between the terms has changed,
 * they stay. Within a control or a grid, which has the focus itself, and in the machine's drawing they are no stops of Tab.
 */
export function setTerms(node, text) {
  if (node.textContent === text) return;
  const parts = parted(text);
  const { childNodes: nodes } = node;
  const stay =
    nodes.length === parts.length && parts.every((part, i) => i % 2 === 0 || nodes[i].textContent === part.found);
  if (stay) {
    parts.forEach((part, i) => {
      if (i % 2 === 0 && nodes[i].data !== part) nodes[i].data = part;
    });
  } else {
    const isStop = !node.closest("button, a, .stage, [role='grid']");
    node.replaceChildren(...parts.map((part, i) => (i % 2 ? definition(part, isStop) : document.createTextNode(part))));
  }
}

/** Gives a control without words of its own the definition of a term, for when it has the focus; null takes it away. */
export function define(control, term) {
  setAttribute(control, "data-about", term && about[term]);
}
