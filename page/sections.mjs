// What the page shows of a run.
import { isString } from "./value.mjs";
import { printed, repr } from "./text.mjs";
import { byId, cut, html, plural, ranges, short } from "./dom.mjs";
import { heatmap } from "./heatmap.mjs";

const visible = (v) => (isString(v) && v.text.trim() === "" ? repr(v) : printed(v));

// nameOf is what the program calls a node, or else what it computes.
export function nameOf(data, node) {
  if (node < 0) return "tokens";
  const n = data.nodes[node];
  return n.names.at(-1) ?? n.expr;
}

// linker finds the nodes that a label of the model speaks of. A head that several s-ops
// share has all their names.
export function linker(data) {
  const byName = new Map();
  data.nodes.forEach((n, i) => n.names.forEach((name) => byName.set(name, i)));
  const tokens = data.nodes.findIndex((n) => n.op === "tokens");
  if (tokens >= 0 && !byName.has("tokens")) byName.set("tokens", tokens);
  data.held.filter((h) => h.node >= 0).forEach((h) => byName.set(h.name, h.node));
  return (label) => [...new Set((byName.has(label) ? [label] : label.split(", ")).map((name) => byName.get(name)).filter((node) => node !== undefined))];
}

// labelOf is what a label of the model says, with what the program computes in the place of
// the compiler's names for it.
function labelOf(data, linked, label) {
  const plain = label.replace(/\b\w+#\d+/g, (name) => (linked(name).length > 0 ? nameOf(data, linked(name)[0]) : name));
  return plain.replace(/\bconst#\d+ == const#\d+/g, "all positions");
}

// readersOf lists the s-ops that a selector is for: heads are said to be theirs. Of an s-op
// it is the s-op itself.
export function readersOf(data, node) {
  if (!data.nodes[node]?.op.startsWith("sel")) return new Set([node]);
  const selectors = new Set([node]), readers = new Set();
  data.nodes.forEach((n, i) => {
    if (n.args.some((a) => selectors.has(a))) (n.op.startsWith("sel") ? selectors : readers).add(i);
  });
  return readers;
}

// pointName says behind which part of the model a point of the residual stream is.
function pointName(data, point) {
  const p = point - 2 * data.front;
  if (p <= 0) return p === 0 ? "Embedding" : point === 0 ? "Input" : "Counting";
  return `L${(p - 1) >> 1} ${p % 2 === 1 ? "attn" : "MLP"}`;
}

const nameButton = (data, node, choose) => {
  const name = nameOf(data, node);
  const b = html("button", { type: "button", class: "name", "data-node": node, title: [...name].length > 28 && name }, cut(name, 28));
  b.addEventListener("click", () => choose([node]));
  return b;
};

// tokensRow heads a table with the tokens.
const tokensRow = (first, run, last) =>
  html("tr", {}, html("th", { scope: "col" }, first), run.tokens.map((v, i) => html("th", { scope: "col", class: "value" }, html("span", { class: "unseen" }, `position ${i}: `), visible(v))), last ?? "");

export function showOutput(data, run) {
  const got = (i) => {
    const x = run.got[i];
    return x === null ? "no number" : x.value ? visible(x.value) : short(x.number);
  };
  const rows = [
    html("tr", {}, html("th", { scope: "row" }, "Program"), run.tokens.map((_, i) => html("td", { class: "value" }, run.want ? visible(run.want[i]) : "–"))),
  ];
  if (run.got) {
    rows.push(html("tr", {}, html("th", { scope: "row" }, "Model"), run.tokens.map((_, i) => {
      const wrong = run.wrong?.includes(i);
      return html("td", { class: wrong ? "value wrong" : "value" }, wrong ? "≠ " : "", got(i));
    })));
  }
  byId("output").replaceChildren(html("table", {}, html("thead", {}, tokensRow("Input", run)), html("tbody", {}, rows)));
  byId("verdict").replaceChildren(...verdict(data, run));
  byId("verdict").classList.toggle("wrong", Boolean(run.error || run.wrong?.length));
}

function verdict(data, run) {
  if (run.error?.limit) return [run.error.limit];
  if (run.error) return [`The program is undefined on this input: ${run.error.message}, in ${nameOf(data, run.error.node)}.`];
  if (!run.run) return ["The model is too large for a page: what is shown is the program's. raspc run --model runs it."];
  const n = run.tokens.length;
  const parts = [run.wrong.length === 0 ? "The model gives the program’s output." : `The model differs from the program at ${run.wrong.length} of ${plural(n, "position")}.`];
  const off = data.held.map((h, i) => ({ h, list: run.off.get(i) ?? [] })).filter(({ list }) => list.length > 0);
  if (off.length === 0) return [...parts, data.held.length > 0 ? " Its columns hold what they should." : ""];
  const first = off.reduce((a, b) => (Math.min(...b.list.map((d) => d.point)) < Math.min(...a.list.map((d) => d.point)) ? b : a));
  return [...parts, ` Columns of ${off.map(({ h }) => nameOf(data, h.node)).filter((x, i, all) => all.indexOf(x) === i).join(", ")} hold something else than the program; first ${nameOf(data, first.h.node)}, behind ${pointName(data, Math.min(...first.list.map((d) => d.point)))}.`];
}

// shownNodes are the nodes of the table: those with names, the output, and what columns hold.
export function shownNodes(data) {
  const held = new Set(data.held.map((h) => h.node));
  return data.nodes.map((n, i) => i).filter((i) => data.nodes[i].names.length > 0 || i === data.output || held.has(i));
}

export function showSOps(data, run, choose) {
  const body = shownNodes(data).map((i) => {
    const result = run.results[i], off = positionsOff(data, run, i);
    const cells = run.tokens.map((_, k) => {
      const v = result?.[k];
      if (v === undefined) return html("td", { class: "value" }, "–");
      if (Array.isArray(v)) return html("td", { class: "value picked" }, cut(ranges(v.flatMap((yes, key) => (yes ? [key] : []))), 12) || "∅");
      return html("td", { class: off.has(k) ? "value wrong" : "value" }, off.has(k) ? "≠ " : "", visible(v));
    });
    return html("tr", { "data-node": i }, html("th", { scope: "row" }, nameButton(data, i, choose)), cells, run.run && html("td", { class: "quiet" }, heldIn(data, i)));
  });
  byId("sops").replaceChildren(html("table", {}, html("thead", {}, tokensRow("Input", run, run.run && html("th", { scope: "col", class: "quiet" }, "columns"))), html("tbody", {}, body)));
}

const heldIn = (data, node) => ranges(data.held.filter((h) => h.node === node).flatMap((h) => h.columns.map((c) => c.index)));

function positionsOff(data, run, node) {
  return new Set(data.held.flatMap((h, i) => (h.node === node ? (run.off.get(i) ?? []).map((d) => d.position) : [])));
}

// showChosen tells what there is to know of a node.
export function showChosen(data, run, node, linked) {
  const n = data.nodes[node], facts = [];
  const fact = (term, ...what) => facts.push(html("dt", {}, term), html("dd", {}, ...what));
  if (n) {
    fact("computes", html("code", {}, n.names.length > 0 && n.expr === n.names.at(-1) ? n.op : n.expr));
    if (n.line) fact("line", String(n.line));
  }
  for (const h of data.held.filter((h) => h.node === node)) {
    fact("held", `${h.encoding}, ${h.columns.length === 1 ? "column" : "columns"} ${ranges(h.columns.map((c) => c.index))}, from ${pointName(data, Math.min(...h.columns.map((c) => c.from)))} on`);
  }
  const heads = data.heads.filter((h) => linked(h.sop).includes(node));
  if (heads.length > 0) fact("heads", heads.map((h) => `L${h.layer} H${h.index} (${h.kind})`).join(", "));
  const neurons = data.neurons.filter((x) => linked(x.sop).includes(node));
  for (const layer of new Set(neurons.map((x) => x.layer))) {
    fact("neurons", `L${layer}: ${ranges(neurons.filter((x) => x.layer === layer).map((x) => x.index))}`);
  }
  const picture = n?.op.startsWith("sel") && run?.results[node] && selectorMap(data, run, node);
  byId("chosen").replaceChildren(html("div", {}, html("h3", {}, nameOf(data, node)), html("dl", {}, facts)), picture || "");
}

function selectorMap(data, run, node) {
  const tokens = run.tokens.map(visible), rows = run.results[node];
  return heatmap({
    label: `Selector ${nameOf(data, node)}`,
    groups: [{ rows: tokens }],
    panels: [{ columns: tokens }],
    rowHeight: 18,
    value: (_, q, __, k) => (rows[q][k] ? 1 : 0),
    scale: () => 1,
    tell: (_, q, __, k) => `position ${q} (${tokens[q]}) ${rows[q][k] ? "selects" : "does not select"} position ${k} (${tokens[k]})`,
  }, () => {});
}

const withBOS = (run) => ["BOS", ...run.tokens.map(visible)];

export function showAttention(data, run, choose, linked) {
  const labels = withBOS(run);
  const cards = [...data.heads].sort(byPlace).map((h) => {
    const weights = run.run.attention[h.layer + data.front][h.index], nodes = linked(h.sop);
    const largest = Math.max(1e-12, ...weights.flatMap((row) => row.slice(1).filter(Number.isFinite)));
    const map = heatmap({
      label: `Attention of head ${h.index} in layer ${h.layer}, for ${labelOf(data, linked, h.sop)}`,
      groups: [{ rows: labels }],
      panels: [{ columns: labels }],
      rowHeight: 18,
      value: (_, q, __, k) => weights[q][k] ?? null,
      scale: (_, __, k) => (k === 0 ? 1 : largest),
      tell: (_, q, __, k) => (weights[q][k] === undefined ? `${at(labels, q)} cannot look ahead` : `${at(labels, q)} looks at ${at(labels, k)}: ${short(weights[q][k])}`),
    }, () => choose(nodes));
    const names = nodes.length > 0 ? nodes.flatMap((node, i) => [i > 0 && ", ", nameButton(data, node, choose)]) : [h.sop];
    return html("figure", { class: "card", "data-node": nodes.join(" ") }, html("figcaption", {},
      html("span", { class: "where" }, `L${h.layer} H${h.index}`), " ", names, " ", html("span", { class: "quiet" }, h.kind), html("code", { class: "quiet" }, labelOf(data, linked, h.selector))), map);
  });
  byId("attention").replaceChildren(...(cards.length > 0 ? cards : [html("p", { class: "quiet" }, "The model has no heads.")]));
}

const byPlace = (a, b) => a.layer - b.layer || a.index - b.index;
const at = (labels, i) => (i === 0 ? "BOS" : `position ${i - 1} (${labels[i]})`);

// residualGroups are the columns by the s-op that they hold, then those without a label.
function residualGroups(data, run, linked) {
  const groups = [];
  for (const c of data.columns) {
    const last = groups.at(-1);
    if (last?.variable === c.variable) last.columns.push(c);
    else groups.push({ variable: c.variable, columns: [c] });
  }
  const labelled = new Set(data.columns.map((c) => c.index));
  const rest = Array.from(run.run.held[0][0].keys()).filter((i) => !labelled.has(i));
  if (rest.length > 0) groups.push({ variable: "without a label", columns: rest.map((index) => ({ index })) });
  return groups.map((g) => {
    const nodes = linked(g.variable);
    return { ...g, nodes, name: labelOf(data, linked, g.variable), rows: g.columns.map((c) => c.value ?? ""), numbers: g.columns.map((c) => c.index) };
  });
}

export function showResidual(data, run, choose, linked) {
  const groups = residualGroups(data, run, linked), points = run.run.held, labels = withBOS(run);
  const largest = groups.map((g) => Math.max(0.05, ...points.flatMap((xs) => xs.flatMap((x) => g.columns.map((c) => Math.abs(x[c.index]) || 0)))));
  const marks = new Map();
  for (const [i, list] of run.off) for (const d of list) marks.set(`${d.column} ${d.point} ${d.position + 1}`, { ...d, held: data.held[i] });
  const marked = (g, r, p, c) => marks.get(`${groups[g].columns[r].index} ${p} ${c}`);
  byId("residual").replaceChildren(heatmap({
    label: `Residual stream of ${plural(points[0][0].length, "column")}, ${data.rotation ? "along their directions in it, " : ""}behind each part of the model`,
    groups,
    panels: points.map((_, p) => ({ title: pointName(data, p), columns: labels })),
    value: (g, r, p, c) => points[p][c][groups[g].columns[r].index],
    scale: (g) => largest[g],
    mark: (...at) => marked(...at) && "off",
    tell: (g, r, p, c) => {
      const column = groups[g].columns[r], d = marked(g, r, p, c);
      const value = column.value === undefined ? "" : ` = ${column.value}`;
      const should = d ? `, and should hold ${short(d.want / d.held.scale)}` : "";
      return `${groups[g].name}${value}, column ${column.index}, behind ${pointName(data, p)}, ${at(labels, c)}: ${short(points[p][c][column.index])}${should}`;
    },
  }, choose));
}

export function showNeurons(data, run, choose, linked) {
  const groups = [];
  for (const n of [...data.neurons].sort((a, b) => a.layer - b.layer)) { // else as listed: those of an s-op together, wherever they are
    const last = groups.at(-1);
    if (last?.sop === n.sop && last.layer === n.layer) last.neurons.push(n);
    else groups.push({ sop: n.sop, layer: n.layer, nodes: linked(n.sop), neurons: [n] });
  }
  const { hidden } = run.run, labels = withBOS(run);
  const value = (g, r, c) => hidden[groups[g].layer + data.front][c][groups[g].neurons[r].index];
  const largest = groups.map((g, i) => Math.max(0.05, ...g.neurons.flatMap((_, r) => labels.map((_, c) => Math.abs(value(i, r, c)) || 0))));
  for (const g of groups) {
    g.name = `L${g.layer} ${labelOf(data, linked, g.sop)}`;
    g.rows = g.neurons.map((n) => n.role);
    g.numbers = g.neurons.map((n) => n.index);
  }
  if (groups.length === 0) {
    byId("neurons").replaceChildren(html("p", { class: "quiet" }, "The model has no neurons."));
    return;
  }
  byId("neurons").replaceChildren(heatmap({
    label: `Activations of ${plural(data.neurons.length, "neuron")}`,
    groups,
    panels: [{ columns: labels }],
    value: (g, r, _, c) => value(g, r, c),
    scale: (g) => largest[g],
    tell: (g, r, _, c) => `${groups[g].name}, neuron ${groups[g].neurons[r].index} (${groups[g].neurons[r].role}), ${at(labels, c)}: ${short(value(g, r, c))}`,
  }, choose));
}

export function showLogits(data, run, choose) {
  const rows = run.run.logits.slice(1), labels = run.tokens.map(visible);
  const numeric = data.labels.length === 0;
  const names = [...(numeric ? ["value"] : data.labels.map(visible)), ...data.others.map(visible)];
  byId("logits-note").textContent = numeric ? "The first logit is the number itself." : "The largest logit of a position, framed, is the output. The colour of another is by how much it is smaller, as a softmax has it.";
  const largest = rows.map((row) => Math.max(...row));
  const size = Math.max(0.05, ...rows.map((row) => Math.abs(row[0]) || 0));
  const answer = (c) => run.got[c]?.label ?? (run.got[c] === null ? -1 : 0);
  byId("logits").replaceChildren(heatmap({
    label: `Logits of ${plural(names.length, "output")}`,
    groups: [{ rows: names, nodes: [data.output] }],
    panels: [{ columns: labels }],
    value: (_, r, __, c) => (numeric ? rows[c][r] : Math.exp(rows[c][r] - largest[c])),
    scale: () => (numeric ? size : 1),
    mark: (_, r, __, c) => answer(c) === r && (run.wrong?.includes(c) ? "off" : numeric ? null : "best"),
    tell: (_, r, __, c) => `position ${c} (${labels[c]}), ${names[r]}: ${short(rows[c][r])}${answer(c) === r && !numeric ? ", the largest" : ""}`,
  }, choose));
}
