// How large what is on a slide may be, and how much of it is there. What has room is enlarged. What does not fit is laid out
// narrower, since a matrix is as high as it is wide; several parts are laid side by side; then it is laid out tight, without
// what can be spared, and of a long list fewer rows are left; at last less of the picture is shown.
//
// What a drawing or a sheet may ask:  :root[data-tight]    the slide is laid out tight
//                                     :root[data-beside]   its parts stand side by side
// What markup may say of itself:      data-spare           a tight slide does without it
//                                     data-rows            rows.js

import { hasScrollers, reach, scrolled, shortened } from "./extent.js";
import { fewer, restore } from "./rows.js";

const WIDTH = 920; // px of the slide
const NARROWER = [820, 720, 640, 560, 480, 420, 360, 300, 260]; // the first that fits
const HELPS = [820, 360]; // at which it is seen whether any of these does: text is higher where it is narrow
const RATIOS = [1.3, 1, 1.8, 0.65]; // of parts side by side: how much wider the second is
const [LARGER, LARGEST] = [1.1, 1.7]; // by how much it is enlarged that has room: at least, at most
const MUCH_LARGER = [1.6, 1.3, 1.15]; // what is wide and low is laid out narrower, and so larger
const SNUG = 0.94; // of the width: what is wider stands in the middle as it is
const FRAMES = 3; // until a drawing has the width that it was given

const { documentElement: html } = document;

/** @typedef {{scope: number, width: number, by: number, ratio: number | null, isTight: boolean, isShort: boolean}} Layout */

/** How it is laid out; by is by how much it is enlarged. */
function apply({ width, ratio, by, isTight }) {
  html.style.setProperty("--slide-part", `${Math.round(width)}px`);
  html.style.setProperty("--slide-by", by.toFixed(3));
  html.style.setProperty("--slide-ratio", `${ratio ?? 1}fr`);
  html.toggleAttribute("data-beside", ratio !== null);
  html.toggleAttribute("data-tight", isTight);
}

async function drawn() {
  for (let frame = 0; frame < FRAMES; frame++) await new Promise(requestAnimationFrame);
}

/** How much of the picture there is no place for, in px; a line that goes on to the right is the worse. */
function left(picture) {
  const { clientWidth, clientHeight } = picture.parentElement;
  const by = Number(html.style.getPropertyValue("--slide-by"));
  const over = (/** @type {number} */ is, /** @type {number} */ room) => Math.max(0, is - room / by - 1);
  return over(picture.scrollHeight, clientHeight) + 4 * over(picture.scrollWidth, clientWidth);
}

/**
 * Gives `fit(picture, key, scopes, nodes)`, which resolves to whether no newer one came between; `key` says what the layout
 * hangs on, each of `scopes` shows a part of the picture, the next one less than the one before, and `nodes` are what the
 * first one shows: as long as these are the same, their layout stays if it can.
 */
