// The training exhibit: how surprised the model is by the tokens that it is to predict, what that pulls at, the model
// at the moments of its training, and the run that it came of.

import { setText } from "../../dom.js";
import { gridKeys } from "../../draw/gridkeys.js";
import { followPointer } from "../../draw/hover.js";
import { once } from "../../draw/once.js";
import { fit, widthOf } from "../../page/canvas.js";
import { labelsOf, visible } from "../../page/chips.js";
import { mountSpokenCell } from "../../page/spokencell.js";
import { colours } from "../../page/theme.js";
import { whole } from "../../state/fields.js";
import { mountFates } from "./fates.js";
import { HEIGHT, paint, placed } from "./losses.js";
import { mountMoments } from "./moments.js";
import { mountPair } from "./pair.js";
import { mountPulled, mountShort } from "./pulled.js";
import { mountRun } from "./run.js";
import { mountSlider } from "./sliders.js";
import * as words from "./words.js";

export const asks = ["smoothing", "cut", "predicted", "moment"];
export const fields = {
  smoothing: whole(0, 0, 50), // per cent
  cut: whole(0, 0, 99), // the seed of what is hidden or cut
  predicted: { ...whole(null, 0, 1e6), ofModel: true }, // null: the one with the largest loss
  moment: { ...whole(null, 0, 1e3), ofModel: true }, // null: the middle one
};
export const enlarges = ["loss"];
export const ribbon = false;
export { examples } from "./examples.js";

const FATES = { masked: "attention-ink", swapped: "key-ink", kept: "value-ink" };

/** What a frame says, each entry with its text: it comes once for all places where it stands. */
function inFull({ entries, ...training }) {
  const described = (place) => ({ ...place, ...entries[place.id] });
  return {
    ...training,
    cells: training.cells.map(described),
    reads: training.reads?.map(described) ?? null,
    targets: training.targets.map((target) => ({ ...described(target), guess: described(target.guess) })),
  };
}

export function mount(root, store) {
  const find = (selector) => root.querySelector(selector);
  const [frameNode, hint] = [".loss .canvas-frame", ".loss figcaption p"].map(find);
  const canvas = frameNode.querySelector("canvas");
  const drawFates = mountFates(find(".fates"), store);
  const drawSmoothing = mountSlider(find('[data-field="smoothing"]'), store, words.smoothing);
  const drawPulled = mountPulled(find(".pulled"));
  const drawShort = mountShort(find(".short"));
  const drawPair = mountPair(find(".pair"));
  const drawMoments = mountMoments(find(".moments"), store);
  const drawRun = mountRun(find(".as-run"));
  const speak = mountSpokenCell(frameNode);
  let place = null; // where the columns stand
  let pointed = null; // the target under the pointer

  const described = once(inFull);
  const told = () => (store.frame?.training ? described(store.frame.training) : undefined);
  const under = (x) => {
    const column = place?.at(x) ?? null;
    const index = column === null ? -1 : (told()?.targets.findIndex(({ at }) => at === column) ?? -1);
    return index < 0 ? null : { index };
  };
  followPointer(
    canvas,
    under,
    (found) => {
      const index = found?.index ?? null;
      if (index === pointed) return;
      pointed = index;
      store.changed();
    },
    ({ index }) => store.set({ predicted: index }),
  );
  gridKeys(frameNode, {
    grid: () => (told()?.targets.length ? { rows: 1, columns: told().targets.length } : null),
    at: () => ({ row: 0, column: store.state.predicted ?? told().chosen }),
    move: ({ column }) => store.set({ predicted: column }),
    press: () => {},
    leave: () => store.set({ predicted: null }),
  });

  const paintLosses = once((training, nats, at, width, d_vocab, tint) => {
    const { cells, targets, chosen, smoothed } = training;
    place = placed(width, cells.length);
    const fates = new Map(targets.map(({ at: column, fate }) => [column, fate]));
    const isHidden = targets.some(({ fate }) => fate !== null);
    paint(
      fit(canvas, width, HEIGHT),
      tint,
      place,
      { nats, targets, mean: smoothed, blind: Math.log(d_vocab) },
      {
        labels: labelsOf(cells),
        named: isHidden ? (index) => visible(targets[index]) : null,
        inks: (column) => tint[FATES[fates.get(column)]] ?? (fates.has(column) ? tint.ink : tint.quiet),
        chosen,
        pointed: at,
      },
    );
  });

  const say = once((training) => {
    for (const name of ["loss", "perplexity", "smoothed"])
      setText(find(`[data-sum="${name}"]`), words.sum(training[name]));
  });

  const sayPointed = once((training, nats, index) => {
    const at = index ?? training.chosen;
    setText(hint, at === null ? words.NOTHING : words.bar(training.targets[at], nats[at]));
    if (training.chosen === null) return;
    const { chosen, targets } = training;
    const cell = { row: 0, column: chosen };
    speak(cell, { rows: 1, columns: targets.length }, words.bar(targets[chosen], nats[chosen]), true);
  });

  function draw({ state, frame, catalog }) {
    const { arrays } = frame;
    if (!frame.training) return;
    const training = described(frame.training);
    const { name, d_vocab } = catalog.models[frame.model];
    const tint = colours();
    if (pointed !== null && pointed >= training.targets.length) pointed = null;
    drawFates(training, state.cut);
    drawSmoothing(state.smoothing);
    paintLosses(training, arrays.nats, pointed, widthOf(frameNode), d_vocab, tint);
    say(training);
    sayPointed(training, arrays.nats, pointed);
    drawPulled(training, frame.smoothing, d_vocab);
    drawShort(training, arrays.bins, tint);
    drawPair(training, name);
    drawMoments({ frame, state }, name, tint);
    drawRun(frame, name, tint);
  }

  return { draw };
}
