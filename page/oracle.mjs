// What a program means: its graph of s-ops on an input, as package frontend/interp
// evaluates it.
import { FLOAT, INT, OperatorError, STRING, bitLength, fraction, int } from "./value.mjs";
import { repr } from "./text.mjs";
import { apply, holds, read } from "./operators.mjs";

const maxWork = 2e7; // elementary steps, of which a browser does some millions a second

// LimitError ends an evaluation that takes too long.
class LimitError extends Error {}

// Budget counts what an evaluation may still do.
class Budget {
  left = maxWork;
  spend(n) {
    this.left -= n;
    if (this.left < 0) throw new LimitError("This takes longer than a page should compute: try a shorter input, or raspc run.");
  }
  made(v) {
    const words = v.kind === STRING ? v.text.length / 64 : bitLength(v.n) / 64;
    this.spend(v.kind === STRING ? 1 + words : 1 + (words * words) / 32);
  }
}

// evaluate returns the values of each node: a list of values of an s-op, a list of rows
// of booleans of a selector. Where the program is undefined, error says so, and the nodes
// from there on have none; so it is where it takes too long, which is error.limit then.
export function evaluate(nodes, causal, input) {
  const results = [], budget = new Budget();
  for (const [i, node] of nodes.entries()) {
    const at = { position: -1 };
    try {
      results.push(node.op.startsWith("sel") ? selector(node, results, causal, input.length, at, budget) : sequence(node, results, input, at, budget));
    } catch (err) {
      if (err instanceof LimitError) return { results, error: { limit: err.message } };
      if (!(err instanceof OperatorError)) throw err;
      return { results, error: { node: i, position: at.position, message: err.message + (at.position < 0 ? "" : ` (at position ${at.position})`) } };
    }
  }
  return { results, error: null };
}

function selector(node, results, causal, length, at, budget) {
  const [a, b] = node.args.map((i) => results[i]);
  budget.spend(length * length);
  const cell = {
    select: (q, k) => holds(node.cmp, a[k], b[q]),
    sel_not: (q, k) => !a[q][k],
    sel_and: (q, k) => a[q][k] && b[q][k],
    sel_or: (q, k) => a[q][k] || b[q][k],
  }[node.op];
  const rows = [];
  for (let q = 0; q < length; q++) {
    at.position = q;
    rows.push(Array.from({ length }, (_, k) => (causal && k > q ? false : cell(q, k))));
  }
  return rows;
}

function sequence(node, results, input, at, budget) {
  const args = (node.args ?? []).map((i) => results[i]);
  const element = {
    tokens: (i) => read(node.read, input[i]),
    indices: (i) => int(i),
    const: () => node.value,
    width: (i) => int(args[0][i].filter(Boolean).length),
    aggregate: (i) => mean(args[0][i], args[1], node.value, budget),
  }[node.op];
  const values = input.map((_, i) => {
    at.position = i;
    if (node.table) budget.spend(node.table.vals.length);
    const v = element ? element(i) : apply(node, ...args.map((a) => a[i]));
    budget.made(v);
    return v;
  });
  at.position = -1;
  if (typeOf(values) === null) throw new OperatorError(`a sequence of strings and numbers mixed: ${listed(values)}`);
  return values;
}

// typeOf names the type of a sequence; null where strings are mixed with numbers.
export function typeOf(values) {
  const kinds = values.map((v) => v.kind);
  if (kinds.every((k) => k === STRING)) return "strings";
  if (kinds.includes(STRING)) return null;
  return kinds.includes(FLOAT) ? "floats" : kinds.includes(INT) ? "ints" : "bools";
}

function listed(values) {
  const most = 12;
  return `[${values.slice(0, most).map(repr).join(", ")}${values.length > most ? ", …" : ""}]`;
}

// mean averages the values that a row selects.
function mean(row, values, otherwise, budget) {
  const selected = values.filter((_, k) => row[k]);
  if (selected.length === 0) return otherwise;
  if (selected.length === 1) return selected[0];
  const type = typeOf(values);
  if (type !== "ints" && type !== "floats") throw new OperatorError(`${selected.length} positions are selected, and ${type} cannot be averaged`);
  let sum = fraction(FLOAT, 0n, 1n);
  for (const v of selected) {
    sum = fraction(FLOAT, sum.n * v.d + v.n * sum.d, sum.d * v.d);
    budget.made(sum);
  }
  const v = fraction(FLOAT, sum.n, sum.d * BigInt(selected.length));
  return v;
}
