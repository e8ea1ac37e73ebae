// The style sheet of the lecture, put into the page when it is first needed. In the built files another module stands in the
// place of this one, which has the sheet inside: tests/js/bundle.js.

let added = null;

export function addSheet() {
  added ??= new Promise((done, failed) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("../../css/lecture.css", import.meta.url).href;
    link.addEventListener("load", done);
    link.addEventListener("error", () => failed(new Error(`${link.href} could not be loaded`)));
    document.head.append(link);
  });
  return added;
}
