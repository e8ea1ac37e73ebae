// Small hands for the DOM. Text from the model or the user enters the page through `textContent` only, so that a tag in
// it stays text. On a keystroke nothing is rebuilt: `pool` keeps nodes and hides those not needed.

/**
 * Sets the text of a node, if it differs: an equal write would still cost a layout. A text that is there already is changed
 * in its place: to take it away and put another there, the browser would find the styles of both anew.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  const only = node.firstChild;
  if (only instanceof Text && !only.nextSibling) {
    if (only.data !== text) only.data = text;
  } else if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets or, with null, removes an attribute, if it differs.
 *
 * @param {Element} node
 * @param {string} name
 * @param {string | number | boolean | null} value
 */
export function setAttribute(node, name, value) {
  if (value === null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, String(value));
  }
}

/**
 * An element with a class and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag] & OfElements}
 */
export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return /** @type {HTMLElementTagNameMap[Tag] & OfElements} */ (node);
}

/**
 * Where a node stands, in the page's own pixels: on a large screen the page is enlarged (css/gradio.css), and the browser
 * measures what it has become.
 *
 * @param {Element} node
 */
export function boxOf(node) {
  const zoom = zoomOf(node);
  const { left, top, right, bottom, width, height } = node.getBoundingClientRect();
  const own = (/** @type {number} */ length) => length / zoom;
  const [x, y] = [own(left), own(top)];
  return { left: x, top: y, right: own(right), bottom: own(bottom), width: own(width), height: own(height) };
}

/**
 * By how much a node is enlarged; 1 in a browser that does not say.
 *
 * @param {Element} node
 * @returns {number}
 */
export function zoomOf(node) {
  return /** @type {any} */ (node).currentCSSZoom ?? 1;
}

/**
 * A growing row of like children: `take(n)` shows the first n, makes those that are missing and hides the others.
 * `make(index)` builds one.
 *
 * @template {HTMLElement} Made
 * @param {Element} parent
 * @param {(index: number) => Made} make
 */
export function pool(parent, make) {
  /** @type {Made[]} */
  const nodes = [];
  let shown = 0;
  return function take(/** @type {number} */ count) {
    for (let i = count; i < shown; i++) nodes[i].hidden = true;
    for (let i = shown; i < Math.min(count, nodes.length); i++) nodes[i].hidden = false;
    while (nodes.length < count) {
      const node = make(nodes.length);
      parent.append(node);
      nodes.push(node);
    }
    shown = count;
    return nodes;
  };
}

/**
 * Fills a track's bar to a share of its length, and outlines another, what was before, or none for null.
 *
 * @param {Element} track
 * @param {number} share
 * @param {number | null} former
 */
export function fillTrack(track, share, former) {
  const [bar, outline] = /** @type {HTMLElement[]} */ ([track.firstElementChild, track.lastElementChild]);
  bar.style.transform = `scaleX(${share.toFixed(4)})`;
  setAttribute(outline, "hidden", former === null ? "" : null);
  if (former !== null) outline.style.width = `${(100 * former).toFixed(2)}%`;
}

/**
 * Makes a group of role=radio buttons one tab stop with arrow keys; `columns` > 1 makes it a grid.
 *
 * @param {HTMLElement} group
 * @param {(button: HTMLElement) => void} choose
 */
export function radios(group, choose, columns = () => 1) {
  /** @returns {HTMLElement[]} */
  const buttons = () =>
    [...group.querySelectorAll('[role="radio"]:not([hidden])')].map((node) => /** @type {HTMLElement} */ (node));
  group.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest('[role="radio"]');
    if (button) choose(/** @type {HTMLElement} */ (button));
  });
  group.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const row = columns();
    const wide = row === 1 ? 1 : row;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: wide, ArrowUp: -wide }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    const to = all[at + step];
    if (!to) return;
    to.focus();
    choose(to);
  });
  return function mark(/** @type {(button: HTMLElement) => boolean} */ isChosen) {
    for (const button of buttons()) {
      const chosen = isChosen(button);
      setAttribute(button, "aria-checked", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
  };
}
