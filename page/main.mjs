// The page: what is typed is computed, what is chosen is shown everywhere.
import { InputError, parseInput, spell } from "./input.mjs";
import { load } from "./forward.mjs";
import { decoded } from "./columns.mjs";
import { compute } from "./model.mjs";
import { byId, html } from "./dom.mjs";
import { linker, readersOf, showAttention, showChosen, showLogits, showNeurons, showOutput, showResidual, showSOps } from "./sections.mjs";

const data = decoded(JSON.parse(byId("data").textContent));
const net = data.network && load(data.network);
const linked = linker(data);
const placeOf = new Map(data.nodes.map((n, i) => [n.id, i]));
const input = byId("input"), results = byId("results");

let last = null; // the run that is shown
let chosen = null; // a node, null for none

function start() {
  for (const b of document.querySelectorAll(".code button")) {
    const node = placeOf.get(Number(b.dataset.id));
    b.dataset.node = node;
    b.addEventListener("click", () => choose([node]));
  }
  if (!net) for (const s of document.querySelectorAll(".model")) s.hidden = true;
  if (data.unchecked) byId("domain").append("; the page does not check which of these the program is meant for");
  byId("residual-legend").append(...legend());
  input.value = data.example.length > 0 ? spell(data.example) : "";
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  byId("run").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    show();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && choose([]));
  for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, (event) => light(event.target.closest?.("[data-node]")));
  document.addEventListener("pointerleave", () => light(null));
  show();
}

const swatch = (kind) => html("span", { class: `swatch ${kind}` });
const legend = () => [swatch("more"), "above 0 ", swatch("less"), "below 0 ", swatch("off"), "not what the program says"];

// show computes what is typed. What was shown before stays where that is no input.
function show() {
  byId("problem").textContent = "";
  try {
    last = compute(data, net, parseInput(input.value));
  } catch (err) {
    if (!(err instanceof InputError)) throw err;
    byId("problem").textContent = err.message;
  }
  input.setAttribute("aria-invalid", byId("problem").textContent !== "");
  results.classList.toggle("stale", byId("problem").textContent !== "");
  if (byId("problem").textContent !== "" || !last) return;
  showOutput(data, last);
  showSOps(data, last, choose);
  if (net) {
    showAttention(data, last, choose, linked);
    showResidual(data, last, choose, linked);
    showNeurons(data, last, choose, linked);
    showLogits(data, last, choose);
  }
  showChosen(data, last, chosen ?? data.output, linked);
  light(null);
}

// choose follows the first of some nodes, or the next where it is followed already; behind
// the last, and with none, it lets go.
function choose(nodes = []) {
  chosen = nodes[nodes.indexOf(chosen) + 1] ?? null;
  showChosen(data, last, chosen ?? data.output, linked);
  light(null);
}

const nodesOf = (element) => element.dataset.node.split(" ").filter(Boolean).map(Number);

// light marks everything that is about the nodes of an element, or about the chosen one. In
// the model that is what computes or holds them.
function light(element) {
  const over = element ? nodesOf(element) : [];
  const nodes = over.length > 0 ? over : chosen === null ? [] : [chosen];
  const readers = new Set(nodes.flatMap((node) => [...readersOf(data, node)]));
  let any = false;
  for (const e of document.querySelectorAll("[data-node]")) {
    const own = nodesOf(e), inModel = e.closest(".model") !== null;
    const on = own.some((node) => (inModel ? readers.has(node) : nodes.includes(node)));
    e.classList.toggle("on", on);
    any ||= on && inModel;
    if (e.tagName === "BUTTON") e.setAttribute("aria-pressed", own.includes(chosen));
  }
  document.body.classList.toggle("chosen", any && chosen !== null && nodes.includes(chosen));
  const lines = nodes.map((node) => data.nodes[node]?.line);
  for (const li of document.querySelectorAll(".code li")) li.classList.toggle("on", lines.includes(Number(li.dataset.line)));
}

start();
