// Why the norm stands where it stands: how long the stream's vectors are, block by block, on the text at hand. Of each
// river the median over its tokens, because the first token's vector is often many times as long as the others'.

import { setAttribute, setText } from "../../dom.js";
import { rowBefore } from "./anatomy.js";
import * as words from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const PLOT = { left: 34, top: 12, bottom: 104, foot: 120, height: 126 };
const [NAMED, LINE] = [62, 14]; // px for the names at the ends of two lines, and from one to the other at least

function node(parent, tag, className) {
  const made = document.createElementNS(SVG, tag);
  if (className) made.setAttribute("class", className);
  parent.append(made);
  return made;
}

/** The median length of a river at each place where it is measured up to its last block. */
const medians = (stack, river) => [...river.medians.subarray(0, rowBefore(stack, stack.layers) + 1)];

/** What the line says in words; `post`: norms stand behind each sum. */
function told(stack, values, post) {
  if (!post) return words.grows(stack, values[0], values.at(-1));
  const normed = values.filter((_, row) => row % 2 === 0);
  const sums = values.filter((_, row) => row % 2 === 1);
  return words.comesBack(stack, Math.min(...normed), Math.max(...normed), Math.max(...sums));
}

export function mountWhy(root) {
  const svg = root.querySelector("svg");
  const said = root.querySelector(".measured");
  const [axis, zero, most, foot, end] = ["path", "text", "text", "text", "text"].map((tag) => node(svg, tag, "axis"));
  const lines = [0, 1].map(() => ({ line: node(svg, "path", "line"), name: node(svg, "text", "name") }));
  const write = (label, text, x, y, anchor) => {
    setText(label, text);
    Object.entries({ x, y, "text-anchor": anchor }).forEach(([name, value]) => setAttribute(label, name, value));
  };

  return function show(machine, measured, width) {
    const { left, top, bottom, height } = PLOT;
    const right = width - (machine.stacks.length > 1 ? NAMED : 6);
    setAttribute(svg, "viewBox", `0 0 ${width} ${height}`);
    const all = machine.stacks.map((stack) => medians(stack, measured.rivers[stack.name]));
    const highest = Math.max(...all.flat());
    setAttribute(axis, "d", `M${left} ${top}V${bottom}H${right}`);
    write(zero, "0", left - 6, bottom, "end");
    write(most, words.length(highest), left - 6, top + 8, "end");
    write(foot, words.BEFORE, left, PLOT.foot, "start");
    write(end, words.BEHIND, right, PLOT.foot, "end");
    const y = (value) => bottom - ((bottom - top) * value) / highest;
    const ends = all.map((values) => y(values.at(-1)));
    const apart = ends.length > 1 ? Math.max(0, LINE - Math.abs(ends[0] - ends[1])) / 2 : 0;
    lines.forEach(({ line, name }, index) => {
      const values = all[index];
      for (const part of [line, name]) setAttribute(part, "visibility", values ? null : "hidden");
      if (!values) return;
      const x = (row) => left + ((right - left) * row) / (values.length - 1);
      const points = values.map((value, row) => `${x(row).toFixed(1)} ${y(value).toFixed(1)}`);
      setAttribute(line, "d", `M${points.join("L")}`);
      const other = ends[1 - index];
      const shift = ends[index] < other || (ends[index] === other && index === 0) ? -apart : apart;
      write(name, other === undefined ? "" : machine.stacks[index].name, right + 8, ends[index] + shift + 4, "start");
    });
    const sentences = machine.stacks.map((stack, index) => told(stack, all[index], machine.post_norm));
    setText(said, sentences.join(" "));
    setAttribute(svg, "aria-label", sentences.join(" "));
  };
}
