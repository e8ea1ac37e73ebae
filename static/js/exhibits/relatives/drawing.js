// One model drawn from its config: its stacks, one block of each open, the stream as a line that the parts hang on and
// add to, and the norms where they stand.

import { element } from "../../dom.js";
import { setTerms } from "../../page/terms.js";
import * as words from "./words.js";

function said(tag, className, text) {
  const node = element(tag, className);
  setTerms(node, text);
  return node;
}

/** A part as a box: what it is, and its sizes. */
function box({ kind, name, size, changed }) {
  const node = element("div", `part of-${kind} ${changed ? "changed" : ""}`, said("b", "", name));
  if (size) node.append(element("span", "", size));
  return node;
}

const plus = () => element("i", "plus", "+");

/** A norm: on the stream itself, or on a branch. */
const norm = (model, where) => said("div", `norm ${where} ${model.norm_changed ? "changed" : ""}`, model.norm);

/** How the order is known, where attention is what knows it; a decoder's look at an encoder has none. */
function orderOf(model, { kind }) {
  if (kind !== "attention" || !model.order_in_attention) return [];
  return [said("p", `order ${model.order_changed ? "changed" : ""}`, model.order)];
}

const branch = (...children) => element("div", "branch", ...children);

/** One part with its norms and the sum behind it, by where the norms stand. */
function step(model, part) {
  const ahead = model.place !== "post" ? [norm(model, "off")] : [];
  const behind = model.place === "both" ? [norm(model, "off")] : [];
  const nodes = [branch(...ahead, box(part), ...orderOf(model, part), ...behind), plus()];
  return model.place === "post" ? [...nodes, norm(model, "on")] : nodes;
}

/** Two parts that read the stream side by side: each behind its own norm, or both behind one. */
function beside(model, parts) {
  const own = model.place === "parallel";
  const column = (part) => element("div", "", ...(own ? [norm(model, "off")] : []), box(part), ...orderOf(model, part));
  const both = element("div", "two", ...parts.map(column));
  return [branch(...(own ? [] : [norm(model, "off")]), both), plus()];
}

function block(model, { name, n, parts }) {
  const flow = model.place.startsWith("parallel") ? beside(model, parts) : parts.flatMap((part) => step(model, part));
  return element("div", "opened", said("p", "times", words.blocks(name, n)), element("div", "flow", ...flow));
}

function stack(model, told, isLast) {
  const [entries, width] = model.embedding;
  const embedding = element("div", "part of-embedding", said("b", "", words.EMBEDDING), element("span"));
  embedding.lastChild.textContent = words.matrix(entries, width);
  const front = [embedding];
  if (model.order_added)
    front.push(said("p", `order ${model.order_changed ? "changed" : ""}`, words.orderAdded(model.order)));
  const back = model.place === "post" ? [] : [norm({ ...model, norm_changed: false }, "end")];
  const writes = isLast && model.writes;
  if (writes) {
    const end = element("div", `part of-unembedding ${model.tied_changed ? "changed" : ""}`);
    end.append(said("b", "", words.UNEMBEDDING), element("span", "", words.tied(model.tied)));
    back.push(end);
  } else back.push(said("p", "reads", isLast ? words.READ : words.READ_BY_DECODER));
  return element("div", "stack", ...front, block(model, told), ...back);
}

/** The nodes of a figure: its title, and its stacks. */
export function drawing(model, title) {
  const { stacks } = model;
  const drawn = stacks.map((told, at) => stack(model, told, at === stacks.length - 1));
  return [element("figcaption", "", title), element("div", "stacks", ...drawn)];
}
