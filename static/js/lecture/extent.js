// How far what is shown of a picture reaches, and what of it is not seen: what has to be scrolled to, and what is cut short.

const SHOWN = ["[data-shown]", "[data-around] > h2"].flatMap((one) => [one, `${one} *`]);

/** All that is shown, down to what stands in it, with the headings of what stands around: css/lecture.css. */
const shown = (picture) => [...picture.querySelectorAll(SHOWN.join())];

/** Where the words in a node's own text end, or the node itself where it holds nothing. */
function rightEnds(node) {
  const texts = [...node.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
  if (!texts.length) return node.firstElementChild ? [] : [node.getBoundingClientRect().right];
  const range = document.createRange();
  return texts.flatMap((text) => {
    range.selectNodeContents(text);
    return Array.from(range.getClientRects(), ({ right }) => right);
  });
}

/** How far what is shown reaches to the right and down from the picture's corner, in px of the picture. */
export function reach(picture) {
  const zoom = picture.currentCSSZoom ?? 1;
  const { left, top } = picture.getBoundingClientRect();
  const seen = shown(picture).filter((node) => {
    if (!node.checkVisibility()) return false;
    const { width, height } = node.getBoundingClientRect();
    return width > 1 && height > 1;
  });
  const bottoms = seen.map((node) => node.getBoundingClientRect().bottom);
  return {
    width: (Math.max(...seen.flatMap(rightEnds)) - left) / zoom,
    height: (Math.max(...bottoms) - top) / zoom,
  };
}

const SCROLLS = ["auto", "scroll"];

/** The parts that would scroll within themselves. */
const scrollers = (picture) =>
  shown(picture).filter((node) => {
    const { overflowX, overflowY } = getComputedStyle(node);
    return SCROLLS.includes(overflowX) || SCROLLS.includes(overflowY);
  });

export const hasScrollers = (picture) => scrollers(picture).length > 0;

/** How much there is to scroll to within parts of the picture, in px. */
export function scrolled(picture) {
  const beyond = (/** @type {number} */ is, /** @type {number} */ room) => (is > room + 1 ? is - room : 0);
  return scrollers(picture).reduce(
    (sum, { scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
      sum + beyond(scrollWidth, clientWidth) + beyond(scrollHeight, clientHeight),
    0,
  );
}

/** How many texts are cut short and end in dots. */
export function shortened(picture) {
  return shown(picture).filter(
    (node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).textOverflow === "ellipsis",
  ).length;
}
