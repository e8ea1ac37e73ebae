// The likeliest entries before and after, each with its probability as a bar.

import { element, pool, setText } from "../../dom.js";
import { percent } from "../../format.js";
import { visible } from "../../page/chips.js";
import * as words from "./words.js";

function row() {
  const bar = element("span", "bar-track", element("span", "bar-fill"));
  return element("li", "", element("bdi"), bar, element("b"), element("i"));
}

export function mountLists(section) {
  const lists = ["before", "after"].map((name) => {
    const take = pool(section.querySelector(`.${name} ol`), row);
    return { name, take };
  });

  return function draw(likeliest) {
    const known = new Set(likeliest.before.map(({ id }) => id));
    for (const { name, take } of lists) {
      const entries = likeliest[name];
      const nodes = take(entries.length);
      entries.forEach((entry, index) => {
        const [token, track, value, was] = nodes[index].children;
        setText(token, visible(entry, true));
        track.firstElementChild.style.transform = `scaleX(${entry[name].toFixed(4)})`;
        setText(value, percent(entry[name]));
        setText(was, name === "after" ? words.was(entry.before) : "");
        nodes[index].classList.toggle("new", name === "after" && !known.has(entry.id));
      });
    }
  };
}
