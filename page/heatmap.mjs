// Heat maps: rows in groups, columns in panels, a colour for each number. The cells of a
// group that have one colour are one path, so that large maps stay light, and style sheets
// choose colours. The numbers are read by pointing, or with the arrow keys.
import { byId, cut, drawn, html } from "./dom.mjs";

const levels = 16;
const letter = 6.7; // width of a label's character
const rowHeight = 16, denseHeight = 12, manyRows = 80, headHeight = 18, groupGap = 10, panelGap = 18;
const mostLabel = 30;

// heatmap draws {label, groups: [{name, nodes, rows: [label], numbers: [number]}], panels:
// [{title, columns: [label]}], value(group, row, panel, column), scale(group, panel,
// column), mark(…), tell(…)}. Numbers stand behind the labels of rows. Marked cells get a
// frame; tell says in words what a cell is. choose is called with the nodes of a group.
export function heatmap(map, choose) {
  const layout = place(map);
  const frame = html("div", { class: layout.dense ? "dense map" : "map", tabindex: 0, role: "application", "aria-roledescription": "heat map", "aria-label": `${map.label}. Arrow keys move between the numbers.` },
    html("div", { class: "corner" }), drawHeads(map, layout), drawLabels(map, layout), drawCells(map, layout));
  watch(frame, map, layout, choose);
  return frame;
}

// place works out where rows and columns stand.
function place(map) {
  const longest = Math.max(1, ...map.panels.flatMap((p) => p.columns.map((c) => [...c].length)));
  const count = map.panels.reduce((n, p) => n + p.columns.length, 0);
  const width = count > 300 ? 6 : count > 120 ? 10 : Math.min(30, Math.max(18, 4 + longest * letter));
  const turned = 2 + longest * letter > width + 3;
  const shown = width >= 10;
  const top = headHeight * (map.panels.some((p) => p.title) ? 1 : 0) + (shown ? (turned ? 8 + Math.min(longest, 8) * letter : headHeight) : 4);
  const dense = map.groups.reduce((n, g) => n + g.rows.length, 0) > manyRows;
  const height = map.rowHeight ?? (dense ? denseHeight : rowHeight);
  const rows = [];
  let y = 0;
  map.groups.forEach((g, group) => {
    if (group > 0) y += g.rows.length === 1 && map.groups[group - 1].rows.length === 1 ? 3 : groupGap;
    const heading = y, single = g.rows.length === 1 && g.rows[0] === "";
    if (g.name !== undefined && !single) y += headHeight;
    g.rows.forEach((label, row) => {
      rows.push({ group, row, label, number: g.numbers?.[row], y, heading });
      y += height;
    });
  });
  const columns = [];
  let x = 4;
  map.panels.forEach((p, panel) => {
    const start = x;
    p.columns.forEach((label, column) => {
      columns.push({ panel, column, label, x });
      x += width;
    });
    x = Math.max(x, start + (p.title ?? "").length * letter) + panelGap;
  });
  const numbers = Math.max(0, ...rows.map((r) => String(r.number ?? "").length)) * letter;
  const texts = Math.max(...rows.map((r) => [...r.label].length), ...map.groups.map((g) => [...(g.name ?? "")].length - 2));
  const text = Math.ceil(Math.min(mostLabel, texts) * letter) + 8;
  return { rows, columns, width, height, dense, turned, shown, top, right: x - panelGap + 8, bottom: y + 4, text, labels: text + Math.ceil(numbers) + (numbers ? 16 : 6) };
}

function drawLabels(map, l) {
  const groups = map.groups.map((g, group) => {
    const rows = l.rows.filter((r) => r.group === group);
    const heading = g.name !== undefined && rows.length > 0 && drawn("text", { class: "heading", x: 6, y: rows[0].heading + 12 }, cut(g.name, mostLabel));
    const texts = rows.flatMap((r) => [
      drawn("text", { x: l.text, y: r.y + l.height / 2 + 4, "text-anchor": "end" }, cut(r.label, mostLabel)),
      r.number !== undefined && drawn("text", { class: "number", x: l.labels - 6, y: r.y + l.height / 2 + 4, "text-anchor": "end" }, String(r.number)),
    ]);
    const bar = rows.length > 0 && drawn("rect", { class: "bar", x: 0, y: rows[0].heading, width: 3, height: rows.at(-1).y + l.height - rows[0].heading });
    return drawn("g", { "data-node": g.nodes?.join(" ") }, bar, heading, texts);
  });
  return drawn("svg", { class: "labels", width: l.labels, height: l.bottom, "aria-hidden": true }, groups);
}

// drawHeads draws the labels of panels and columns, which stay in sight.
function drawHeads(map, l) {
  const titles = map.panels.map((p, panel) => {
    const first = l.columns.find((c) => c.panel === panel);
    return first && p.title && drawn("text", { class: "heading", x: first.x, y: 13 }, p.title);
  });
  const heads = l.shown ? l.columns.map((c) => columnLabel(c, l)) : [];
  return drawn("svg", { class: "heads", width: l.right, height: l.top, "aria-hidden": true }, titles, heads);
}

