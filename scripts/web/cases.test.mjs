// What the page takes for a difference.
import assert from "node:assert/strict";
import test from "node:test";

import { Export, compare, total } from "./cases.js";

const atom = (kind, exact) => ({ kind, exact });
const manifest = (change) => ({
  files: [{ format: "safetensors" }, { format: "onnx" }],
  model: { layers: 1, attention: "causal" },
  tokens: { bos_id: 3, pad_id: 4 },
  options: { vocab: [atom("int", "0"), atom("float", "1/2"), atom("string", "0")] },
  output: { kind: "categorical", labels: [atom("bool", "True"), atom("int", "2"), atom("string", "2")] },
  ...change,
});
const resultOf = (model, c, rows) => {
  const result = model.result("optimised");
  compare(model, [c], [rows], 1e-4, result);
  return result;
};

test("inputs are read as ids, and padded behind BOS", () => {
  const model = new Export(manifest());
  const lines = ['{"input":[0,0.5],"output":[true,2]}', '{"input":["0"],"output":["2"]}', '{"input":[0],"error":{"code":"E0801"}}', ""];
  const cases = model.cases(lines.join("\n"));
  assert.deepEqual(model.batch(cases), { ids: [[3, 0, 1], [3, 2, 4]], mask: [[1, 1, 1], [1, 1, 0]] });
  assert.throws(() => model.cases('{"input":[7],"output":[2]}'), /not one of the model/);
  assert.throws(() => model.cases('{"input":[0],"output":[]}'), /not one of the model/);
});

test("labels are compared by value and kind", () => {
  const model = new Export(manifest());
  const wanted = (want, row) => resultOf(model, { atoms: [0], want: [want] }, [row]).differences;
  assert.equal(wanted(true, [1, 0, 0]), 0);
  assert.equal(wanted(1, [1, 0, 0]), 0); // True is 1
  assert.equal(wanted(2, [0, 1, 0]), 0);
  assert.equal(wanted("2", [0, 1, 0]), 1);
  assert.equal(wanted("2", [0, 0, 1]), 0);
  assert.equal(wanted(true, [1, NaN, 0]), 1);
  assert.equal(wanted(true, [0, 1, 0]), 1);
});

test("numbers are compared beside the largest one", () => {
  const model = new Export(manifest({ output: { kind: "numeric" } }));
  const [c] = model.cases('{"input":[0,0],"output":[10,0]}');
  assert.equal(model.output, "values");
  assert.equal(resultOf(model, c, [[10.0005], [0.0005]]).differences, 0);
  const result = resultOf(model, c, [[10.002], [NaN]]);
  assert.equal(result.differences, 2);
  assert.equal(result.positions, 2);
  assert.match(result.shown[0], /position 0: want 10, got 10.002/);
});

test("hidden states and int32 ids are told by the manifest", () => {
  const model = new Export(manifest({ files: [{ format: "onnx", ids: "int32", hidden_states: true }] }));
  assert.equal(model.idType, "int32");
  assert.deepEqual(model.outputs, ["hidden_states.0", "hidden_states.1", "logits"]);
});

test("results are of the file's kind", () => {
  const kind = { format: "onnx", architecture: "", task: "token-classification", dtype: "float32", attention: "causal" };
  assert.deepEqual(new Export(manifest()).result("optimised").kind, kind);
  const next = manifest({ files: [{ format: "onnx", dtype: "float16" }], output: { kind: "categorical", task: "causal-lm" } });
  assert.deepEqual(new Export(next).result("").kind, { ...kind, dtype: "float16", task: "causal-lm" });
});

test("results add up", () => {
  const model = new Export(manifest({ output: { kind: "numeric" } }));
  const [c] = model.cases('{"input":[0,0],"output":[10,0]}');
  const results = [resultOf(model, c, [[10.0005], [0]]), resultOf(model, c, [[10], [1]])];
  assert.deepEqual(results.map((r) => [r.positions, r.numbers, r.differences]), [[2, 2, 0], [2, 2, 1]]);
  const { shown, error, ...counts } = total(results);
  assert.deepEqual(counts, { inputs: 2, positions: 4, differences: 1 });
  assert.equal(error, 0.1);
  assert.equal(shown.length, 1);
});
