// Small hands for the DOM. Text from the model or the user enters the page through `textContent` only, so that a tag in
// it stays text. On a keystroke nothing is rebuilt: `pool` keeps nodes and hides those not needed.

/** Sets the text of a node, if it differs: an equal write would still cost a layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets or, with null, removes an attribute, if it differs. */
export function setAttribute(node, name, value) {
  if (value === null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value);
  }
}

/** An element with a class and children. */
export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/**
 * A growing row of like children: `take(n)` shows the first n, makes those that are missing and hides the others.
 * `make(index)` builds one.
 */
export function pool(parent, make) {
  const nodes = [];
  let shown = 0;
  return function take(count) {
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

/** Fills a track's bar to a share of its length, and puts its tick at another, or hides it for null. */
export function fillTrack({ firstChild: bar, lastChild: tick }, share, former) {
  bar.style.transform = `scaleX(${share.toFixed(4)})`;
  setAttribute(tick, "hidden", former === null ? "" : null);
  if (former !== null) tick.style.left = `${(100 * former).toFixed(2)}%`;
}

/** Makes a group of role=radio buttons one tab stop with arrow keys; `columns` > 1 makes it a grid. */
export function radios(group, choose, columns = () => 1) {
  const buttons = () => [...group.querySelectorAll('[role="radio"]:not([hidden])')];
  group.addEventListener("click", (event) => {
    const button = event.target.closest('[role="radio"]');
    if (button) choose(button);
  });
  group.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
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
  return function mark(isChosen) {
    for (const button of buttons()) {
      const chosen = isChosen(button);
      setAttribute(button, "aria-checked", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
  };
}
