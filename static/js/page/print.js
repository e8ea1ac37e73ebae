// On paper: the page is painted in the light theme, and a picture that is wider than the sheet is made to fit it. What else
// differs there, css/print.css says.

const SHEET = 1480; // px of the page's width in css/print.css between its margins

/** Calls `prepare(isPrinted)` before and after the page is printed; it gives the root of the exhibit that is open. */
export function whenPrinted(prepare) {
  addEventListener("beforeprint", () => {
    const picture = prepare(true).querySelector(".picture");
    const scale = Math.min(1, SHEET / Math.max(picture.clientWidth, picture.scrollWidth));
    document.documentElement.style.setProperty("--printed", scale.toFixed(3));
  });
  addEventListener("afterprint", () => {
    document.documentElement.style.removeProperty("--printed");
    prepare(false);
  });
}
