// The machine: one drawing on one canvas, with words and things to press over it. What changes with a frame only
// (slabs, miniatures, matrices, legends) is painted once on a sheet of its own; lanes, pipes and what is lit are painted
// over it.

import { once } from "../../draw/once.js";
import { colours } from "../../page/theme.js";
import { beside } from "../../page/beside.js";
import { widthOf } from "../../page/canvas.js";
import { isTight } from "../../page/tight.js";
import { PART } from "../../state/long.js";
import { KIND, kindOf, readerOf, sidesOf } from "../../state/stacks.js";
import { fulfil } from "../../state/settings.js";
import { describe } from "./anatomy.js";
import { mountCard } from "./card.js";
import * as captions from "./captions.js";
import { feedWords } from "./feedwords.js";
import { showFormula } from "./formula.js";
import { layout, narrowest } from "./layout.js";
import { litIn } from "./lit.js";
import { measure } from "./measure.js";
import { movedWords, underRiver } from "./moved.js";
import { mountOnward } from "./onward.js";
import { mountParts } from "./parts.js";
import { mountPainter } from "./painter.js";
import { headOf, patternsOf } from "./patterns.js";
import { stations } from "./stream.js";
import { mountWhy } from "./why.js";
import { mountSpans } from "./spans.js";

/** Which kind of attention is looked at says, too, which stack of a T5 stands open. */
export const fields = { kind: KIND, part: PART };
export const addressed = ["layer", "head", "key", "view"];
export const asks = ["layer", "head", "part"];
export const ribbon = false;

export function mount(root, store) {
  const [box, stage] = [".stage-box", ".stage"].map((selector) => root.querySelector(selector));
  const next = document.querySelector(".next");
  const write = mountSpans(root.querySelector(".words"));
  const painter = mountPainter(root.querySelector(".drawing"), stage, next, store);
  const card = mountCard(stage, store);
  const figure = root.querySelector(".why figure");
  const machineFor = once((frame, model) => describe(model, frame.anatomy));
  const measureFor = once(measure);
  const patternsFor = once(patternsOf);
  const showWhy = once(mountWhy(figure));
  let [place, placed] = [null, ""];

  /** Opens a block: of a T5 it is the kind of attention that says in which stack. */
  function open(stack, layer) {
    const other = { encoder: "encoder", decoder: store.state.kind === "encoder" ? "cross" : store.state.kind }[stack];
    store.set({ layer, ...open.kind(other) });
  }
  /** The change of state that makes a kind the one that is looked at. */
  open.kind = (kind) => (!kind || kind === "text" || kind === store.state.kind ? {} : { kind, key: null });
  const parts = mountParts(root.querySelector(".parts"), store, open);

  const onward = mountOnward(root, box, parts.follow);

  /** Lays the drawing out anew if a size changed. */
  function arrange(machine, state, frame, kind) {
    const room = widthOf(box);
    const width = Math.max(narrowest(machine), room);
    const below = !beside.matches;
    const low = isTight();
    const [first, last] = [machine.stacks[0], machine.stacks.at(-1)];
    const stack = kind === "encoder" ? first : last;
    const layer = Math.min(state.layer, stack.layers - 1);
    const tokens = { [first.name]: frame.tokens.length, ...(frame.written && { [last.name]: frame.written.length }) };
    const key = [frame.model, stack.name, layer, ...Object.values(tokens), room, below, low].join(" ");
    if (key === placed) return;
    if (place?.read.tokens === frame.tokens.length - 1) painter.arrive();
    placed = key;
    place = layout(machine, tokens, width, { stack, layer }, below, low, frame.rivers);
    place.stations = Object.fromEntries(machine.stacks.map((of) => [of.name, stations(place, of)]));
    stage.style.cssText = `width:${width}px;height:${place.height}px`;
    onward(width - room);
    showFormula(root, machine);
    parts.arrange(place, machine);
    write("fixed", captions.fixedWords(place, machine));
  }

  function draw({ state: wanted, frame, catalog }) {
    if (frame.exhibit !== "machine") return;
    const state = { ...wanted, layer: frame.layer, head: frame.head }; // others that were chosen since are on their way
    fulfil(store);
    const model = catalog.models[frame.model];
    const machine = machineFor(frame, model);
    const kind = kindOf(state, model);
    arrange(machine, state, frame, kind);
    const { layer, stack } = place.open;
    const patterns = patternsFor(frame, model.stacks);
    const rows = Object.fromEntries(
      place.attentions.map(({ kind: of }) => [
        of,
        headOf(frame, of, model.stacks[of].windows[layer], model.stacks[of]),
      ]),
    );
    const measured = measureFor(frame, machine, place);
    showWhy(machine, measured, widthOf(figure));
    const lit = litIn({ state, frame, model }, place, rows, kind);
    const { query } = lit.parts[kind] ?? {};
    if (rows[kind]?.knows && !rows[kind].knows(query, 0)) store.set({ part: `${query}.end.end` });
    const { head } = state;
    const view = { state, frame, machine, place, kind, head, layer, stack, patterns, rows, measured, lit };
    const labels = new Map(
      place.attentions.map((part) => {
        const { queries, keys } = sidesOf(frame, model.stacks[part.kind]);
        return [part.kind, captions.matrixWords(part, place, queries, keys, lit.parts[part.kind])];
      }),
    );
    painter.paint({ ...view, labels, tint: colours() });
    words(view, labels);
    parts.draw(view);
    const looked = place.attentions.find((part) => part.kind === kind) ?? place.attentions[0];
    const { queries, keys } = sidesOf(frame, model.stacks[looked.kind]);
    const cell = { text: frame.text, model: frame.model, kind: looked.kind, layer, head, ...lit.parts[looked.kind] };
    const isPainted = state.interventions.mask !== undefined && model.stacks[looked.kind] === readerOf(model);
    card(cell, { queries, keys, masked: rows[looked.kind].causal || isPainted }, place.attentions.at(-1).card);
  }

  function words({ frame, machine, head, layer, stack, measured, lit }, labels) {
    const now = { ...measured.rivers[stack.name], stack, layer };
    write("diagonal", [...labels.values()].flat());
    const sizes = place.attentions.flatMap((part) =>
      captions.attentionWords(part, place, machine, head, now, lit.parts[part.kind].query),
    );
    write("sizes", sizes);
    const own = lit.parts[place.attentions.at(-1).kind].query;
    const tokens = stack.name === "decoder" ? frame.written : frame.tokens;
    write("feed", feedWords(place, machine, measured.routes.get(layer), now, tokens[own], own));
    write("legend", captions.legendWords(place, machine, measured, frame.arrays.embed_scale[0]));
    const spoken = place.spoken === place.read ? lit.read : lit.written;
    write("under", underRiver(place, machine, movedWords(measured, place.spoken, spoken.token)));
    write("outputs", captions.outputWords(place, frame, lit));
  }

  return { draw };
}
