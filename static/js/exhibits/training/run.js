// The run that a checkpoint came of: in words, its learning rate, its loss curve, and what was not logged.

import { setAttribute } from "../../dom.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { setTerms } from "../../page/terms.js";
import { RUN_HEIGHT, paintCurve, paintRate } from "./charts.js";
import * as words from "./words.js";

export function mountRun(section) {
  const find = (selector) => section.querySelector(selector);
  const [said, charts, clips] = [".run-words", ".run-charts", ".clips"].map(find);
  const [rate, curve] = [".rate", ".curve"].map(find);

  const say = once((run, name) => {
    charts.hidden = clips.hidden = run === null;
    setTerms(said, run ? words.run(run) : words.noRun(name));
    if (!run) return;
    setTerms(find(".run-charts figure:first-child p"), words.warmup(run.recipe));
    setTerms(find(".run-charts figure:last-child p"), words.ends(run.points.at(-1)));
    setTerms(clips, words.clips(run));
    setAttribute(rate, "aria-label", words.rateSaid(run.recipe));
    setAttribute(curve, "aria-label", words.curveSaid(run.points));
  });

  const paint = once((run, schedule, width, tint) => {
    paintRate(fit(rate, width, RUN_HEIGHT), tint, width, run, schedule);
    paintCurve(fit(curve, width, RUN_HEIGHT), tint, width, run);
  });

  return function draw({ run, arrays }, name, tint) {
    say(run, name);
    if (!run) return;
    const width = widthOf(rate.parentElement) || widthOf(curve.parentElement); // on a slide one may stand alone
    paint(run, arrays.schedule, width, tint);
  };
}
