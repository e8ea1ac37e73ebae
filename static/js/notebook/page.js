// The whole page in a notebook: its store asks the kernel in the place of a server, and its state is the widget's.

import { start } from "../main.js";
import { Figure } from "../figures/sheet.js";
import { opened } from "../state/decode.js";
import { allFields, load } from "../state/registry.js";
import { nothingChosen, within } from "../state/state.js";
import { ask, askJson, connect, isLaidOut, tell } from "./bridge.js";

const REST_MS = 800; // after which what is seen is kept as a picture

/** The kernel as the store's server: a frame comes as bytes, all else as JSON. */
const kernel = new Proxy(
  { answersAll: true },
  {
    get: (own, name) =>
      own[name] ??
      (name === "frame"
        ? async (request) => opened(await ask("frame", request))
        : (request) => askJson(String(name), request)),
  },
);

/** Starts the page at an address. */
export async function begin(address) {
  history.replaceState = history.pushState = () => {}; // a frame without an address has none to change
  location.hash = address;
  await start(document.body, kernel);
  const { store, page } = window.cutaway;
  const { models, walk } = store.catalog;
  const fields = allFields(await load(walk));
  let timer;
  let parts = []; // of the state, those that the notebook has; none until it has said what it wants to see

  const say = () => {
    if (parts.length === 0) return;
    const { state } = store;
    tell({ ...Object.fromEntries(parts.map((name) => [name, state[name]])), link: page.link() });
    clearTimeout(timer);
    timer = setTimeout(() => keep().catch(() => {}), REST_MS); // what cannot be kept now is kept after the next change
  };

  /** Hands what is seen to the notebook, as a picture that stays when there is no kernel. */
  async function keep() {
    if (store.inFlight || store.error || !store.frame) return;
    const [whole] = page.parts();
    if (!isLaidOut(whole.node)) return;
    const { theme } = document.documentElement.dataset;
    const { text } = await new Figure(page, whole, whole.name, { theme, isCaptioned: true }).svg();
    tell({ picture: text });
  }

  for (const told of ["changed", "answered"]) {
    const before = store[told];
    store[told] = () => {
      before();
      say();
    };
  }
  connect(({ sampling, ...given }, names) => {
    const whole = { ...given, sampling: { ...store.state.sampling, ...sampling } };
    const others = Object.entries(whole).filter(
      ([name, value]) => JSON.stringify(store.state[name]) !== JSON.stringify(value),
    );
    parts = names;
    if (others.length === 0) return say();
    const patch = Object.fromEntries(others);
    const fresh = patch.model ? nothingChosen(fields) : {};
    const wanted = { ...store.state, ...fresh, ...patch, hover: null };
    store.set(within(wanted, models[wanted.model], fields));
  });
}
