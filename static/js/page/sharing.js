// Addresses that open the page again as it is: for a person, and for a page that shows one figure of it in a frame.

const HUB = "https://huggingface.co";

const isFramed = () => window.parent !== window;

/** The Space that the page is served from, "owner/name"; "" elsewhere. */
const spaceOf = () => /** @type {HTMLElement} */ (document.querySelector(".shell")).dataset.space ?? "";

/** The page's address without a state: its own, or that which a page without one was given, in a notebook. */
const homeOf = () =>
  /** @type {HTMLElement} */ (document.querySelector(".shell")).dataset.home ??
  `${location.origin}${location.pathname}`;

/**
 * The link to a state: on a Space that of the page around, which hands its fragment on to the frame when it opens.
 *
 * @param {string} fragment with "#"
 */
export function linkTo(fragment) {
  const space = spaceOf();
  if (space && isFramed()) return `${HUB}/spaces/${space}${fragment}`;
  return `${homeOf()}${fragment}`;
}

/**
 * Has the address of the page around, on a Space, follow the state.
 *
 * @param {string} fragment
 */
export function followOutside(fragment) {
  if (spaceOf() && isFramed()) window.parent.postMessage({ hash: fragment }, HUB);
}

/**
 * The address that shows one figure alone, and the code that puts it into a page and follows its height.
 *
 * @param {string} fragment
 * @param {{part: string, title: string, width: number, height: number}} figure
 */
export function embedCode(fragment, { part, title, width, height }) {
  const address = `${location.origin}${location.pathname}?embed=1${part ? `&part=${part}` : ""}${fragment}`;
  const inMarkup = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<iframe src="${inMarkup(address)}" title="${inMarkup(title)}" width="${Math.ceil(width)}" height="${Math.ceil(height)}"
  style="border: 0; max-width: 100%" loading="lazy"></iframe>
<script>
  addEventListener("message", ({ source, data }) => {
    for (const frame of document.querySelectorAll("iframe"))
      if (frame.contentWindow === source && data?.cutaway) frame.height = data.cutaway.height;
  });
</script>`;
}