function drawCells(map, l) {
  return drawn("svg", { class: "cells", width: l.right, height: l.bottom, "aria-hidden": true }, map.groups.map((_, i) => drawGroup(map, l, i)),
    drawn("rect", { class: "cursor", width: l.width, height: l.height, visibility: "hidden" }));
}

function columnLabel(c, l) {
  const x = c.x + l.width / 2, y = l.top - 5;
  const text = cut(c.label, l.turned ? 8 : 12);
  return l.turned ? drawn("text", { x: 0, y: 4, transform: `translate(${x} ${y}) rotate(-90)` }, text) : drawn("text", { x, y, "text-anchor": "middle" }, text);
}

// drawGroup draws the cells of a group, one path for each colour.
function drawGroup(map, l, group) {
  const rows = l.rows.filter((r) => r.group === group);
  const paths = new Map(), frames = [];
  const add = (name, r, c) => paths.set(name, `${paths.get(name) ?? ""}M${c.x} ${r.y}h${l.width - 1}v${l.height - 1}h${1 - l.width}z`);
  for (const r of rows) {
    for (const c of l.columns) {
      const v = map.value(group, r.row, c.panel, c.column);
      if (v === null) continue;
      const level = Math.round((levels * v) / map.scale(group, c.panel, c.column));
      add(Number.isNaN(level) ? "nan" : Math.max(-levels, Math.min(levels, level)), r, c);
      const mark = map.mark?.(group, r.row, c.panel, c.column);
      if (mark) frames.push(drawn("rect", { class: mark, x: c.x + 0.5, y: r.y + 0.5, width: l.width - 2, height: l.height - 2 }));
    }
  }
  const ground = [...paths.values()].join("");
  const layers = [...paths].filter(([level]) => level !== 0).sort(([a], [b]) => (a < b ? -1 : 1)).map(([level, d]) =>
    drawn("path", { class: level === "nan" ? "nan" : level > 0 ? "more" : "less", "fill-opacity": level === "nan" ? 1 : Math.abs(level) / levels, d }));
  return drawn("g", { "data-node": map.groups[group].nodes?.join(" ") }, drawn("path", { class: "zero", d: ground }), layers, frames);
}

// watch shows the number under the pointer or the keys.
function watch(frame, map, l, choose) {
  const cells = frame.querySelector(".cells"), cursor = frame.querySelector(".cursor");
  let row = 0, column = 0;
  const show = (said) => {
    const r = l.rows[row], c = l.columns[column];
    cursor.setAttribute("x", c.x - 0.5);
    cursor.setAttribute("y", r.y - 0.5);
    cursor.setAttribute("visibility", "visible");
    const text = map.tell(r.group, r.row, c.panel, c.column);
    const box = cells.getBoundingClientRect();
    tip(text, box.left + c.x + l.width / 2, box.top + r.y);
    if (said) byId("said").textContent = text;
  };
  const hide = () => {
    cursor.setAttribute("visibility", "hidden");
    tip(null);
  };
  const at = (event) => {
    const box = cells.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const r = l.rows.findIndex((r) => r.y <= y && y < r.y + l.height), c = l.columns.findIndex((c) => c.x <= x && x < c.x + l.width);
    if (r >= 0 && c >= 0) [row, column] = [r, c];
    return r >= 0 && c >= 0;
  };
  if (l.rows.length === 0 || l.columns.length === 0) return;
  cells.addEventListener("pointermove", (event) => (at(event) ? show(false) : hide()));
  cells.addEventListener("pointerleave", hide);
  frame.addEventListener("blur", hide);
  frame.addEventListener("focus", () => frame.matches(":focus-visible") && show(true));
  cells.addEventListener("click", (event) => at(event) && choose(map.groups[l.rows[row].group].nodes));
  frame.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -Infinity], End: [0, Infinity], PageUp: [-10, 0], PageDown: [10, 0] }[event.key];
    if (event.key === "Enter") choose(map.groups[l.rows[row].group].nodes);
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const within = (i, n) => Math.max(0, Math.min(n - 1, i));
    [row, column] = [within(row + step[0], l.rows.length), within(column + step[1], l.columns.length)];
    reveal(frame, cells, l.rows[row], l.columns[column], l);
    show(true);
  });
}

// reveal scrolls a cell into view, in the map and in the window.
function reveal(frame, cells, r, c, l) {
  const room = { x: frame.clientWidth - l.labels, y: frame.clientHeight - l.top };
  frame.scrollLeft = Math.min(c.x - 8, Math.max(frame.scrollLeft, c.x + l.width + 8 - room.x));
  frame.scrollTop = Math.min(r.y - 8, Math.max(frame.scrollTop, r.y + l.height + 8 - room.y));
  const y = cells.getBoundingClientRect().top + r.y;
  const header = 130; // the input stays above
  if (y < header) scrollBy(0, y - header);
  if (y + l.height > innerHeight - 20) scrollBy(0, y + l.height - innerHeight + 20);
}

// tip shows a text beside a point of the window; null hides it.
function tip(text, x, y) {
  const box = byId("tip");
  box.hidden = text === null;
  if (text === null) return;
  box.textContent = text;
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(4, Math.min(innerWidth - width - 4, x - width / 2))}px`;
  box.style.top = `${y - height - 8 < 4 ? y + 24 : y - height - 8}px`;
}
