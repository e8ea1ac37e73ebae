// The race: what a run takes in float32 and in int8, measured once on the machine that is named.

import { setTerms } from "../../page/terms.js";
import { element, pool, setText } from "../../dom.js";
import { once } from "../../draw/once.js";
import * as words from "./words.js";

const PRECISIONS = ["float32_ms", "int8_ms"];

function timed() {
  return element("span", "timed", element("span", "bar-track", element("span", "bar-fill")), element("b"));
}

function row() {
  const node = element("div", "race-row", element("span", "run"), timed(), timed(), element("span", "of-time"));
  node.setAttribute("role", "row");
  for (const cell of node.children) cell.setAttribute("role", "cell");
  return node;
}

export function mountRace(section) {
  const [table, rows, note] = [".race-table", ".race-rows", ".raced"].map((part) => section.querySelector(part));
  const take = pool(rows, row);
  const fill = once((race, model) => {
    table.hidden = race === null;
    setText(note, race ? words.raced(race) : words.notRaced(model));
    if (!race) return;
    const most = Math.max(...race.rows.flatMap((one) => PRECISIONS.map((name) => one[name])));
    const nodes = take(race.rows.length);
    race.rows.forEach((one, index) => {
      const [run, ...cells] = nodes[index].children;
      setTerms(run, words.raceRow(one));
      PRECISIONS.forEach((name, at) => {
        const [track, value] = cells[at].children;
        track.firstElementChild.style.transform = `scaleX(${(one[name] / most).toFixed(4)})`;
        setText(value, words.milliseconds(one[name]));
      });
      setText(cells[2], words.ofTime(one));
    });
  });
  return ({ smaller, model }) => fill(smaller.race, model);
}
