// Terms by keys: those of a list or a paragraph are one stop of Tab, and as long as one of them has the focus, arrows, Home
// and End lead to the others. glossary.js says what each means.

import { indexAfter } from "../draw/gridkeys.js";

const TERM = "dfn[tabindex]";
const LIST = "ol, ul, dl, table, p, figcaption, figure, section, header, div"; // the notes below an exhibit are one

const listOf = (term) => term.closest(".notes") ?? term.closest(LIST);
const termsOf = (list) => [...list.querySelectorAll(TERM)].filter((term) => listOf(term) === list);

export function mountTermKeys() {
  const ofTerm = (event, act) => {
    const term = event.target.matches?.(TERM) ? event.target : null;
    if (term) act(term, termsOf(listOf(term)));
  };
  const stopAll = (terms) => terms.forEach((term) => (term.tabIndex = 0));

  // Which of them Tab comes to first is left to their order; none is remembered, as they come and go with the words.
  document.addEventListener("focusout", (event) => ofTerm(event, (_, terms) => stopAll(terms)));
  document.addEventListener("focusin", (event) =>
    ofTerm(event, (term, terms) => terms.forEach((other) => (other.tabIndex = other === term ? 0 : -1))),
  );
  document.addEventListener("keydown", (event) =>
    ofTerm(event, (term, terms) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const seen = terms.filter((other) => other.checkVisibility({ visibilityProperty: true }));
      const to = indexAfter(event.key, seen.indexOf(term), seen.length);
      if (to === null) return;
      event.preventDefault();
      seen[to].focus();
    }),
  );
}
