// One cell in numbers: the q and k vectors, their products, and score -> scale -> mask -> softmax. The numbers are
// exact, fetched from the server for this cell when typing pauses; while newer ones are on the way the old ones are
// dimmed. Where a state is pinned, lines in the row and a number say what it was then.

import { setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { decimal, percent, signed } from "../../format.js";
import { fit, widthOf } from "../../page/canvas.js";
import { visible } from "../../page/chips.js";
import { mountExact, mountFormer } from "../../page/exact.js";
import { setTerms } from "../../page/terms.js";
import { colours } from "../../page/theme.js";
import { dotProduct } from "../../page/words.js";
import { paintRow, paintVectors, ROW_HEIGHT, VECTORS_HEIGHT } from "./vectors.js";
import * as words from "./words.js";

export function mountCell(section, store) {
  const find = (selector) => section.querySelector(selector);
  const step = (name) => find(`[data-step="${name}"]`);
  const [vectors, rows] = [find(".vectors canvas"), find(".rows canvas")];
  const [exact, former] = [mountExact(store), mountFormer(store)];

  /** `since` is what the pinned state is compared by, or null; `then` its cell, once it is there. */
  const show = once((cell, then, since, width, tint) => {
    const isSame = since?.isSame(cell.query, cell.key) ?? false;
    write(cell);
    setTerms(
      step("softmax").querySelector("span"),
      words.softmaxStep(since !== null, isSame, then?.probability ?? null),
    );
    const before = then?.row.probabilities.map((value, key) => (since.isSame(cell.query, key) ? value : null)) ?? null;
    paintVectors(fit(vectors, width, VECTORS_HEIGHT), width, cell, tint);
    paintRow(fit(rows, width, ROW_HEIGHT), width, cell, before, tint);
  });

  function draw({ frame, kind, layer, head, sides, open, since }) {
    const place = { kind, layer, head, sinks: frame.sinks, ...open };
    const cell = exact({ text: frame.text, model: frame.model, ...place });
    const then = since?.isSame(open.query, open.key) ? former(since.asked, place) : null;
    section.classList.toggle("stale", cell === null);
    if (!cell || cell.error) return;
    setText(find("h2 .query"), visible(sides.queries[cell.query]));
    setText(find("h2 .key"), visible(sides.keys[cell.key]));
    show(cell, then, since, widthOf(vectors.parentElement), colours());
  }

  function write(cell) {
    const say = (name, value) => setText(step(name).querySelector("b"), value);
    const d = cell.q.length;
    say("dot", dotProduct(cell));
    step("capped").hidden = cell.cap === null;
    if (cell.cap !== null) {
      setText(step("capped").querySelector("span"), words.capStep(cell.cap));
      say("capped", decimal(cell.capped));
    }
    step("bias").hidden = cell.bias === null;
    if (cell.bias !== null) say("bias", signed(cell.bias));
    setText(step("scaled").querySelector("span"), words.scaleStep(cell.scales, cell.divisor));
    say("scaled", decimal(cell.scaled));
    say("mask", words.maskStep(cell.allowed));
    say("softmax", percent(cell.probability));
    vectors.setAttribute("aria-label", words.vectorsLabel(d, dotProduct(cell)));
  }

  return draw;
}
