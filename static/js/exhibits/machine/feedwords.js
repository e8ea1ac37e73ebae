// What is written around the experts or the MLP of the open block: the gates, the load, what is added.

import { visible } from "../../page/chips.js";
import { boxX, gateY, listed } from "./feed.js";
import * as words from "./words.js";

const ONE_LINE = 570; // px of a block whose foot has room for all on one line

/** The experts and their numbers for the lit token; or the MLP's. `now` as in feed.js. */
export function feedWords({ feed, block }, machine, route, now, token, index) {
  const { x, y } = feed.title;
  const { boxes } = feed;
  const added = now.open.subarray(now.stack.parts.indexOf("feed") * feed.river.tokens);
  const add = added[index];
  const top = feed.tight ? boxes.top - 2 : boxes.top;
  const nameY = feed.flat ? y + 17 : top + 6;
  const name = { text: visible(token), x, y: nameY, mark: "mono strong", most: feed.flat ? 72 : 108 };
  const below = { x, y: top + 22 };
  const behind = { x: boxes.left - 12, y: nameY, anchor: "end" };
  const foot = (...lines) =>
    lines.map((text, i) => ({ text, x, y: feed.note.y - 16 * (lines.length - 1 - i), mark: "quiet" }));
  if (!route) {
    const most = Math.max(...added);
    return [
      ...(feed.tight ? [] : [{ text: words.ONE_FOR_ALL, x, y: y + 20, mark: "quiet" }]),
      name,
      { text: words.adds(add), ...(feed.flat ? behind : below), mark: "mono" },
      ...foot(words.barScale(feed.tight, most)),
    ];
  }
  const { n_experts: experts, top_k: k } = machine.experts;
  const probability = (expert) => route.probabilities[index * experts + expert];
  const order = route.chosen[index];
  const loads = words.loads(route);
  const { shown, more } = listed(order, k);
  const line = (text, rank, mark) => ({ text, x: x + 13, y: gateY(feed, rank), mark });
  return [
    ...(feed.tight ? [] : [{ text: words.chosenOf(k, experts), x, y: y + 20, mark: "quiet" }]),
    name,
    ...shown.map((expert, rank) =>
      line(words.gate(expert, probability(expert)), rank, rank < k ? "mono gate" : "mono gate quiet"),
    ),
    ...(more ? [line(words.more(more), shown.length, "quiet")] : []),
    line(words.add(add), shown.length + (more ? 1 : 0), "mono"),
    ...boxNames(feed, experts, order.slice(0, k)),
    ...(feed.tight ? [] : foot(...(block.width < ONE_LINE ? loads : [loads.join(" · ")]))),
  ];
}

/** The names in the boxes: of the chosen ones first, of the others where there is room. */
function boxNames(feed, experts, top) {
  const placed = [];
  const near = (expert) => placed.some((other) => Math.abs(other - expert) * feed.boxes.pitch < 28);
  const all = Array.from({ length: experts }, (_, expert) => expert);
  for (const expert of [...top, ...all]) if (!placed.includes(expert) && !near(expert)) placed.push(expert);
  return placed.map((expert) => ({
    text: words.expertName(expert),
    x: boxX(feed, expert),
    y: feed.boxes.top + 11,
    anchor: "middle",
    mark: top.includes(expert) ? "strong" : "quiet",
  }));
}
