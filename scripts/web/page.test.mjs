// The modules of the page about a model, on what scripts/web/cases has written to CASES:
// they must agree with the reference interpreter and with verify's evaluators.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { agrees, codeOf, decoded, departures, readOutput } from "../../page/columns.mjs";
import { load } from "../../page/forward.mjs";
import { InputError, admit, parseInput, spell } from "../../page/input.mjs";
import { compute } from "../../page/model.mjs";
import { evaluate } from "../../page/oracle.mjs";
import { display, printed, repr } from "../../page/text.mjs";
import { STRING, atom, equal, float } from "../../page/value.mjs";

const cases = process.env.CASES;
const read = (name) => readFileSync(join(cases, name), "utf8");
const pages = readdirSync(cases).filter((name) => name.endsWith(".html")).map((name) => name.slice(0, -5));
const models = pages.filter((name) => readdirSync(cases).includes(`${name}.json`));
const dataOf = (page) => decoded(JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(read(`${page}.html`))[1]));

// spelled is the opposite of atom.
const spelled = (v) => "sbif"[v.kind] + (v.kind === STRING ? v.text : v.d === 1n ? `${v.n}` : `${v.n}/${v.d}`);
const shown = (seq) => seq.map((v) => `${display(v)} ${repr(v)} ${printed(v)};`).join("");

test("random graphs mean what the interpreter says", () => {
  let defined = 0;
  for (const g of JSON.parse(read("graphs.json"))) {
    const { nodes } = decoded({ nodes: g.nodes });
    const { results, error } = evaluate(nodes, g.causal, g.input.map(atom));
    const what = JSON.stringify(g);
    if (g.error || error) {
      assert.deepEqual(error, g.error, what);
      continue;
    }
    defined++;
    results.forEach((r, i) => {
      const matrix = nodes[i].op.startsWith("sel");
      assert.deepEqual(matrix ? r : r.map(spelled), g.want[i], `node ${i} of ${what}`);
      if (!matrix) assert.equal(shown(r), g.shown[i], `node ${i} of ${what}`);
    });
  }
  assert.ok(defined > 1000, `only ${defined} graphs are defined`);
});

// json is how raspc writes a value.
const json = (v) => (v.kind === STRING ? v.text : v.kind === 1 ? v.n === 1n : float(v));

function sameTrace(data, run, trace, what) {
  for (const t of trace) {
    if (t.error) {
      assert.equal(run.error?.message, t.error.message, what);
      continue;
    }
    assert.equal(run.error, null, what);
    const i = data.nodes.findIndex((n) => n.names.includes(t.name) && !n.seen);
    const same = data.nodes.some((n, k) => n.names.includes(t.name) &&
      JSON.stringify(t.matrix ? run.results[k].map((row) => row.map(Number)) : run.results[k].map(json)) === JSON.stringify(t.matrix ?? t.output));
    assert.ok(i >= 0 && same, `${what}: ${t.name} is ${JSON.stringify(t.matrix ?? t.output)}`);
  }
}

function near(got, want, what) {
  assert.equal(got.length, want.length, what);
  got.forEach((x, i) => assert.ok(Math.abs(x - want[i]) <= 1e-5 * Math.max(1, Math.abs(want[i])), `${what}[${i}] is ${x}, want ${want[i]}`));
}

for (const name of models) {
  test(`${name}: both sides`, () => {
    const data = dataOf(name), net = load(data.network);
    assert.ok(JSON.parse(read(`${name}.json`)).length > 0);
    for (const c of JSON.parse(read(`${name}.json`))) {
      const what = `${name} on ${JSON.stringify(c.input)}`;
      const run = compute(data, net, parseInput(JSON.stringify(c.input)));
      sameTrace(data, run, c.trace, what);
      c.model.forEach((v, i) => {
        const x = run.got[i];
        if (x.value) assert.deepEqual(json(x.value), v, what);
        else near([x.number], [v], what);
      });
      run.run.logits.forEach((row, i) => near([...row], c.logits[i], `${what}: logits ${i}`));
      c.points?.forEach((xs, p) => xs.forEach((x, i) => near([...run.run.points[p][i]], x, `${what}: point ${p}, position ${i}`)));
      if (run.error) continue;
      assert.deepEqual(run.wrong, [], what);
      for (const [i, list] of run.off) assert.deepEqual(list, [], `${what}: ${data.held[i].name}`);
    }
  });
}

test("what columns hold is known of most", () => {
  let columns = 0, held = 0;
  for (const name of models) {
    const data = dataOf(name);
    columns += data.columns.filter((c) => c.variable !== "bos" && c.variable !== "real").length;
    held += data.held.reduce((n, h) => n + h.columns.length, 0);
  }
  assert.ok(held > 0.9 * columns, `${held} of ${columns}`);
});

test("damage shows where it is", () => {
  const data = dataOf("sort-onnx"), net = load(data.network), input = parseInput("[3, 1, 2]");
  const rank = data.held.findIndex((h) => h.name.startsWith("rank") && h.encoding === "marks");
  const { index } = data.held[rank].columns[1];
  net.layers[0].out.columns[index].fill(0);
  const run = compute(data, net, input);
  assert.ok(run.wrong.length > 0);
  assert.ok(run.off.get(rank).length > 0);
  assert.ok(run.off.get(rank).every((d) => d.column === index));
  net.unembed.columns[0][1] = NaN;
  assert.equal(compute(data, net, input).got[0], null);
});

