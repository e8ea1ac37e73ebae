// The card of the model on the page, one click away: a bundled model's in a dialog, one of the hub's on the hub.

import { setAttribute, setText } from "../dom.js";
import { CARD, cardOf } from "./words.js";

const HUB = "https://huggingface.co";

export function mountCard(shell, store) {
  const find = (selector) => shell.querySelector(selector);
  const [button, link, dialog, text] = [".models button.card", ".models a.card", ".card-large", ".card-text"].map(find);
  let shown = null; // the model whose card is in the dialog

  button.addEventListener("click", async () => {
    const { model } = store.state;
    if (model !== shown) setText(text, CARD.coming);
    dialog.showModal();
    if (model === shown) return;
    try {
      const { markup } = await store.call("card", { model });
      if (model !== store.state.model) return;
      text.innerHTML = markup; // the project's own words, made on the server without any HTML of theirs
      text.scrollTop = 0;
      shown = model;
    } catch (error) {
      setText(text, error.message);
    }
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());

  function draw({ state }) {
    const isOfHub = state.model.includes("/");
    button.hidden = isOfHub;
    link.hidden = !isOfHub;
    setAttribute(link, "href", isOfHub ? `${HUB}/${state.model}` : null);
    for (const node of [button, link]) setAttribute(node, "aria-label", cardOf(state.model));
  }

  return { draw };
}
