// What the columns of the residual stream should hold, by the labels that the manifest
// gives them, and where they hold something else. It reads labels as package verify does.
import { atom, equal, float, isString } from "./value.mjs";
import { read } from "./operators.mjs";

const escapesOf = new Map([["n", "\n"], ["t", "\t"], ["r", "\r"]]);

// parseLabel reads a value that is spelled as Python's repr does; null where that is no
// single value.
function parseLabel(s) {
  if (s === "True" || s === "False") return { number: s === "True" ? 1 : 0 };
  if (/^(['"])[^]*\1$/.test(s) && s.length > 1) {
    const text = s.slice(1, -1).replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([^]))/g, (_, x, u, U, c) => {
      return c === undefined ? String.fromCodePoint(Math.min(0x10ffff, parseInt(x ?? u ?? U, 16))) : (escapesOf.get(c) ?? c);
    });
    return / or /.test(text) ? null : { text };
  }
  return s !== "" && Number.isFinite(Number(s)) ? { number: Number(s) } : null;
}

// against compares a value with a label, in the order of values.
function against(label, v) {
  if (label.text !== undefined) return isString(v) && v.text === label.text ? 0 : isString(v) && v.text > label.text ? 1 : -1;
  if (isString(v)) return 1;
  return Math.sign(float(v) - label.number);
}

function markCode(text) {
  const inner = /^\{([^]*)\}$/.exec(text)?.[1];
  if (inner === undefined) return null;
  const [listed, rest] = inner.split(" … ");
  const set = /['"]/.test(listed) ? [null] : listed.split(/\s+/).filter(Boolean).map(parseLabel);
  if (set.includes(null)) return null;
  return (v) => (set.some((l) => against(l, v) === 0) ? 1 : rest === undefined ? 0 : null);
}

const oneDigit = 128; // how many labels a single digit holds

function digitCode(text, labels) {
  const base = labels.length > oneDigit ? Math.ceil(Math.sqrt(labels.length)) : labels.length;
  const digit = text === "digit 0" ? (i) => i % base : text === "digit 1" ? (i) => Math.floor(i / base) : null;
  if (!digit || base === 0) return null;
  return (v) => {
    const i = labels.findIndex((l) => equal(l, v));
    return i < 0 ? null : digit(i);
  };
}

// codeOf returns what a column holds for a value of its s-op: a number, null where that is
// not known. It is null itself where the label says nothing.
export function codeOf(encoding, label, labels) {
  if (encoding === "numeric") return (v) => (isString(v) ? null : float(v));
  if (encoding === "marks") return markCode(label);
  if (encoding === "digits") return digitCode(label, labels);
  const value = parseLabel(label);
  if (!value) return null;
  return encoding === "steps" ? (v) => (against(value, v) >= 0 ? 1 : 0) : (v) => (against(value, v) === 0 ? 1 : 0);
}

// heldBy returns what stands along the direction of each column, where a rotation says
// which these are, of which there may be more than the stream has: the product of each of
// its rows with the stream, in front of columns that it leaves alone.
export function heldBy(points, rotation) {
  if (!rotation) return points;
  const along = (x) => rotation.map((row) => Math.fround(row.reduce((sum, w, i) => sum + w * x[i], 0)));
  return points.map((xs) => xs.map((x) => [...along(x), ...x.slice(rotation[0].length)]));
}

// departures lists where an s-op's columns hold something else than its values, of which
// there is one a position: {column, point, position, want, got}.
export function departures(held, values, labels, points) {
  const limit = Math.min(0.5, Math.max((2 * held.error) / held.gap, 1 / 64));
  const found = [];
  for (const column of held.columns) {
    const code = codeOf(held.encoding, column.label ?? "", labels);
    for (let point = column.from; code && point < column.to && point < points.length; point++) {
      values.forEach((v, i) => {
        const want = code(v), got = points[point][i + 1][column.index] * held.scale;
        if (want !== null && !(Math.abs(got - want) / held.gap <= limit)) found.push({ column: column.index, point, position: i, want, got });
      });
    }
  }
  return found;
}

const tolerance = 2e-5; // of a number, beside the largest

// readOutput reads the logits of a position: the value that they stand for, null where
// they are no numbers. Others are what logits behind those of the labels stand for.
export function readOutput(logits, labels, others = []) {
  if (![...logits].every(Number.isFinite)) return null;
  let best = 0;
  logits.forEach((l, i) => (best = l > logits[best] ? i : best));
  const count = Math.max(1, labels.length);
  if (best >= count) return { label: best, value: others[best - count], other: true };
  return labels.length === 0 ? { number: logits[0] } : { label: best, value: labels[best] };
}

// agrees reports whether what was read is the program's value. Numbers may be off by the
// tolerance, and by less than half the distance of two values.
export function agrees(got, want, largest, gap) {
  if (got === null || got.other) return false;
  if (got.value) return equal(got.value, want);
  if (isString(want)) return false;
  return Math.abs(got.number - float(want)) <= Math.min(tolerance * Math.max(1, largest), 0.49 * gap);
}

// decoded are the page's data with values in the place of their spellings. Columns that hold
// the input's tokens hold the s-op that reads them as they are, where there is one.
export function decoded(data) {
  const atoms = (list) => (list ?? []).map(atom);
  const vocab = atoms(data.vocab);
  const nodes = data.nodes.map((n) => ({
    ...n,
    args: n.args ?? [],
    names: n.names ?? [],
    value: n.value === undefined ? undefined : atom(n.value),
    table: n.table && { dict: n.table.dict, keys: atoms(n.table.keys), vals: atoms(n.table.vals) },
  }));
  const tokens = nodes.findIndex((n) => n.op === "tokens" && vocab.every((v) => readsAsIs(n.read, v)));
  return {
    ...data,
    vocab,
    labels: atoms(data.labels),
    others: atoms(data.others),
    example: atoms(data.example),
    nodes,
    columns: data.columns ?? [],
    held: (data.held ?? []).map((h) => (h.node < 0 ? { ...h, node: tokens } : h)),
    heads: data.heads ?? [],
    neurons: data.neurons ?? [],
  };
}

function readsAsIs(how, v) {
  try {
    return equal(read(how, v), v);
  } catch {
    return false;
  }
}
