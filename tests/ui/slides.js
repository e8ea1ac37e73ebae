// What is seen of a slide, for the tests: asked of the page by test_slides.py.

const plain = CanvasRenderingContext2D.prototype.fillText;
window.drawn = new Map(); // sizes in px of the window, as nothing is scaled from canvas to canvas or to the screen
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  const { a, b } = this.getTransform();
  if (!window.drawn.has(this.canvas)) window.drawn.set(this.canvas, new Map());
  window.drawn.get(this.canvas).set(text, Number.parseFloat(/([\d.]+)px/.exec(this.font)[1]) * Math.hypot(a, b));
  return plain.call(this, text, ...rest);
};
/** Everything that is written on the screen with its size: in the markup, in SVG, on canvases. */
window.typeSizes = () => {
  const seen = [...window.drawn].filter(([canvas]) => !canvas.isConnected || canvas.checkVisibility());
  const found = seen.flatMap(([, texts]) => [...texts].map(([text, size]) => [size, text]));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const [node, around] = [texts.currentNode, texts.currentNode.parentElement];
    const isSeen = around.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!node.data.trim() || !isSeen || around.closest(".visually-hidden, script, style")) continue;
    const size = Number.parseFloat(getComputedStyle(around).fontSize);
    const isSvg = Boolean(around.ownerSVGElement);
    found.push([size * (isSvg ? around.getScreenCTM().a : around.currentCSSZoom), node.data.trim()]);
  }
  return found;
};
const SHOWN = "[data-shown], [data-shown] *, [data-around] > h2, [data-around] > h2 *";
const pictureShown = () => document.querySelector(".exhibit:not([hidden]) > .picture");
const beginning = ({ outerHTML }) => outerHTML.slice(0, 80);
/** The parts of a slide that go on where one would have to scroll to, and, on one that is enlarged, words cut short. */
window.unseen = () => {
  const isLarge = Number(document.documentElement.style.getPropertyValue("--slide-by")) > 1;
  const over = [...pictureShown().querySelectorAll(SHOWN)].filter((node) => {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(node);
    const [wide, high] = [node.scrollWidth > node.clientWidth + 1, node.scrollHeight > node.clientHeight + 1];
    const goesOn = (is, how) => is && ["auto", "scroll"].includes(how);
    return goesOn(wide, overflowX) || goesOn(high, overflowY) || (isLarge && wide && textOverflow === "ellipsis");
  });
  return over.map(beginning);
};
/** The lines of text that stand half in the guide's light. */
window.halfLit = () => {
  const veil = document.querySelector(".veil");
  const clip = /"(.*)"/.exec(veil.style.clipPath);
  if (!clip) return [];
  const [shape, context] = [new Path2D(clip[1]), document.createElement("canvas").getContext("2d")];
  const { left: x, top: y } = veil.getBoundingClientRect();
  const zoom = veil.currentCSSZoom;
  const isDark = (right, down) => context.isPointInPath(shape, (right - x) / zoom, (down - y) / zoom, "evenodd");
  const texts = document.createTreeWalker(pictureShown(), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const found = [];
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    const around = node.parentElement;
    if (!node.data.trim() || !around.closest("[data-shown]")) continue;
    if (!around.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    range.selectNodeContents(node);
    for (const { left, right, top, height, width } of range.getClientRects()) {
      if (width < 8 || around.closest("text, .visually-hidden")) continue;
      const points = [0.3, 0.7].flatMap((down) => [left + 3, right - 3].map((at) => isDark(at, top + down * height)));
      if (new Set(points).size > 1) found.push(node.data);
    }
  }
  return found;
};
/** How many px of a slide lie below the stage, and the words that reach past the stage's sides. */
window.leftOver = () => {
  const picture = pictureShown();
  const stage = picture.parentElement.getBoundingClientRect();
  const isClipped = (node) =>
    node !== picture && (getComputedStyle(node).overflowX !== "visible" || isClipped(node.parentElement));
  const cut = [...picture.querySelectorAll("[data-shown] *")].filter((node) => {
    const { left, right, width } = node.getBoundingClientRect();
    if (width < 2 || (left > stage.left - 4 && right < stage.right + 4)) return false;
    const isSeen = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return isSeen && !node.closest(".visually-hidden") && !isClipped(node.parentElement);
  });
  const { scrollHeight, clientHeight } = picture.parentElement;
  return [scrollHeight - clientHeight, cut.map(beginning)];
};
