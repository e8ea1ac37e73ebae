// The lecture: one part of an exhibit fills the screen, keys and a clicker lead from step to step and on to the next exhibit,
// or through an order that was put together. All of this folder is loaded when it is asked for, and takes what has a state
// from the `page` that it is given:
//
//     store, roots, shell      as page/guide.js has them
//     copy                     page/bar.js
//     steps, toStep, about,
//     relight                  page/guide.js
//     open(exhibit)            opens one
//     follow(link)             goes where a link leads, a fragment with "#"
//     fragment(step)           the link to what is seen, without "#"; to one of the exhibit's steps
//     nameOf(exhibit)          what it is called in the rail
//     redraw()                 draws all of the open exhibit anew
//     left()                   called when a lecture has been left

import { mountOrder } from "./panel.js";
import { addSheet } from "./sheet.js";
import { begin } from "./show.js";

export { openNotes } from "./notes.js";
export { addSheet } from "./sheet.js";

export async function mount(page) {
  await addSheet();
  let running = null;
  const order = mountOrder(page, {
    start() {
      order.close();
      start();
    },
    go(at) {
      order.close();
      if (running) running.go(at);
      else page.follow(`#${order.items[at].link}`);
    },
    isRunning: () => running !== null,
  });

  function start() {
    if (running) return;
    page.begun();
    running = begin(page, order, () => {
      running = null;
      page.left();
    });
  }

  return {
    showOrder: () => order.show(),
    /** Begins a lecture; with the order of a link, if there is one. */
    async start(packed = null) {
      const fault = packed === null ? null : await order.unpack(packed);
      start();
      if (fault) running.say(fault);
    },
    draw: () => running?.draw(),
  };
}
