// Which vocabularies are there: asks for those that are not, again and again while one is on its way, and lets a person
// add others by their name on the hub.

import { setText } from "../../dom.js";
import { ADDING } from "./words.js";

const AGAIN_MS = 180;
const PAUSE_MS = 2500; // after the server could not answer
export const MOST = 4;

/** The names in the state's `rulers`. */
export const namesIn = (rulers) => [
  ...new Set(
    rulers
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function mountShelf(form, store) {
  const [input, said] = [form.querySelector("input"), form.querySelector(".said")];
  const shelf = { cards: {}, languages: [], version: 0 };
  let of = null;
  let asking = false;

  const without = (name) => namesIn(store.state.rulers).filter((other) => other !== name);
  const remove = (name) => {
    const chosen = store.state.tokenizer === name ? { tokenizer: "" } : {};
    store.set({ rulers: without(name).join(","), ...chosen });
  };
  const add = (name) => {
    const names = without(name);
    if (!name) setText(said, ADDING.unnamed);
    else if (names.length >= MOST) setText(said, ADDING.tooMany(MOST));
    else if (store.frame.ruler?.rows.some((row) => row.name === name)) setText(said, ADDING.there(name));
    else {
      setText(said, ADDING.looking(name));
      store.set({ rulers: [...names, name].join(",") });
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add(input.value.trim());
  });
  form.addEventListener("click", (event) => {
    const { name } = event.target.closest("[data-name]")?.dataset ?? {};
    if (!name) return;
    input.value = name;
    add(name);
  });

  async function ask() {
    asking = true;
    const { model } = store.state;
    try {
      for (;;) {
        const { cards, languages, loading, failed } = await store.call("vocabularies", { rulers: store.state.rulers });
        Object.assign(shelf, { languages, version: shelf.version + 1 });
        Object.assign(shelf.cards, cards);
        of = model;
        for (const [name, reason] of Object.entries(failed)) {
          remove(name);
          setText(said, reason);
        }
        const arrived = namesIn(store.state.rulers).filter((name) => cards[name]);
        if (arrived.some((name) => said.textContent.includes(name))) setText(said, "");
        store.set({ shelved: Object.keys(cards).length });
        if (!loading.length) break;
        await pause(AGAIN_MS);
      }
    } catch {
      await pause(PAUSE_MS); // the bar says what is wrong with the next key
    }
    asking = false;
    store.changed();
  }

  /** Asks, if something that the rows need is not there. */
  function draw({ state, frame }) {
    const missing = frame.ruler.rows.some((row) => !row.ready || !shelf.cards[row.name]);
    if (!asking && (missing || of !== state.model)) ask();
  }

  return { draw, shelf, remove };
}
