// The order of a lecture, put together on the page: a dialog with its items and their notes. It is kept in this browser, and
// travels in a link or a file; one that comes from there never wipes out the one that was here.

import { element, setAttribute, setText } from "../dom.js";
import { MOST, moved, pack, read, unpack, write } from "./order.js";
import { partsOf } from "./course.js";
import { CLOSE, ORDER, itemSaid } from "./words.js";

const [KEPT, FORMER] = ["cutaway-order", "cutaway-order-before"]; // in the browser's own storage

/** What the browser has kept under a name: an order's items, none where it has none. */
function kept(name) {
  try {
    return read(localStorage.getItem(name) ?? "");
  } catch {
    return [];
  }
}

function keep(name, items) {
  try {
    localStorage.setItem(name, write(items));
  } catch {} // a page in a frame may have no storage; the order lives as long as the page
}

const button = (words, press, className = "") => {
  const node = Object.assign(element("button", className, words), { type: "button" });
  node.addEventListener("click", press);
  return node;
};

/**
 * `go(at)` shows an item; `start()` begins the lecture, or goes on with it.
 *
 * @param {any} page that of index.js
 * @param {{start: () => void, go: (at: number) => void, isRunning: () => boolean}} how
 */
export function mountOrder(page, { start, go, isRunning }) {
  let items = kept(KEPT);
  const list = element("ol", "order-items");
  const lead = element("p", "order-lead");
  const status = Object.assign(element("p", "order-status"), { role: "status" });
  const file = Object.assign(element("input"), { type: "file", accept: ".json,application/json", hidden: true });
  setAttribute(file, "aria-label", ORDER.open);
  const former = button(ORDER.former, () => take(kept(FORMER)));
  const begin = button("", start, "on");
  const title = element("h2", "", ORDER.title);
  const foot = element(
    "div",
    "order-foot",
    begin,
    button(ORDER.add, () => add([page.fragment()])),
    button(ORDER.addSteps, () => add(page.steps().map((_, step) => page.fragment(step)))),
    button(ORDER.link, copyLink),
    button(ORDER.save, save),
    button(ORDER.open, () => file.click()),
    former,
    button(CLOSE, () => dialog.close(), "plain"),
  );
  const dialog = element("dialog", "order", title, lead, list, status, foot, file);
  setAttribute(dialog, "aria-label", ORDER.title);
  page.shell.append(dialog);

  function set(next) {
    items = next;
    keep(KEPT, items);
    draw();
  }

  /** Takes an order from elsewhere; the one that was here is kept, to go back to. */
  function take(next) {
    if (items.length && write(items) !== write(next)) keep(FORMER, items);
    set(next);
    setText(status, ORDER.opened(next.length));
  }

  function add(links) {
    if (items.length + links.length > MOST.items) return setText(status, ORDER.full(MOST.items));
    if (links.some((link) => link.length > MOST.link)) return setText(status, ORDER.long(MOST.link));
    set([...items, ...links.map((link) => ({ link, note: "" }))]);
    setText(status, ORDER.added(links.length));
    list.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  async function copyLink() {
    const link = await orderLink();
    const said = await page.copy(link).then(
      () => ORDER.copied,
      () => ORDER.refused(link),
    );
    setText(status, said);
  }

  async function orderLink() {
    return `${location.origin}${location.pathname}?view=lecture#order=${await pack(items)}`;
  }

  function save() {
    const url = URL.createObjectURL(new Blob([write(items)], { type: "application/json" }));
    Object.assign(element("a"), { href: url, download: ORDER.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    try {
      take(read(await chosen.slice(0, MOST.bytes).text()));
    } catch (error) {
      setText(status, error.message);
    }
  });

  function row({ link, note }, at) {
    const { exhibit, ...parts } = partsOf(link);
    const words = itemSaid({ stop: page.nameOf(exhibit), ...parts });
    const shows = button(words, () => go(at), "plain order-shows");
    const text = Object.assign(element("textarea"), { value: note, rows: 1, maxLength: MOST.note });
    Object.assign(text, { placeholder: ORDER.placeholder });
    setAttribute(text, "aria-label", ORDER.note(at + 1));
    text.addEventListener("change", () => {
      set(items.map((item, index) => (index === at ? { ...item, note: text.value } : item)));
    });
    const by = (words, change, isIdle) => {
      const node = button(words, () => set(change()));
      setAttribute(node, "aria-label", `${words}: ${at + 1}`);
      node.disabled = isIdle;
      return node;
    };
    return element(
      "li",
      "",
      shows,
      by(ORDER.up, () => moved(items, at, -1), at === 0),
      by(ORDER.down, () => moved(items, at, 1), at === items.length - 1),
      by(ORDER.remove, () => items.filter((_, index) => index !== at), false),
      text,
    );
  }

  function draw() {
    list.replaceChildren(...items.map(row));
    setText(lead, items.length ? ORDER.lead : ORDER.empty);
    former.hidden = !kept(FORMER).length;
    setText(begin, isRunning() ? ORDER.resume : ORDER.start);
  }

  return {
    get items() {
      return items;
    },
    /** @param {number | null} at the item that is shown now */
    show(at = null) {
      draw();
      setText(status, "");
      if (at !== null) setAttribute(list.children[at] ?? list, "aria-current", "step");
      dialog.showModal();
      list.children[at]?.scrollIntoView({ block: "center" });
    },
    close: () => dialog.close(),
    /** Takes the order of the link that opened the page; gives what is wrong with it, or null. */
    async unpack(packed) {
      try {
        take(await unpack(packed));
        return null;
      } catch (error) {
        return error.message;
      }
    },
  };
}
