// Whether the column of predictions stands beside the exhibit: where the window is wide enough, as gradio.css has it, and
// not on the slide of a lecture, which is laid out alike in every window.

let query = null;
const wide = () => (query ??= matchMedia("(min-width: 1280px)"));

export const beside = {
  get matches() {
    return wide().matches && !("lecture" in document.documentElement.dataset);
  },
  addEventListener(type, listener) {
    wide().addEventListener(type, listener);
  },
};
