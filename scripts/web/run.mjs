// Serves the page, runs it in Chromium without a window, and says what it reports:
//
//	node run.mjs [--json FILE] DIR CASES.jsonl [DIR CASES.jsonl ...]
//
// Folders without model.onnx are left out. What was found is appended to FILE, see
// ../matrix/result.py. MODULES is the node_modules of the packages, CHROMIUM a browser in the place of
// theirs. With SCREENSHOT=FILE.png a picture of the page at its end is written. Exit
// status: 0 all equal, 1 the browser or a file fails, 2 wrong usage, 3 there are
// differences, 77 there is no browser for this machine.
import { appendFileSync, createReadStream, existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";

import { Browser, chromium } from "./browser.mjs";

const modules = process.env.MODULES ?? join(import.meta.dirname, "node_modules");
const limit = 30_000; // milliseconds for a model
const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json" };
const offered = ["index.html", "page.css", "page.js", "cases.js"];

// models maps the names of the models to their folders and cases.
function models(paths) {
  const all = new Map();
  for (let i = 0; i < paths.length; i += 2) all.set(basename(paths[i]), { dir: paths[i], cases: paths[i + 1] });
  if (paths.length === 0 || paths.length % 2 || all.size !== paths.length / 2) {
    console.error("usage: node run.mjs [--json FILE] DIR CASES.jsonl [DIR CASES.jsonl ...], with a name of its own for each DIR");
    process.exit(2);
  }
  for (const [name, { dir }] of all) if (!existsSync(join(dir, "model.onnx"))) all.delete(name);
  return all;
}

// fileOf returns the file that a path of the page stands for, if any.
function fileOf(path, all) {
  const [, top, name, file] = path.split("/");
  if (path === "/") return join(import.meta.dirname, "index.html");
  if (offered.includes(top) && name === undefined) return join(import.meta.dirname, top);
  if (top === "ort" && file === undefined) return join(modules, "onnxruntime-web/dist", basename(name));
  const model = top === "models" && all.get(name);
  if (!model) return undefined;
  return file === "cases" ? model.cases : join(model.dir, basename(file ?? ""));
}

// serve answers the page, and resolves its report.
function serve(all) {
  const server = createServer();
  const report = new Promise((resolve) => {
    server.on("request", async (request, response) => {
      const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
      if (request.method === "POST" && path === "/report") {
        let body = "";
        for await (const chunk of request) body += chunk;
        response.end();
        return resolve(JSON.parse(body));
      }
      if (path === "/models.json") return response.end(JSON.stringify([...all.keys()]));
      const file = fileOf(path, all);
      if (!file || !statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
      createReadStream(file).pipe(response);
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({ server, report, url: `http://127.0.0.1:${server.address().port}/` })));
}

// browserOf returns the name and the version of the browser that an agent names.
function browserOf(agent) {
  const [, name, version] = /(Chrome)\/([0-9.]+)/.exec(agent) ?? [agent, agent, ""];
  return [name, version];
}

// append adds a report, as a line, to a file. What JSON has no number for, the
// error of a wrong label, is null.
function append(file, report) {
  const [browser, version] = browserOf(report.agent);
  const results = report.tallies.flatMap((t) => t.results ?? []).map(({ inputs, shown, ...result }) => result);
  const line = { runtime: "web", versions: { "onnxruntime-web": report.runtime, [browser]: version }, results };
  appendFileSync(file, JSON.stringify(line) + "\n");
}

// tell prints a report and returns the exit status.
function tell(report, seconds) {
  if (report.failed) {
    console.error(`crosscheck web: ${report.failed}`);
    return 1;
  }
  const failed = report.tallies.filter((t) => t.failed);
  for (const t of failed) console.error(`crosscheck web: ${t.name}: ${t.failed}`);
  const rest = report.tallies.filter((t) => !t.failed);
  for (const t of rest) for (const text of t.shown) console.log(`${t.name}: ${text}`);
  const sum = (of) => rest.reduce((n, t) => n + of(t), 0);
  const differences = sum((t) => t.differences);
  console.log(
    `crosscheck web: ${rest.length} models, ${sum((t) => t.inputs)} inputs, ${sum((t) => t.positions)} positions compared, ` +
      `${differences} differences, largest error ${Math.max(0, ...rest.map((t) => t.error ?? Infinity)).toExponential(0)}, ${seconds.toFixed(1)} s ` +
      `(onnxruntime-web ${report.runtime}, ${browserOf(report.agent).join("/")})`,
  );
  return failed.length ? 1 : differences ? 3 : 0;
}

async function main() {
  const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
  const all = models(positionals);
  if (all.size === 0) throw new Error("no folder has files for it");
  const where = chromium(modules);
  const begin = performance.now();
  const { server, report, url } = await serve(all);
  const browser = await Browser.start(...where);
  try {
    await browser.open(url);
    const late = new Promise((resolve) => setTimeout(resolve, all.size * limit, { failed: `no report within ${(all.size * limit) / 1000} s` }).unref());
    const result = await Promise.race([report, browser.ended, late]);
    if (process.env.SCREENSHOT && !result.failed) await writeFile(process.env.SCREENSHOT, await browser.screenshot());
    if (values.json && !result.failed) append(values.json, result);
    return tell(result, (performance.now() - begin) / 1000);
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

process.exitCode = await main().catch((err) => {
  console.error(`crosscheck web: ${err.message}`);
  return 1;
});
