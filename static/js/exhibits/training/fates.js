// What was done to the text: which tokens of a BERT's were chosen and what became of them, and what of a T5's is left
// to read.

import { pool, setAttribute, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import { spoken, visible } from "../../page/chips.js";
import { setTerms } from "../../page/terms.js";
import { chip } from "../../page/tokenrow.js";
import { mountSlider } from "./sliders.js";
import * as words from "./words.js";

export function mountFates(section, store) {
  const [said, row] = [".fate-words", ".reads"].map((part) => section.querySelector(part));
  const drawCut = mountSlider(section.querySelector('[data-field="cut"]'), store, String);
  const take = pool(row, () => chip());

  const fill = once((training) => {
    const { kind, reads, targets } = training;
    section.hidden = kind === "next";
    if (section.hidden) return;
    setTerms(said, kind === "hidden" ? words.fates(targets) : words.cuts(training));
    row.hidden = reads === null;
    if (!reads) return;
    const nodes = take(reads.length);
    reads.forEach((token, index) => {
      setText(nodes[index].firstChild, visible(token));
      nodes[index].classList.toggle("special", token.special);
      setAttribute(nodes[index], "title", spoken(token));
    });
  });

  return function draw(training, cut) {
    drawCut(cut);
    fill(training);
  };
}
