// How large what is on a slide may be. What does not fit is laid out narrower, since a matrix is as high as it is wide, and
// several parts are laid side by side; what has room is enlarged.

const WIDTHS = [920, 820, 720, 640, 560, 480, 420, 360]; // px of the slide, the first that fits
const [LARGER, LARGEST] = [1.1, 1.7]; // by how much it is enlarged that has room: at least, at most
const MUCH_LARGER = [1.6, 1.3]; // what is wide and low is laid out narrower, and so larger
const FRAMES = 3; // until a drawing has the width that it was given

const { documentElement: html } = document;

/** How it is laid out; by is by how much it is enlarged. */
function apply({ width, isBeside, by }) {
  html.style.setProperty("--slide-part", `${Math.round(width)}px`);
  html.style.setProperty("--slide-by", by.toFixed(3));
  html.toggleAttribute("data-beside", isBeside);
}

async function drawn() {
  for (let frame = 0; frame < FRAMES; frame++) await new Promise(requestAnimationFrame);
}

/** How far what is shown reaches to the right and down from the picture's corner, in px of the picture. */
function reach(picture) {
  const zoom = picture.currentCSSZoom ?? 1;
  const { left, top } = picture.getBoundingClientRect();
  const all = [...picture.querySelectorAll("[data-shown], [data-shown] *")].filter((node) => node.checkVisibility());
  const boxes = all.map((node) => node.getBoundingClientRect()).filter(({ width, height }) => width > 1 && height > 1);
  return {
    width: (Math.max(...boxes.map(({ right }) => right)) - left) / zoom,
    height: (Math.max(...boxes.map(({ bottom }) => bottom)) - top) / zoom,
  };
}

/** Gives `fit(picture, key)`, which resolves to whether no newer one came between; `key` says what the layout hangs on. */
export function mountFit(redraw) {
  /** @type {Map<string, {width: number, isBeside: boolean, by: number}>} */
  const known = new Map();
  let turn = 0;
  let by = 0; // of what is drawn

  async function tryOut(layout) {
    apply(layout);
    if (layout.by !== by) redraw(); // in other pixels; another width is seen without being told
    by = layout.by;
    await drawn();
  }

  /** How much of the picture there is no place for, in px; a line that goes on to the right is the worse. */
  function left(picture) {
    const [{ clientWidth, clientHeight }, by] = [
      picture.parentElement,
      Number(html.style.getPropertyValue("--slide-by")),
    ];
    const over = (/** @type {number} */ is, /** @type {number} */ room) => Math.max(0, is - room / by - 1);
    return over(picture.scrollHeight, clientHeight) + 4 * over(picture.scrollWidth, clientWidth);
  }

  async function search(picture, mine) {
    for (const by of MUCH_LARGER) {
      const layout = { width: WIDTHS[0] / by, isBeside: false, by };
      await tryOut(layout);
      if (mine !== turn) return null;
      if (left(picture) === 0) return layout;
    }
    const several = picture.querySelector("[data-several]") !== null || picture.hasAttribute("data-several");
    const beside = several ? [{ width: WIDTHS[0], isBeside: true, by: 1 }] : [];
    let [best, least] = [null, Infinity];
    for (const layout of [...beside, ...WIDTHS.map((width) => ({ width, isBeside: false, by: 1 }))]) {
      await tryOut(layout);
      if (mine !== turn) return null;
      const over = left(picture);
      if (over < least) [best, least] = [layout, over];
      if (over === 0) return enlarged(picture, layout);
    }
    return best;
  }

  /** The layout with what has room made larger, if it then still fits. */
  async function enlarged(picture, layout) {
    const { width, height } = reach(picture);
    const { clientWidth, clientHeight } = picture.parentElement;
    const by = Math.min(LARGEST, clientWidth / width, clientHeight / height);
    if (by < LARGER) return layout;
    const larger = { ...layout, by, width: Math.min(clientWidth / by, width + 1) };
    await tryOut(larger);
    return left(picture) === 0 ? larger : layout;
  }

  return {
    async fit(picture, key) {
      const mine = ++turn;
      const found = known.get(key) ?? (await search(picture, mine));
      if (mine !== turn) return false;
      known.set(key, found);
      by = 0;
      await tryOut(found);
      return mine === turn;
    },
    stop: () => turn++,
  };
}
