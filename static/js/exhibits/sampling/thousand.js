// A thousand draws at the present place: how often each token came, beside how often its chance would have it.

import { visible } from "../../page/chips.js";
import { element, pool, setAttribute, setText } from "../../dom.js";
import { count, decimal } from "../../format.js";
import { setTerms } from "../../page/terms.js";
import { others, tallySaid, thousandDistance, thousandHint } from "./words.js";

const ROWS = 14;
const FULL = [1, 0.5, 0.2, 0.1, 0.05, 0.02];

/** What a full bar stands for: the least of some round shares that holds `most`. */
export function fullBar(most) {
  return FULL.findLast((share) => share >= most) ?? 1;
}

function row() {
  const track = element("span", "tally-track", element("i", "bar-fill"), element("i", "tick"));
  const cells = [element("bdi", "candidate-token"), track, element("b"), element("span", "expected")];
  for (const cell of cells) cell.setAttribute("role", "cell");
  const node = element("div", "tally", ...cells);
  node.setAttribute("role", "row");
  return node;
}

/** Gives a function that fills the figure from the field `draws` and from `next`. */
export function mountThousand(figure) {
  const [hint, words] = [figure.querySelector("figcaption p"), figure.querySelector(".words")];
  const take = pool(figure.querySelector(".tallies > [role=rowgroup]"), row);

  return function fill({ draws, next, sampling }) {
    const listed = next.top
      .map((token, index) => ({ name: visible(token, true), drawn: draws.counts[index], chance: token.chance }))
      .filter(({ chance }) => chance > 0)
      .slice(0, ROWS - 1);
    const rest = next.kept - listed.length;
    if (rest > 0) {
      listed.push({
        name: others(rest),
        drawn: draws.n - listed.reduce((sum, one) => sum + one.drawn, 0),
        chance: Math.max(0, 1 - listed.reduce((sum, one) => sum + one.chance, 0)),
        isRest: true,
      });
    }
    const most = fullBar(Math.max(...listed.map(({ drawn, chance }) => Math.max(drawn / draws.n, chance))));
    const nodes = take(listed.length);
    listed.forEach(({ name, drawn, chance, isRest }, index) => {
      const [token, track, times, expected] = nodes[index].children;
      setText(token, name);
      track.firstChild.style.transform = `scaleX(${(drawn / draws.n / most).toFixed(4)})`;
      track.lastChild.style.left = `${((100 * chance) / most).toFixed(2)}%`;
      setText(times, count(drawn));
      setText(expected, decimal(chance * draws.n, 1));
      nodes[index].classList.toggle("rest", Boolean(isRest));
      setAttribute(nodes[index], "aria-label", tallySaid(name, drawn, chance * draws.n));
    });
    setTerms(hint, thousandHint(draws.n, sampling, most));
    setText(words, thousandDistance(draws, next.d_vocab));
  };
}
