// The second window of a lecture: the sentence on the slide, the note to it, what comes next, and the time since it was
// opened. It shows what the lecture tells and sends back and on; it asks the server nothing.

import { element, setText } from "../dom.js";
import { listen } from "./channel.js";
import { addSheet } from "./sheet.js";
import { NOTES, placeSaid } from "./words.js";

/** A part with a heading: the state, the sentence and the note. */
function part(heading) {
  const [title, says, note] = ["title", "says", "note"].map((name) => element("p", `notes-${name}`));
  const node = element("section", "", element("h2", "", heading), title, says, note);
  return {
    node,
    draw(told) {
      setText(title, told?.title ?? "");
      setText(says, told?.says ?? "");
      setText(note, told ? told.note || NOTES.none : NOTES.last);
    },
  };
}

export async function openNotes() {
  await addSheet();
  document.title = NOTES.title;
  document.documentElement.dataset.notes = "";
  const [place, clock] = ["place", "clock"].map((name) => element("p", `notes-${name}`));
  const [now, next] = [part(NOTES.now), part(NOTES.next)];
  const status = Object.assign(element("p", "notes-status", NOTES.waits), { role: "status" });
  const [back, on] = [NOTES.back, NOTES.on].map((words) =>
    Object.assign(element("button", "", words), { type: "button" }),
  );
  const keys = element("div", "notes-keys", back, on);
  const main = element("main", "notes", element("header", "", place, clock), status, now.node, next.node, keys);
  document.querySelector(".gradio-container").append(main);

  const move = listen(new URLSearchParams(location.search).get("of") ?? "", (told) => {
    setText(status, told ? "" : NOTES.gone);
    if (!told) return;
    setText(place, placeSaid(told.at, told.of));
    now.draw(told.now);
    next.draw(told.next);
  });
  back.addEventListener("click", () => move(-1));
  on.addEventListener("click", () => move(1));
  addEventListener("keydown", ({ key, target }) => {
    const by = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }[key];
    if (by && !(key === " " && target instanceof HTMLButtonElement)) move(by);
  });

  const begun = performance.now();
  const tick = () => {
    const seconds = Math.floor((performance.now() - begun) / 1000);
    setText(clock, NOTES.since(Math.floor(seconds / 60), seconds % 60));
  };
  tick();
  setInterval(tick, 1000);
}
