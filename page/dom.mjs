// Elements are made of text and attributes only, never of markup.
export function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return node;
}

export const byId = (id) => document.getElementById(id);

// short writes a float32 with the digits that people read.
export function short(x) {
  if (!Number.isFinite(x)) return String(x);
  const rounded = Number(x.toPrecision(4));
  return Math.abs(rounded) < 1e-3 && rounded !== 0 ? rounded.toExponential() : String(rounded);
}

// cut shortens a text to so many characters.
export function cut(text, most) {
  const chars = [...text];
  return chars.length > most ? chars.slice(0, most - 1).join("") + "…" : text;
}

// ranges writes numbers as 1–3, 7.
export function ranges(numbers) {
  const parts = [];
  for (const n of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([a, b]) => (a === b ? `${a}` : `${a}–${b}`)).join(", ");
}

export const plural = (n, thing) => `${n} ${thing}${n === 1 ? "" : "s"}`;
