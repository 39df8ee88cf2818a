// Runs every model that the server offers on all of its cases, with all graph
// optimisations and with none, and shows and reports what came of it.
import * as ort from "/ort/ort.wasm.min.mjs";
import { Export, compare, total } from "./cases.js";

const levels = { optimised: "all", "not optimised": "disabled" };
const tolerance = 1e-4; // of numeric outputs, relative to the largest of the cases
const batchSize = 64;

ort.env.wasm.wasmPaths = "/ort/";
ort.env.wasm.numThreads = 1;

const get = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
};

// open returns a session for a folder's model.onnx.
async function open(folder, graphOptimizationLevel) {
  const bytes = new Uint8Array(await (await get(`${folder}/model.onnx`)).arrayBuffer());
  const options = { executionProviders: ["wasm"], graphOptimizationLevel };
  const data = await fetch(`${folder}/model.onnx.data`);
  if (data.ok) {
    options.externalData = [{ path: "model.onnx.data", data: new Uint8Array(await data.arrayBuffer()) }];
  }
  return ort.InferenceSession.create(bytes, options);
}

// tensor makes an input of rows of ids.
function tensor(type, rows) {
  const flat = rows.flat();
  const data = type === "int32" ? Int32Array.from(flat) : BigInt64Array.from(flat, BigInt);
  return new ort.Tensor(type, data, [rows.length, rows[0].length]);
}

// outputs runs a batch and returns the outputs of each case, position by position.
async function outputs(session, model, cases) {
  const { ids, mask } = model.batch(cases);
  const answer = await session.run({ input_ids: tensor(model.idType, ids), attention_mask: tensor(model.idType, mask) });
  const names = Object.keys(answer).sort();
  if (names.join() !== model.outputs.join()) throw new Error(`the outputs are ${names}, not ${model.outputs}`);
  const { dims, data } = answer[model.output];
  if (dims[0] !== ids.length || dims[1] !== ids[0].length) throw new Error(`${model.output} has shape ${dims}`);
  const row = (i, p) => data.subarray((i * dims[1] + p) * dims[2], (i * dims[1] + p + 1) * dims[2]);
  return cases.map((c, i) => c.want.map((_, p) => row(i, p + 1)));
}

// check runs one model.
async function check(name) {
  const folder = `/models/${name}`;
  const model = new Export(await (await get(`${folder}/raspc.json`)).json());
  const cases = model.cases(await (await get(`${folder}/cases`)).text());
  const begin = performance.now();
  const results = [];
  for (const [variant, level] of Object.entries(levels)) {
    const result = model.result(variant);
    const session = await open(folder, level);
    for (let at = 0; at < cases.length; at += batchSize) {
      const batch = cases.slice(at, at + batchSize);
      compare(model, batch, await outputs(session, model, batch), tolerance, result);
    }
    await session.release();
    if (result.positions === 0) throw new Error("nothing was compared");
    results.push(result);
  }
  return { name, ...total(results), results, milliseconds: Math.round(performance.now() - begin) };
}

// cell adds a cell to a row of the table.
function cell(row, content, className = "") {
  const td = row.insertCell();
  td.textContent = content;
  td.className = className;
  return td;
}

// show adds a model to the table.
function show(tally) {
  const table = document.getElementById("models");
  const row = table.insertRow();
  cell(row, tally.name);
  if (tally.failed) {
    cell(row, tally.failed, "wrong").colSpan = 5;
    return;
  }
  const className = tally.differences ? "wrong" : "right";
  cell(row, tally.inputs);
  cell(row, tally.positions);
  cell(row, tally.differences, className);
  cell(row, tally.error.toExponential(1));
  cell(row, tally.milliseconds);
  for (const text of tally.shown) {
    const td = cell(table.insertRow(), "", "wrong");
    td.colSpan = 6;
    td.append(Object.assign(document.createElement("pre"), { textContent: text }));
  }
}

async function main() {
  const tallies = [];
  for (const name of await (await get("/models.json")).json()) {
    let tally;
    try {
      tally = await check(name);
    } catch (err) {
      tally = { name, failed: String(err?.message ?? err) };
    }
    tallies.push(tally);
    show(tally);
  }
  const wrong = tallies.filter((t) => t.failed || t.differences).length;
  const verdict = document.getElementById("verdict");
  verdict.textContent = wrong ? `${wrong} of ${tallies.length} models differ or fail` : `all ${tallies.length} models agree with the interpreter`;
  verdict.className = wrong ? "wrong" : "right";
  return { tallies, agent: navigator.userAgent, runtime: ort.env.versions.web };
}

const report = await main().catch((err) => ({ failed: String(err?.stack ?? err) }));
if (report.failed) document.getElementById("verdict").textContent = report.failed;
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
