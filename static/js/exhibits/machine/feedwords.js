// What is written around the experts or the MLP of the open block: the gates, the load, what is added.

import { visible } from "../../page/chips.js";
import { decimal, percent } from "../../format.js";
import { addedRow } from "./anatomy.js";
import { inWords, length } from "./captions.js";
import { boxX, GATES, listed } from "./feed.js";

/** The experts and their numbers for the lit token; or the MLP's. `now` as in feed.js. */
export function feedWords({ feed, block }, machine, route, now, token, index) {
  const { x, y } = feed.title;
  const { boxes } = feed;
  const row = addedRow(now.stack, now.layer, "feed");
  const { tokens } = feed.river;
  const { added } = now.byToken;
  const add = length(added[row * tokens + index]);
  const top = feed.tight ? boxes.top - 2 : boxes.top;
  const name = { text: visible(token), x, y: top + 6, mark: "mono strong", most: 108 };
  const foot = (...lines) =>
    lines.map((text, i) => ({ text, x, y: feed.note.y - 16 * (lines.length - 1 - i), mark: "quiet" }));
  if (!route) {
    const most = Math.max(...added.subarray(row * tokens, (row + 1) * tokens));
    const bar = feed.tight
      ? "a bar for each token: length added, √"
      : "a bar for each token: the length of what the MLP adds to its lane, √";
    return [
      ...(feed.tight ? [] : [{ text: "one for all tokens", x, y: y + 20, mark: "quiet" }]),
      name,
      { text: `adds ${add}`, x, y: top + 22, mark: "mono" },
      ...foot(`${bar}; the longest ${length(most)}`),
    ];
  }
  const { n_experts: experts, top_k: k } = machine.experts;
  const probability = (expert) => route.probabilities[index * experts + expert];
  const order = route.chosen[index];
  const { shown, more } = listed(order, k);
  const line = (text, rank, mark) => ({ text, x: x + 13, y: boxes.top + GATES.first + GATES.step * rank, mark });
  return [
    { text: `${inWords(k)} of ${inWords(experts)} a token`, x, y: y + 20, mark: "quiet" },
    name,
    ...shown.map((expert, rank) =>
      line(`E${expert + 1} ${percent(probability(expert))}`, rank, rank < k ? "mono gate" : "mono gate quiet"),
    ),
    ...(more ? [line(`and ${more} more`, shown.length, "quiet")] : []),
    line(`add ${add}`, shown.length + (more ? 1 : 0), "mono"),
    ...boxNames(feed, experts, order.slice(0, k)),
    ...foot(...loadSentences(route, block.width)),
  ];
}

/** The names in the boxes: of the chosen ones first, of the others where there is room. */
function boxNames(feed, experts, top) {
  const placed = [];
  const near = (expert) => placed.some((other) => Math.abs(other - expert) * feed.boxes.pitch < 28);
  const all = Array.from({ length: experts }, (_, expert) => expert);
  for (const expert of [...top, ...all]) if (!placed.includes(expert) && !near(expert)) placed.push(expert);
  return placed.map((expert) => ({
    text: `E${expert + 1}`,
    x: boxX(feed, expert),
    y: feed.boxes.top + 11,
    anchor: "middle",
    mark: top.includes(expert) ? "strong" : "quiet",
  }));
}

/** What the boxes show, and how even the load is; on two lines where one is too long. */
function loadSentences({ load, ideal, balance }, width) {
  const busiest = load.indexOf(Math.max(...load));
  const idlest = load.indexOf(Math.min(...load));
  const times = (expert) => `E${expert + 1} × ${decimal(load[expert] / ideal, 1)}`;
  const key = `box: share of the tokens; dashed: even, ${decimal(ideal, 1)}`;
  const words = `busiest ${times(busiest)}, idlest ${times(idlest)} · balance loss ${decimal(balance)}`;
  return width < 570 ? [key, words] : [`${key} · ${words}`];
}
