// The glossary: a term of art says what it means when the pointer or the focus is on it. One note serves all terms.

const GAP = 8;

export function mountGlossary(shell) {
  const note = shell.querySelector(".glossary");
  let shown = null;

  function show(term) {
    if (term === shown) return;
    shown?.removeAttribute("aria-describedby");
    shown = term;
    note.hidden = !term;
    if (!term) return;
    term.setAttribute("aria-describedby", note.id);
    note.textContent = term.dataset.about;
    const at = term.getBoundingClientRect();
    const { width, height } = note.getBoundingClientRect();
    const left = Math.max(GAP, Math.min(at.left, document.documentElement.clientWidth - width - GAP));
    const top = at.top - height - GAP < 0 ? at.bottom + GAP : at.top - height - GAP;
    note.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  const termOf = (event) => event.target.closest?.("dfn[data-about]") ?? null;
  document.addEventListener("pointerover", (event) => show(termOf(event)));
  document.addEventListener("focusin", (event) => show(termOf(event)));
  document.addEventListener("focusout", () => show(null));
  document.addEventListener("scroll", () => show(null), { capture: true, passive: true });
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(null));
}
