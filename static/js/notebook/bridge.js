// Inside the frame of a notebook's widget (widget.js): questions to the kernel, and what the page says and is told of its
// state. There is no server to reach, and no address to keep.

const asked = new Map();
let newest = 0;
let setter = null; // what takes a state that the notebook gives
let last = {}; // what was told of the state

const post = (said) => window.parent.postMessage({ cutaway: said }, "*");

/**
 * The kernel's answer to a question, as its bytes.
 *
 * @param {string} name
 * @param {object} request
 * @returns {Promise<ArrayBuffer>}
 */
export function ask(name, request) {
  const id = ++newest;
  return new Promise((done) => {
    asked.set(id, done);
    post({ ask: name, id, request });
  });
}

/** The same, of an answer in JSON. */
export const askJson = async (name, request) => JSON.parse(new TextDecoder().decode(await ask(name, request)));

/** Tells the notebook what of the state is another than it was told before. */
export function tell(state) {
  const changed = Object.entries(state).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(last[name]));
  if (changed.length === 0) return;
  last = { ...last, ...state };
  post({ state: Object.fromEntries(changed) });
}

/** Whether a part of the page has a place: a notebook hides the frame of a cell that is scrolled out of view. */
export const isLaidOut = (node) => node.getBoundingClientRect().width > 0;

/** Begins to take what the notebook sets, `set(state, names)` of all that it has, and to say how high the page is. */
export function connect(set) {
  setter = set;
  const root = document.querySelector(".gradio-container");
  const measure = () => post({ height: Math.ceil(root.getBoundingClientRect().height) });
  new ResizeObserver(measure).observe(root);
  measure();
  post({ isReady: true });
}

addEventListener("message", ({ source, data }) => {
  if (source !== window.parent || !data?.cutaway) return;
  const { answer, bytes, set, names } = data.cutaway;
  if (answer) {
    asked.get(answer)?.(bytes);
    asked.delete(answer);
  }
  if (set) setter?.(set, names);
});
