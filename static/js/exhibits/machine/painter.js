// The drawing on its canvas: the sheet under it, and the pictures of a movement. A movement gives way to typing: while an
// answer is on its way the processor is the model's.

import { mountMinis } from "../../draw/minis.js";
import { once } from "../../draw/once.js";
import { boxOf } from "../../dom.js";
import { fit, pixelRatio } from "../../page/canvas.js";
import { progress, Tween } from "../../page/motion.js";
import { paintPicture } from "./picture.js";
import { paintSheet } from "./sheet.js";

const SLOWEST_MS = 50; // between two pictures of a movement
const ABOVE = 64; // px that the pipes to the first candidates may rise above the stage

export function mountPainter(canvas, stage, next, store) {
  const sheet = document.createElement("canvas");
  const paintMinis = mountMinis();
  const tweens = new Map();
  let arrival = -Infinity; // when the newest lane came
  let view = null; // what is painted
  let turn = null; // the animation frame of the movement
  let awake = 0; // when the movement had its last turn

  /** The values on their way to new ones, by what they are. */
  function slide(name, values, columns) {
    if (!tweens.has(name)) tweens.set(name, new Tween());
    tweens.get(name).to(values, columns);
    return tweens.get(name).now();
  }

  /** All that the sheet shows of the view follows from these. */
  const layOut = once((_frame, place, _head, tint, _ratio) => {
    paintSheet(fit(sheet, place.width, place.height), view, paintMinis, tint);
  });

  const rowsShown = () => [...next.querySelectorAll(".candidate")].filter((row) => !row.hidden);

  /** Where the rows of the shared column stand, seen from the stage; asked once for each width. */
  const rowsAt = once((_width, _height, _below, _window, _count) => {
    const from = boxOf(stage);
    return rowsShown().map((row) => {
      const { left, top, height } = boxOf(row);
      return { x: left - from.left - 5, y: top + height / 2 - from.top };
    });
  });

  function candidatesAt({ frame, place: { width, height, below } }) {
    const places = rowsAt(width, height, below, innerWidth, rowsShown().length);
    return places.map((at, index) => ({ ...at, ...frame.next?.top[index] }));
  }

  /** One picture of a movement, or the only one. */
  function paint() {
    const { place, candidates, tint } = view;
    const width = place.below ? place.width : Math.ceil((candidates[0]?.x ?? place.width) + 1);
    const context = fit(canvas, width, place.height + ABOVE);
    context.translate(0, ABOVE);
    context.drawImage(sheet, 0, 0, place.width, place.height);
    paintPicture(context, view, slide, progress(arrival), tint);
    awake = performance.now();
    turn = isMoving() ? requestAnimationFrame(move) : null;
  }

  /** Whether there is more to come. */
  function isMoving() {
    return progress(arrival) < 1 || [...tweens.values()].some((tween) => tween.moving);
  }

  /** The movement's next picture, or its last where the browser is too busy to show one smoothly. */
  function move() {
    const now = performance.now();
    if (now - awake > SLOWEST_MS) {
      arrival = -Infinity;
      for (const tween of tweens.values()) tween.finish();
    }
    awake = now;
    if (store.inFlight && isMoving()) turn = requestAnimationFrame(move);
    else paint();
  }

  return {
    paint(shown) {
      cancelAnimationFrame(turn);
      view = { ...shown, candidates: candidatesAt(shown) };
      layOut(view.frame, view.place, view.head, view.tint, pixelRatio());
      paint();
    },
    /** A lane has come. */
    arrive: () => {
      arrival = performance.now();
    },
  };
}
