// The keys of a lecture, those of a clicker among them. They are heard before anything on the page hears them; in the text
// box and in a dialog only what cannot be meant for these.

const KEYS = {
  ArrowRight: ["on"],
  PageDown: ["on"],
  " ": ["on"],
  ArrowLeft: ["back"],
  PageUp: ["back"],
  Home: ["first"],
  End: ["last"],
  ArrowDown: ["scroll", 1],
  ArrowUp: ["scroll", -1],
  t: ["text"],
  p: ["pin"],
  b: ["blank"],
  ".": ["blank"], // as some clickers have it
  c: ["colours"],
  o: ["order"],
  n: ["notes"],
  f: ["full"],
  "?": ["keys"],
  Escape: ["escape"],
};
const WHILE_WRITING = ["PageDown", "PageUp", "Escape"];

/**
 * What a press of a key asks for: the name of what it does and by how much; null for nothing.
 *
 * @param {{key: string, altKey: boolean, ctrlKey: boolean, metaKey: boolean}} event
 * @param {{isWriting: boolean, isAside: boolean}} where in the text box; in a dialog, which hears its own keys
 * @returns {[string, number?] | null}
 */
export function asked({ key, altKey, ctrlKey, metaKey }, { isWriting, isAside }) {
  if (altKey || ctrlKey || metaKey || isAside) return null;
  if (isWriting && !WHILE_WRITING.includes(key)) return null;
  return KEYS[key.length === 1 ? key.toLowerCase() : key] ?? null;
}

/** Has `does` hear them; gives a function that ends it. */
export function bindKeys(does) {
  const hear = (event) => {
    const isWriting = /** @type {Element} */ (event.target).matches?.("input, textarea, select") ?? false;
    const isAside = document.querySelector("dialog[open]") !== null;
    if (isAside) return event.stopImmediatePropagation(); // Escape closes it, and nothing else
    const found = event.isComposing ? null : asked(event, { isWriting, isAside });
    if (!found) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const [name, by] = found;
    does[name](by);
  };
  addEventListener("keydown", hear, { capture: true });
  return () => removeEventListener("keydown", hear, { capture: true });
}
