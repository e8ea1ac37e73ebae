// What a careful eye would object to on the page as it stands: text that is cut off, that covers other text, that is too
// small or too faint, and a page wider than its window. Evaluates to a function that returns a list of sentences.
() => {
  const SMALLEST_PX = 11;
  const faults = [];
  const painter = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

  /** Any CSS colour as [r, g, b, a] with a in 0..1. */
  function rgba(color) {
    painter.clearRect(0, 0, 1, 1);
    painter.fillStyle = color;
    painter.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = painter.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }

  const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => a * value + (1 - a) * below[i]);

  /** What lies behind an element's text, all ancestors composed. */
  function ground(element) {
    const below = element.parentElement ? ground(element.parentElement) : [255, 255, 255];
    return over(rgba(getComputedStyle(element).backgroundColor), below);
  }

  /** Relative luminance, WCAG 2.2. */
  function luminance(color) {
    const [r, g, b] = color.map((value) => {
      const c = value / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(element) {
    const behind = ground(element);
    let [r, g, b, alpha] = rgba(getComputedStyle(element).color);
    for (let node = element; node; node = node.parentElement) alpha *= Number(getComputedStyle(node).opacity);
    const [low, high] = [luminance(behind), luminance(over([r, g, b, alpha], behind))].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  }

  /** The part of a rectangle that its ancestors let through, and whether one of them cuts it with no way to scroll. */
  function throughAncestors(rect, element) {
    let { left, top, right, bottom } = rect;
    let cut = false;
    for (let node = element; node && node !== document.body; node = node.parentElement) {
      const style = getComputedStyle(node);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const box = node.getBoundingClientRect();
      const hides = style.overflowX === "hidden" || style.overflowX === "clip";
      if (hides && style.textOverflow !== "ellipsis" && (left < box.left - 1 || right > box.right + 1)) cut = true;
      [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
      [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    }
    return { left, top, right, bottom, cut, seen: right - left > 1 && bottom - top > 1 };
  }

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest("script, style, option, .visually-hidden")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const label = node.data.trim().slice(0, 40);
    const size = Number.parseFloat(getComputedStyle(element).fontSize);
    const rects = [...range.getClientRects()].map((rect) => throughAncestors(rect, element)).filter((rect) => rect.seen);
    if (rects.length === 0) continue;
    if (rects.some((rect) => rect.cut)) faults.push(`"${label}" is cut off`);
    if (size < SMALLEST_PX && !element.closest("sub, sup")) faults.push(`"${label}" is ${size} px small`);
    const bold = Number(getComputedStyle(element).fontWeight) >= 700;
    const enough = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    const measured = contrast(element);
    if (measured < enough) faults.push(`"${label}" has a contrast of ${measured.toFixed(2)}, below ${enough}`);
    for (const rect of rects) texts.push({ node, label, ...rect });
  }

  // A line box is taller than its letters: two lines may share a quarter of their height without touching.
  const overlap = (a, b) => {
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return width > 2 && height > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top);
  };
  texts.forEach((a, i) => {
    for (const b of texts.slice(i + 1)) {
      if (a.node !== b.node && overlap(a, b)) faults.push(`"${a.label}" and "${b.label}" overlap`);
    }
  });

  const wide = document.scrollingElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`the page is ${wide} px wider than its window`);
  return [...new Set(faults)];
}