export function mountFit(redraw) {
  /** @type {Map<string, Layout>} */
  const known = new Map();
  let turn = 0;
  let drawnAs = ""; // of what is drawn
  /** @type {Layout | null} */
  let tried = null; // the last one of a search
  /** @type {{nodes: Set<Element>, layout: Layout} | null} */
  let before = null;
  let spilt = 0; // px of what it shows that were not seen when it was laid out

  const spills = (picture) => left(picture) + scrolled(picture);

  /** @param {Layout} layout */
  async function tryOut(picture, scopes, layout) {
    restore(picture);
    scopes[layout.scope]();
    apply(layout);
    tried = layout;
    const as = `${layout.by} ${layout.isTight} ${layout.scope}`;
    if (as !== drawnAs) redraw(); // in other pixels; another width is seen without being told
    drawnAs = as;
    await drawn();
    if (layout.isShort) fewer(picture, () => left(picture));
  }

  /** The first layout in which there is a place for all, or the one that has for most; any where a newer came between. */
  async function search(picture, scopes, nodes, mine) {
    /** @type {Layout} */
    let best = { scope: 0, width: WIDTH, by: 1, ratio: null, isTight: false, isShort: false };
    let least = Infinity;

    /** How much is left over in a layout. */
    async function over(/** @type {Layout} */ layout) {
      if (mine === turn) await tryOut(picture, scopes, layout);
      if (mine !== turn) return 0;
      const much = left(picture);
      if (much < least) [best, least] = [layout, much];
      return much;
    }

    /** What is not seen though all has its place: texts cut short, and px to scroll to within parts. */
    const unseen = () => ({ short: shortened(picture), scrolls: scrolled(picture) });

    /** Whether all has a place in a layout, and no more is unseen than before. */
    const holds = async (/** @type {Layout} */ layout, /** @type {ReturnType<typeof unseen>} */ { short, scrolls }) =>
      (await over(layout)) === 0 && shortened(picture) <= short && scrolled(picture) <= scrolls;

    /** A layout as wide as what it shows, so that this stands in the middle, if it is then no higher. */
    async function snug(/** @type {Layout} */ layout) {
      const [before, { width, height }] = [unseen(), reach(picture)];
      if (width > SNUG * layout.width) return layout;
      const narrow = { ...layout, width: width + 1 };
      return (await holds(narrow, before)) && reach(picture).height < height + 1 ? narrow : layout;
    }

    /** The layout with what has room made larger, if it then still fits. */
    async function enlarged(/** @type {Layout} */ layout) {
      const before = unseen();
      const { width, height } = reach(picture);
      const { clientWidth, clientHeight } = picture.parentElement;
      const by = Math.min(LARGEST, clientWidth / width, clientHeight / height);
      if (by < LARGER) return snug(layout);
      const larger = { ...layout, by, width: Math.min(clientWidth / by, width + 1) };
      return (await holds(larger, before)) ? larger : layout;
    }

    /** The first arrangement of a scope, tight or not, that fits. */
    async function arranged(/** @type {Layout} */ whole) {
      /** What fits, made much larger, or else as much as there is room. */
      async function grown(/** @type {Layout} */ layout) {
        const before = unseen();
        for (const by of MUCH_LARGER) {
          const larger = { ...layout, width: WIDTH / by, by };
          if (await holds(larger, before)) return snug(larger);
        }
        return null;
      }

      const much = await over(whole);
      const larger = much === 0 ? await grown(whole) : null;
      if (larger) return larger;
      const isSeveral = picture.querySelector("[data-several]") !== null || picture.hasAttribute("data-several");
      for (const ratio of isSeveral ? RATIOS : []) {
        const beside = { ...whole, ratio };
        if ((await over(beside)) !== 0) continue;
        const large = await grown(beside);
        if (large) return large;
        await over(beside);
        return enlarged(beside);
      }
      if (much === 0) return (await over(whole)) === 0 ? enlarged(whole) : null;
      let isLowered = false;
      for (const width of HELPS) isLowered ||= (await over({ ...whole, width })) < much;
      for (const width of isLowered ? NARROWER : []) {
        const narrow = { ...whole, width };
        if ((await over(narrow)) === 0) return enlarged(narrow);
      }
      return null;
    }

    /** How far parts scroll within themselves in a layout. */
    async function within(/** @type {Layout} */ layout) {
      if (!hasScrollers(picture)) return 0;
      await over(layout);
      return scrolled(picture);
    }

    const isSame = before && before.nodes.size === nodes.size && before.nodes.isSubsetOf(nodes);
    if (isSame && scopes[before.layout.scope] && (await over(before.layout)) === 0) {
      if (before.layout.isTight || scrolled(picture) === 0) return before.layout;
    }
    for (const scope of scopes.keys()) {
      /** @type {{layout: Layout, scrolls: number} | null} */
      let roomy = null; // all has a place, but some of it only where it is scrolled to
      for (const isTight of [false, true]) {
        const whole = { scope, width: WIDTH, by: 1, ratio: null, isTight, isShort: false };
        const found = await arranged(whole);
        const scrolls = found ? await within(found) : Infinity;
        if (roomy && scrolls >= roomy.scrolls) return roomy.layout;
        if (found && (isTight || scrolls === 0)) return found;
        if (found) roomy = { layout: found, scrolls };
        if (found || !isTight || !picture.querySelector("[data-shown] [data-rows]")) continue;
        const short = { ...whole, isShort: true };
        if ((await over(short)) === 0) return short;
      }
    }
    return best;
  }

  return {
    async fit(picture, key, /** @type {(() => void)[]} */ scopes, /** @type {Set<Element>} */ nodes) {
      const mine = ++turn;
      const found = known.get(key) ?? (await search(picture, scopes, nodes, mine));
      if (mine !== turn) return false;
      if (tried !== found) {
        drawnAs = "";
        await tryOut(picture, scopes, found);
      }
      tried = null;
      known.set(key, found);
      before = { nodes, layout: found };
      spilt = spills(picture);
      return mine === turn;
    },
    /** Whether what is shown has grown past its place since it was laid out; then its layout is known no longer. */
    hasOutgrown(picture, key) {
      const has = spills(picture) > spilt + 1;
      if (has) {
        known.delete(key);
        before = null;
      }
      return has;
    },
    stop: () => turn++,
  };
}
