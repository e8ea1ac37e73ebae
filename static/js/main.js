// The start of the page: the store, the parts around the exhibits, the open exhibit, and the one place where they are
// painted: each part brings its own nodes and canvases up to date. Changes are gathered until the next animation frame;
// an answer is drawn at once, since the browser has to wait for that frame anyway.

import { instead } from "./page/absent.js";
import { mountAnswer } from "./page/answer.js";
import { mountAway } from "./page/away.js";
import { mountBar } from "./page/bar.js";
import { beside } from "./page/beside.js";
import { mountCard } from "./page/card.js";
import { mountChanged } from "./page/changed.js";
import { nameWholes } from "./page/chips.js";
import { mountEmbed } from "./page/embed.js";
import { mountExamples } from "./page/examples.js";
import { mountGuide } from "./page/guide.js";
import { mountNext } from "./page/next.js";
import { mountGlossary } from "./page/glossary.js";
import { mountPicker } from "./page/picker.js";
import { onTheme, themeOf } from "./page/theme.js";
import { isNotes, mountLecture } from "./page/lecture.js";
import { mountPin } from "./page/pin.js";
import { mountTake, remembering } from "./page/take.js";
import { mountRibbon } from "./page/ribbon.js";
import { reached } from "./state/server.js";
import { followOutside } from "./page/sharing.js";
import { pauseAfter } from "./state/asking.js";
import { Store } from "./state/store.js";
import { allFields, load, mountOf } from "./state/registry.js";
import { addressOfAway, awayIn, shownOf } from "./state/away.js";
import { faultsOf } from "./state/link_faults.js";
import { fromAddress, initial, toAddress, unsaid, within } from "./state/state.js";
import { setAttribute } from "./dom.js";
import { onResize } from "./page/canvas.js";
import { facesLoaded, onFace } from "./page/faces.js";
import { announce } from "./page/announce.js";
import { whenPrinted } from "./page/print.js";
import { mountTermKeys } from "./page/termkeys.js";
import { onceRendered, paced } from "./state/pace.js";
import { NOT_LOADED } from "./page/words.js";
import { applySetting, ask } from "./state/settings.js";

const ADDRESSES = { most: 20, aSecond: 2.5 }; // browsers allow some 100 changes of the address in 30 seconds

/** The exhibits' roots by name, as soon as their hosts are all in the page. */
async function roots(walk) {
  const found = () => walk.map((name) => document.querySelector(`[data-exhibit="${name}"]`));
  while (found().some((root) => root === null)) await new Promise(requestAnimationFrame);
  return Object.fromEntries(found().map((root) => [root.dataset.exhibit, root]));
}

/** The exhibit that a link of the walk leads to. */
const leadsTo = (link) => link.getAttribute("href").replace("#exhibit=", "");

