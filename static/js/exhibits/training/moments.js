// The moments of training: a slider, what the same text got at each, what comes next then and at the end, and all heads
// then and at the end.

import { element, pool, setAttribute, setText } from "../../dom.js";
import { mountMinis } from "../../draw/minis.js";
import { once } from "../../draw/once.js";
import { percent } from "../../format.js";
import { fit, widthOf } from "../../page/canvas.js";
import { visible } from "../../page/chips.js";
import { mountScale } from "../../page/scale.js";
import { setTerms } from "../../page/terms.js";
import { resting } from "../../state/resting.js";
import { TIME_HEIGHT, paintInduction, paintLosses } from "./charts.js";
import { mountSlider } from "./sliders.js";
import * as words from "./words.js";

const PAUSE_MS = 350;
const STEPS = 255; // of the largest: app/wire/thumbnails.py
const [SIDE, GAP] = [44, 5];
const NOTHING = []; // has answered yet

const listed = () => element("li", "", element("bdi"), element("b"));

export function mountMoments(section, store) {
  const find = (selector) => section.querySelector(selector);
  const [unfilmed, filmed, said] = [".unfilmed", ".filmed", ".moment-words span"].map(find);
  const [losses, induced] = [".losses", ".induced"].map(find);
  const sides = [".then", ".now"].map((side) => ({
    title: find(`${side} h3`),
    take: pool(find(`${side} ol`), listed),
    canvas: find(`${side} canvas`),
    paintMinis: mountMinis(),
  }));
  const toFilmed = find(".to-filmed");
  const drawSlider = mountSlider(find('[data-field="moment"]'), store, (at) =>
    words.momentName(store.frame?.time?.moments[at]),
  );
  const drawScale = mountScale(find(".scale"));
  let wanted = ""; // which text at which model the charts are of
  let known = { key: "", found: [] }; // what each moment answered, as far as it has
  let refused = null;

  toFilmed.addEventListener("click", () => store.set({ model: toFilmed.dataset.model }));

  const asking = resting(
    async ({ key, n, cut }) => {
      const found = [];
      for (let moment = 0; moment < n && key === wanted; moment++) {
        found.push(await store.call("moment", { moment, cut }, String(moment)));
        if (key !== wanted) break;
        known = { key, found: [...found] };
        store.changed();
      }
    },
    (_, error) => {
      refused = error;
      store.changed();
    },
    PAUSE_MS,
  );

  const lists = sides.map(({ take }) =>
    once((entries) => {
      const nodes = take(entries.length);
      entries.forEach((entry, index) => {
        setText(nodes[index].firstChild, visible(entry, true));
        setText(nodes[index].lastChild, percent(entry.probability));
      });
    }),
  );

  const atlases = sides.map(({ canvas, paintMinis }) =>
    once((pattern, tint) => {
      const { layers, heads } = pattern;
      const [width, height] = [layers, heads].map((count) => count * (SIDE + GAP) - GAP);
      const minis = [];
      for (let layer = 0; layer < layers; layer++) {
        for (let head = 0; head < heads; head++) {
          const [x, y] = [layer, head].map((at) => at * (SIDE + GAP));
          minis.push({ rows: pattern.head(layer, head), x, y, size: SIDE });
        }
      }
      paintMinis(fit(canvas, width, height), minis, tint.sequential, STEPS);
    }),
  );

  const paint = once((time, found, width, tint) => {
    paintLosses(fit(losses, width, TIME_HEIGHT), tint, width, time, found);
    paintInduction(fit(induced, width, TIME_HEIGHT), tint, width, time, found);
    setAttribute(losses, "aria-label", words.lossesSaid(time, found));
    setAttribute(induced, "aria-label", words.inducedSaid(found));
    setTerms(find(".over-time figure:first-child p"), refused ?? words.LOSSES);
    setTerms(find(".over-time figure:last-child p"), words.induced(found, time.moments));
  });

  const say = once((time) => {
    setText(sides[0].title, words.thenTitle(time.moments[time.at]));
    setTerms(said, words.moment(time));
    setAttribute(sides[0].canvas, "aria-label", words.headsSaid(words.momentName(time.moments[time.at])));
    setAttribute(sides[1].canvas, "aria-label", words.headsSaid(words.END));
  });

  return function draw({ frame, state }, name, tint) {
    const { time, arrays } = frame;
    const has = time.moments.length > 0;
    filmed.hidden = !has;
    unfilmed.hidden = has;
    if (!has) {
      const [other] = time.filmed;
      setTerms(unfilmed.firstChild, words.unfilmed(name, other));
      toFilmed.hidden = other === undefined;
      if (other !== undefined) {
        toFilmed.dataset.model = other;
        setText(toFilmed, words.showFilmed(other));
      }
      return;
    }
    wanted = JSON.stringify([frame.model, frame.text, frame.cut, frame.interventions]);
    asking.question(wanted, { key: wanted, n: time.moments.length, cut: state.cut });
    const last = time.moments.length - 1;
    drawSlider(Math.min(state.moment ?? time.at, last), last);
    say(time);
    const width = widthOf(losses.parentElement) || widthOf(induced.parentElement); // on a slide one may stand alone
    const found = known.key === wanted ? known.found : NOTHING;
    paint(time, found, width, tint);
    const { block, largest } = time.heads;
    const tokens = { queries: arrays.pattern_end.queries * block, keys: arrays.pattern_end.keys * block };
    [arrays.pattern_then, arrays.pattern_end].forEach((pattern, index) => {
      atlases[index](inSmall(pattern, tokens, block), tint);
      lists[index](index ? time.now : time.then);
    });
    drawScale(largest, words.OF_ATTENTION, tint.sequential);
  };
}

const small = new WeakMap();

/** The heads as they stand for the tokens; the same object for the same pattern. */
function inSmall(pattern, tokens, block) {
  if (!small.has(pattern)) small.set(pattern, pattern.inSmall(tokens, block));
  return small.get(pattern);
}