test("labels that say nothing are passed over", () => {
  for (const encoding of ["categorical", "steps", "marks", "digits", "other"]) {
    for (const label of ["", "toString", "valueOf", "__proto__", "{", "'a", "\\U99999999", "'0 or 1'", "1e999"]) assert.equal(codeOf(encoding, label, [atom("i1")]), null, `${encoding} ${label}`);
  }
  assert.equal(codeOf("categorical", "'\\U99999999'", [])(atom("sa")), 0);
  assert.equal(codeOf("categorical", "'it\\'s\\n'", [])(atom("sit's\n")), 1);
  assert.equal(codeOf("steps", "1", [])(atom("i3")), 1);
  assert.equal(codeOf("marks", "{1 3 … 2 more}", [])(atom("i2")), null);
  assert.equal(codeOf("marks", "{1 3}", [])(atom("i2")), 0);
});

test("a column is compared from its writer to its eraser", () => {
  const held = { encoding: "categorical", gap: 1, error: 0, scale: 1, columns: [{ index: 0, label: "'a'", from: 1, to: 3 }] };
  const points = [0, 1, 1, 0].map((x) => [[0], [x]]);
  assert.deepEqual(departures(held, [atom("sa")], [], points), []);
  points[2][1][0] = 0.4;
  assert.deepEqual(departures(held, [atom("sa")], [], points), [{ column: 0, point: 2, position: 0, want: 1, got: 0.4 }]);
});

test("inputs are read as on the command line", () => {
  const words = (text) => parseInput(text).map(spelled);
  assert.deepEqual(words("abc"), ["sa", "sb", "sc"]);
  assert.deepEqual(words("in  out"), ["sin", "sout"]);
  assert.deepEqual(words('"a b"'), ["sa", "s ", "sb"]);
  assert.deepEqual(words(' [1, -2.50, 1e2, "x\\n", true, 0.1] '), ["i1", "f-5/2", "f100", "sx\n", "b1", "f1/10"]);
  assert.deepEqual(words("[123456789012345678901234567890]"), ["i123456789012345678901234567890"]);
  assert.deepEqual(words("[]"), []);
  for (const text of ["[1, 2", "[1 2]", "[1,]", "[,]", '["a]', "[1]]", "[nul]", "[[1]]", "[01]", "[+1]", '"a', "[1e999]"]) {
    assert.throws(() => parseInput(text), InputError, text);
  }
});

test("tokens are found by value and by spelling", () => {
  const data = { vocab: ["i1", "f1/2", "sa", "b0"].map(atom), maxLen: 4 };
  assert.deepEqual(admit(parseInput('[1.0, "0.5", "a", 0]'), data), [0, 1, 2, 3]);
  assert.deepEqual(admit(parseInput('["1", "1/2", "False"]'), data), [0, 1, 3]);
  assert.throws(() => admit(parseInput("[7]"), data), /the token 7 at position 0 is not in the vocabulary/);
  assert.throws(() => admit(parseInput("[1, 1, 1, 1, 1]"), data), /the input has 5 tokens; the program takes 1 to 4/);
  assert.throws(() => admit([], data), /has 0 tokens/);
});

test("examples are spelled as they are read", () => {
  for (const name of pages) {
    const data = dataOf(name);
    assert.ok(data.example.length > 0, name);
    assert.deepEqual(admit(parseInput(spell(data.example)), data).map((id) => data.vocab[id]), data.example, name);
  }
  for (const atoms of [["sa", "s\""], ["s["], ["sa b", "s"], ["f1/2", "i3"], ["b1", "b0"]]) {
    const values = atoms.map(atom);
    assert.ok(parseInput(spell(values)).every((v, i) => equal(v, values[i])), atoms.join());
  }
});

test("restricted inputs are refused", () => {
  const data = dataOf("inputs_restricted");
  assert.ok(data.inputs);
  assert.throws(() => admit([data.vocab[0], data.vocab[0], data.vocab[0], data.vocab[0]], data), /not meant for this input/);
});

test("what takes too long is given up", () => {
  const nodes = [{ op: "const", args: [], value: atom("i2") }, { op: "const", args: [], value: atom("i30000") }, { op: "pow", args: [0, 1] }];
  for (let i = 0; i < 2000; i++) nodes.push({ op: "neg", args: [nodes.length - 1] });
  const { results, error } = evaluate(nodes, false, Array(100).fill(atom("i1")));
  assert.match(error.limit, /takes longer than a page should/);
  assert.ok(results.length > 2 && results.length < nodes.length);
});

test("logits that are no numbers stand for nothing", () => {
  assert.equal(readOutput([1, NaN], [atom("i1"), atom("i2")]), null);
  assert.equal(readOutput([Infinity], []), null);
  assert.deepEqual(readOutput([1, 3, 3], ["sa", "sb", "sc"].map(atom)), { label: 1, value: atom("sb") });
  assert.deepEqual(readOutput([1, 2, 3], [atom("sa"), atom("sb")], [atom("sb")]), { label: 2, value: atom("sb"), other: true });
  assert.equal(agrees({ label: 2, value: atom("sb"), other: true }, atom("sb"), 1, 1), false);
  assert.deepEqual(readOutput([-3, -5], [], [atom("sb")]), { number: -3 });
});