/** Called once by the shell's host with its element and Gradio's server functions. */
export async function start(host, server) {
  const shell = host.querySelector(".shell");
  if (isNotes(shell)) return;
  const catalog = JSON.parse(shell.dataset.catalog);
  const { walk, models } = catalog;
  const [exhibits, exhibitRoots] = await Promise.all([load(walk), roots(walk)]);
  const fields = allFields(exhibits);
  const addressOf = (state) => toAddress(state, exhibits[state.exhibit]);
  const answers = new Map();
  const store = new Store(
    remembering(reached(server), answers),
    catalog,
    initial(catalog.default, fields),
    { changed, answered, open, address },
    exhibits,
  );
  let shown = store.state; // what was shown of the last link
  store.state = addressed();

  const [ribbon, next, pinned] = [".ribbon", ".next", ".pinned"].map((part) => shell.querySelector(part));
  let ready = false; // the faces are there
  let turn = null; // the animation frame in which changes will be drawn
  let [painted, isPrinted] = [0, false]; // the last frame, and whether it is on paper, which is light
  let written = store.state.text; // the text in the address
  const follow = paced(() => store.inFlight || remember(), ADDRESSES);
  const afterwards = onceRendered(() => {
    if (store.inFlight) return; // no picture waits for it, not even one that is on its way
    take.draw(store);
    follow();
  });

  /** The state that a link asks for, in a model that is there. */
  function addressed(link = location.hash) {
    const there = { models, exhibits: walk, fields };
    const said = fromAddress(link, there);
    store.away = awayIn(link, models);
    const left = unsaid(exhibits[said.exhibit ?? store.state.exhibit]);
    const state = { ...store.state, ...left, ...(store.away ? shownOf(said) : said) };
    store.amiss = { said: faultsOf(link, there), text: state.text, exhibit: state.exhibit };
    shown = within(state, models[state.model], fields);
    return shown;
  }

  /** The link's model has come, or another one was chosen. */
  function settleAway() {
    const { away, state } = store;
    if (away && models[away.model]) store.set({ ...addressed(address()), hover: null });
    else if (away && state.model !== shown.model) store.away = null;
  }

  /** On a narrow screen the rail lies down and scrolls, on a low one its stops do: the open one comes into the middle. */
  function bringIntoRail() {
    const [rail, stops] = [".rail", ".stops"].map((part) => shell.querySelector(part));
    const stop = rail.querySelector("[aria-current]").parentElement;
    rail.scrollLeft = stop.offsetLeft - (rail.clientWidth - stop.offsetWidth) / 2;
    stops.scrollTop = stop.offsetTop - (stops.clientHeight - stop.offsetHeight) / 2;
  }

  function changed() {
    if (ready) turn ??= requestAnimationFrame(paint);
  }

  function answered() {
    if (store.frame) nameWholes(store.frame.tokens);
    if (ready) setTimeout(paint); // a task of its own: a text that waits is asked for first
  }

  function paint() {
    cancelAnimationFrame(turn);
    turn = null;
    settleAway();
    const { state } = store;
    const frame = pictures[state.exhibit] ? store.frame : null; // else its script is on its way
    const { family, positions, traits } = catalog.models[state.model];
    const told = { theme: themeOf(state.theme, isPrinted), family, positions, traits: traits.join(" ") };
    for (const [name, value] of Object.entries(told)) setAttribute(document.documentElement, `data-${name}`, value);
    const opens = exhibitRoots[state.exhibit].hidden;
    if (opens) show(state.exhibit);
    mounts[state.exhibit] ??= mount(state.exhibit);
    for (const link of shell.querySelectorAll(".rail a")) {
      setAttribute(link, "aria-current", leadsTo(link) === state.exhibit ? "page" : null);
    }
    if (opens) bringIntoRail();
    for (const part of parts) part.draw(store);
    if (frame) drawExhibit(frame);
    guide.draw(store);
    embed?.draw(store);
    lecture.draw();
    if (frame && frame.seq !== painted) {
      painted = frame.seq;
      window.cutaway.lastFrame = frame;
      document.documentElement.dataset.frameText = frame.text;
      requestAnimationFrame(() => {
        performance.mark("cutaway:painted", { detail: frame.seq }); // the frame that shows it
        setTimeout(mountAll);
      });
      announce(shell.querySelector(".live"), frame, catalog.models[frame.model]);
    }
    afterwards();
    if (store.error) mountAll(); // there may be no picture for long
  }

  /** Brings an exhibit to life, once its script is there; where it did not come, the open one's is asked for again. */
  async function mount(name, times = 1) {
    try {
      pictures[name] = (await mountOf(name, times))(exhibitRoots[name], store);
    } catch (error) {
      console.error(error);
      instead(exhibitRoots[name], NOT_LOADED);
      if (name === store.state.exhibit) setTimeout(() => mount(name, times + 1), pauseAfter(times));
      else delete mounts[name]; // when it is next needed
    }
    changed();
  }

  /** Brings the others to life, which are not seen yet: behind the first picture. */
  function mountAll() {
    for (const name of walk) mounts[name] ??= mount(name);
  }

  /** Draws the open exhibit, or says in its place why it does not apply to the model. */
  function drawExhibit(frame) {
    const root = exhibitRoots[store.state.exhibit];
    const absent = frame.exhibit === store.state.exhibit ? frame.absent : null;
    instead(root, absent);
    placeNext(); // a picture may be drawn up to it
    if (absent === null) pictures[store.state.exhibit].draw(store);
    placeNext(); // and may hide the part that it stood in
  }

  /**
   * Where the column of predictions does not stand beside the exhibit, it stands below its picture: the exhibit says where
   * that ends.
   */
  function placeNext() {
    const root = exhibitRoots[store.state.exhibit];
    const below = beside.matches ? null : root.querySelector(".next-place");
    const place = below && !below.closest("[hidden]") ? below : shell;
    if (next.parentNode !== place) place.append(next);
  }

  /** Shows an exhibit and hides the others. Ribbon and pin move along, each to where the exhibit has its place for it. */
  function show(exhibit) {
    for (const [name, root] of Object.entries(exhibitRoots)) root.hidden = name !== exhibit;
    document.title = `${exhibitRoots[exhibit].querySelector("h1").textContent} · Cutaway`;
    ribbon.hidden = !exhibits[exhibit].ribbon;
    exhibitRoots[exhibit].querySelector(".lead").after(ribbon);
    (exhibitRoots[exhibit].querySelector(".pin-place") ?? next).append(pinned);
  }

  function address() {
    return store.away ? addressOfAway(store.away, shown, store.state) : `#${addressOf(store.state)}`;
  }

  /** Brings the focus to the title of the open exhibit, from where Tab goes on into it. */
  function focusExhibit() {
    if (exhibitRoots[store.state.exhibit].hidden) paint(); // it was chosen in this very moment
    const title = exhibitRoots[store.state.exhibit].querySelector("h1");
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }

  function remember() {
    written = store.state.text;
    const fragment = address();
    if (fragment === location.hash) return;
    history.replaceState(history.state, "", fragment);
    followOutside(fragment);
  }

  /** Opens an exhibit; the browser's Back leads to the one before. */
  function open(exhibit) {
    if (exhibit === store.state.exhibit) return;
    remember();
    store.set({ exhibit, hover: null });
    history.pushState(null, "", address());
    scrollTo({ top: 0 });
  }

  mountGlossary(shell);
  mountTermKeys();
  const picker = mountPicker(shell, store);
  const parts = [
    mountRibbon(ribbon, store),
    picker,
    mountAway(shell, store, picker),
    ...[mountBar, mountAnswer, mountExamples, mountCard, mountChanged, mountNext, mountPin].map((part) =>
      part(shell, store),
    ),
  ];
  const guide = mountGuide(shell, exhibitRoots, store);
  /** @type {Record<string, {draw(store: Store): void}>} */
  const pictures = {}; // of the exhibits that are mounted
  /** @type {Record<string, Promise<void>>} */
  const mounts = {};
  const embed = mountEmbed(exhibitRoots);
  const redraw = () => pictures[store.state.exhibit].draw(store);
  const take = mountTake(shell, exhibitRoots, store, redraw, answers);

  for (const root of [shell, ...Object.values(exhibitRoots)]) {
    root.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#exhibit="]');
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      open(leadsTo(link));
      if (event.detail === 0) focusExhibit(); // a press of a key: what was chosen is read next
    });
  }
  shell.querySelector(".skip").addEventListener("click", focusExhibit);
  for (const root of Object.values(exhibitRoots)) {
    root.addEventListener("click", (event) => {
      const attempt = event.target.closest(".try");
      if (!attempt) return;
      applySetting(store, attempt.dataset.setting);
      scrollTo({ top: 0 }); // the picture stands above what was pressed
    });
  }
  const followAddress = () => {
    if (location.hash === address()) return;
    const kept = store.state.text === written ? {} : { text: store.state.text }; // typed just now, and in no address yet
    goTo(location.hash, kept);
  };
  const goTo = (link, kept = {}) => {
    guide.leave();
    store.set({ ...addressed(link), ...kept, hover: null });
  };
  addEventListener("popstate", followAddress);
  onTheme(changed);
  beside.addEventListener("change", changed);
  whenPrinted((is) => {
    isPrinted = is;
    if (ready) paint();
    return exhibitRoots[store.state.exhibit];
  });
  onResize(changed);
  onFace(changed);

  window.cutaway = { store, lastFrame: null, page: { ...take.page, ...guide.page } };
  const lecture = mountLecture(shell, { ...window.cutaway.page, roots: exhibitRoots, open, follow: goTo });
  if (!/\b(layer|head)=/.test(location.hash)) ask(store, "decided", null);
  store.refresh();
  mounts[store.state.exhibit] = mount(store.state.exhibit);
  await Promise.all([facesLoaded(), mounts[store.state.exhibit]]);
  ready = true;
  changed();
}
