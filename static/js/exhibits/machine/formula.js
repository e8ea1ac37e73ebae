// Which lines of the formula hold for a machine: its blocks are serial or parallel, with an MLP, with experts, or some
// with the one and some with the other.

import { setAttribute } from "../../dom.js";
import { hasExperts } from "./anatomy.js";

export function showFormula(root, machine) {
  const layers = Array.from({ length: machine.n_layers }, (_, layer) => hasExperts(machine, layer));
  const { parallel } = machine;
  const [experts, mlp] = [layers.includes(true), layers.includes(false) && !parallel];
  const holds = { serial: !parallel, parallel, mlp, experts, both: mlp && experts };
  for (const line of root.querySelectorAll("[data-when]"))
    setAttribute(line, "hidden", holds[line.dataset.when] ? null : "");
}
