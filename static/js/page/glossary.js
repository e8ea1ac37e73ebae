// The glossary: a term of art says what it means when the pointer or the focus is on it, or the focus on the control that
// it names. One note serves all terms.

import { boxOf, zoomOf } from "../dom.js";

const GAP = 8;

export function mountGlossary(shell) {
  const note = shell.querySelector(".glossary");
  let shown = null; // the term
  let told = null; // what the note describes: the term, or the control

  function show(term, subject = term) {
    if (term === shown && subject === told) return;
    told?.removeAttribute("aria-describedby");
    [shown, told] = [term, subject];
    note.hidden = !term;
    if (!term) return;
    told.setAttribute("aria-describedby", note.id);
    note.textContent = term.dataset.about;
    const at = boxOf(term);
    const { width, height } = boxOf(note);
    const left = Math.max(GAP, Math.min(at.left, document.documentElement.clientWidth / zoomOf(note) - width - GAP));
    const top = at.top - height - GAP < 0 ? at.bottom + GAP : at.top - height - GAP;
    note.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  /** What a control says of itself, when the keyboard comes to it. */
  function ofControl(control) {
    if (!control.matches(":is(button, a):focus-visible")) return null;
    return control.dataset.about ? control : control.querySelector("dfn");
  }

  const termOf = (node) => node.closest?.("dfn[data-about]") ?? null;
  document.addEventListener("pointerover", ({ target }) => show(termOf(target)));
  document.addEventListener("focusin", ({ target }) => {
    const term = termOf(target) ?? ofControl(target);
    show(term, term && target);
  });
  document.addEventListener("focusout", () => show(null));
  document.addEventListener("scroll", () => show(null), { capture: true, passive: true });
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(null));
}
