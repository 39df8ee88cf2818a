// Opens pages about models in Chromium, types inputs, and compares what is shown with what
// raspc says; walks through by keyboard; looks for what axe-core finds wrong:
//
//	node page.mjs CASES
//
// CASES is what scripts/web/cases has written. With SCREENSHOTS=DIR it leaves pictures there.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { Browser, chromium } from "./browser.mjs";

const modules = process.env.MODULES;
const cases = resolve(process.argv[2]);
const pageOf = (name) => pathToFileURL(join(cases, `${name}.html`)).href;
const axe = readFileSync(join(modules, "axe-core/axe.min.js"), "utf8");
const limit = 10_000; // milliseconds for anything to appear
const done = { inputs: 0, checked: 0 };

// until waits for an expression on the page to hold.
async function until(browser, expression) {
  const end = Date.now() + limit;
  while (!(await browser.evaluate(`Boolean(${expression})`))) {
    if (Date.now() > end) throw new Error(`${expression} does not come true`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

async function open(browser, name) {
  await browser.go(pageOf(name));
  await until(browser, `document.querySelector("#output td")`);
}

// enter types an input, and waits until it was read.
async function enter(browser, text) {
  await browser.evaluate(`document.getElementById("input").focus(), document.querySelector("#output table")?.classList.add("old")`);
  await browser.type(text);
  await browser.press("Enter");
  await until(browser, `document.getElementById("problem").textContent || !document.querySelector("#output .old")`);
  done.inputs++;
}

const cells = (row) => `[...document.querySelectorAll("#output tbody tr:nth-child(${row}) td")].map((td) => td.textContent)`;

// shows reports whether a text shows a value that raspc wrote as JSON.
function shows(text, v) {
  if (typeof v === "boolean") return text === (v ? "T" : "F");
  if (typeof v === "string") return text === v || text === `'${v}'`;
  return Math.abs(Number(text) - v) <= 1e-3 * Math.max(1, Math.abs(v));
}

// compared types some inputs of a page's cases and reads what it shows of them.
async function compared(browser, name) {
  await open(browser, name);
  const all = JSON.parse(readFileSync(join(cases, `${name}.json`), "utf8"));
  for (const c of all.filter((_, i) => i % Math.ceil(all.length / 4) === 0)) {
    const what = `${name} on ${JSON.stringify(c.input)}`;
    await enter(browser, JSON.stringify(c.input));
    assert.equal(await browser.evaluate(`document.getElementById("problem").textContent`), "", what);
    const program = await browser.evaluate(cells(1)), model = await browser.evaluate(cells(2));
    const want = c.trace.at(-1);
    assert.ok(want.output.every((v, i) => shows(program[i], v)), `${what}: the program's row is ${program}, want ${want.output}`);
    assert.ok(c.model.every((v, i) => shows(model[i], v)), `${what}: the model's row is ${model}, want ${c.model}`);
    assert.match(await browser.evaluate(`document.getElementById("verdict").textContent`), /^The model gives the program’s output\.( Its columns hold what they should\.)?$/, what);
  }
}

// refused types what is no input: the error stands below the field, and nothing moves.
async function refused(browser) {
  await open(browser, "sort-onnx");
  const places = `JSON.stringify([scrollY, ...[...document.querySelectorAll("section")].map((s) => s.getBoundingClientRect().top)])`;
  const before = await browser.evaluate(places), shown = await browser.evaluate(cells(1));
  for (const [text, problem] of [["[3, 47]", "the token 47 at position 1 is not in the vocabulary"], ["", "the input has 0 tokens; the program takes 1 to 10"], ["[1", "the input is no JSON array"]]) {
    await enter(browser, text);
    const said = await browser.evaluate(`document.getElementById("problem").textContent`);
    assert.ok(said.startsWith(problem), said);
    assert.equal(await browser.evaluate(`document.getElementById("input").getAttribute("aria-invalid")`), "true");
    assert.equal(await browser.evaluate(places), before);
    assert.deepEqual(await browser.evaluate(cells(1)), shown);
  }
  await enter(browser, "[2, 1]");
  assert.deepEqual(await browser.evaluate(cells(2)), ["1", "2"]);
}

// walked uses the page without a pointer.
async function walked(browser) {
  await open(browser, "sort-onnx");
  const focus = `document.activeElement.id || document.activeElement.textContent || document.activeElement.className`;
  await browser.press("Tab");
  assert.equal(await browser.evaluate(focus), "Skip to the input");
  await browser.press("Enter");
  assert.equal(await browser.evaluate(focus), "input");
  const met = [];
  while (met.length < 100 && !met.includes("body")) {
    await browser.press("Tab");
    met.push(await browser.evaluate(`(() => {
      const e = document.activeElement, style = getComputedStyle(e);
      if (e === document.body) return "body";
      if (style.outlineStyle === "none") return "focus of " + e.outerHTML + " cannot be seen";
      return (e.closest("section")?.querySelector("h2").textContent ?? e.id) + (e.matches(".map") ? " map" : "");
    })()`));
  }
  assert.deepEqual([...new Set(met)], ["Output", "Program", "S-ops and selectors", "Attention", "Attention map", "Residual stream map", "Neurons map", "Logits map", "body"]);
  await browser.evaluate(`document.querySelector("#residual .map").focus()`);
  for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "End", "ArrowLeft"]) await browser.press(key);
  const said = `document.getElementById("said").textContent`;
  assert.equal(await browser.evaluate(said), "tokens = 1, column 3, behind L1 MLP, position 2 (2): 0");
  assert.equal(await browser.evaluate(`document.getElementById("tip").textContent`), await browser.evaluate(said));
  await browser.press("Enter");
  const chosen = `[...document.querySelectorAll("#sops [aria-pressed=true]")].map((b) => b.textContent).join()`;
  assert.equal(await browser.evaluate(chosen), "tokens");
  assert.ok(await browser.evaluate(`document.querySelectorAll(".code button.on").length >= 2 && document.querySelectorAll("#residual g.on").length === 2`));
  await browser.press("Escape");
  assert.equal(await browser.evaluate(chosen), "");
  await browser.evaluate(`[...document.querySelectorAll(".code button")].find((b) => b.textContent === "rank").focus()`);
  await browser.press("Enter");
  assert.equal(await browser.evaluate(chosen), "rank");
  assert.deepEqual(await browser.evaluate(`[...document.querySelectorAll("figure.on .where")].map((e) => e.textContent)`), ["L0 H0", "L0 H1"]);
  assert.equal(await browser.evaluate(`document.querySelector("#chosen h3").textContent`), "rank");
}

// sound reports what axe-core finds, and what reaches beyond the window.
async function sound(browser, name, look) {
  await browser.look(look);
  await open(browser, name);
  const what = `${name} ${JSON.stringify(look)}`;
  const found = await browser.evaluate(`${axe}; axe.run().then(({ violations }) => violations.map((v) => v.id + ": " + v.help + " " + v.nodes.map((n) => n.html + " " + n.failureSummary).join("\\n")))`);
  assert.deepEqual(found, [], what);
  assert.ok(await browser.evaluate(`document.documentElement.scrollWidth <= innerWidth`), `${what}: wider than the window`);
  if (process.env.SCREENSHOTS) {
    await enter(browser, name.startsWith("sort") ? "[3, 1, 4, 1, 5, 9, 2]" : await browser.evaluate(`document.getElementById("input").value`));
    await writeFile(join(process.env.SCREENSHOTS, `${name}-${look.print ? "print" : look.dark ? "dark" : "light"}-${look.width ?? 1280}.png`), await browser.screenshot());
  }
  await browser.look({});
  done.checked++;
}

// damaged: what a changed weight does is marked, with signs that are no colours.
async function damaged(browser) {
  const page = readFileSync(join(cases, "sort-onnx.html"), "utf8").replace(/(id="data">)(.*?)(<\/script>)/s, (_, before, text, behind) => {
    const data = JSON.parse(text);
    const rank = data.held.find((h) => h.name.startsWith("rank") && h.encoding === "marks");
    data.network.layers[0].out.c[rank.columns[0].index].fill(0);
    return before + JSON.stringify(data) + behind;
  });
  await writeFile(join(cases, "damaged.html"), page);
  await open(browser, "damaged");
  await enter(browser, "[3, 1, 2]");
  assert.match(await browser.evaluate(`document.getElementById("verdict").textContent`), /^The model differs from the program at \d of 3 positions\. Columns of rank.* first rank, behind L0 MLP\.$/);
  assert.ok(await browser.evaluate(`document.querySelectorAll("#residual rect.off").length >= 3`));
  assert.ok(await browser.evaluate(`[...document.querySelectorAll("td.wrong")].every((td) => td.textContent.startsWith("≠ ")) && document.querySelectorAll("#output td.wrong").length > 0`));
}

// pictured leaves the picture of docs/cli.md: a name that is followed from the source to the
// residual stream.
async function pictured(browser) {
  await browser.look({ width: 1320 });
  await open(browser, "sort-onnx");
  await enter(browser, "[3, 1, 4, 1, 5, 9, 2]");
  await browser.evaluate(`(() => {
    for (const id of ["neurons", "logits"]) document.getElementById(id).closest("section").remove();
    document.getElementById("results").style.paddingBottom = "1.5rem";
    [...document.querySelectorAll("#sops button")].find((b) => b.textContent === "rank").click();
    document.activeElement.blur();
  })()`);
  await new Promise((next) => setTimeout(next, 300)); // while colours change
  await writeFile(join(process.env.SCREENSHOTS, "inspect.png"), await browser.screenshot());
}

// alone: nothing was loaded beside the file, and nothing could be.
async function alone(browser, name) {
  await open(browser, name);
  assert.equal(await browser.evaluate(`performance.getEntriesByType("resource").length`), 0);
  assert.equal(await browser.evaluate(`fetch("data:,x").then(() => "loaded", () => "refused")`), "refused");
  assert.equal(await browser.evaluate(`new Promise((end) => { const s = document.createElement("script"); s.textContent = "window.ran = 1"; document.body.append(s); setTimeout(() => end(window.ran ?? 0)); })`), 0);
}

// harmless: the tokens of hostile.rasp are text.
async function harmless(browser) {
  await open(browser, "hostile");
  const token = "</script><img src=x onerror=alert(1)>";
  await enter(browser, JSON.stringify([token, "a"]));
  assert.equal(await browser.evaluate(`document.querySelectorAll("#output thead th")[1].lastChild.textContent`), token);
  assert.equal(await browser.evaluate(`document.images.length + document.scripts.length`), 2);
}

async function main() {
  const begin = performance.now();
  const names = readdirSync(cases).filter((f) => f.endsWith(".html")).map((f) => f.slice(0, -5));
  const tried = names.filter((n) => /^(sort|shuffle_dyck2|causal_mean|default_number|next_reverse|inputs_restricted|select_bool|mean_of_means|sort_strings|induction|product|constant)-/.test(n) && (!/-(gguf|b?f16)$/.test(n) || n.startsWith("sort-")));
  assert.ok(tried.length >= 20, `${tried.length} pages`);
  const browser = await Browser.start(...chromium(modules));
  try {
    await browser.open("about:blank");
    await browser.look({});
    for (const name of tried) await compared(browser, name);
    await refused(browser);
    await walked(browser);
    await alone(browser, "sort");
    await harmless(browser);
    await damaged(browser);
    for (const look of [{}, { dark: true }, { width: 380 }, { print: true, dark: true }]) await sound(browser, "sort", look);
    await sound(browser, "shuffle_dyck2", {});
    await sound(browser, "labels_many", { width: 700, dark: true });
    if (process.env.SCREENSHOTS) await pictured(browser);
  } finally {
    await browser.close();
  }
  console.log(`web page: ${tried.length} pages, ${done.inputs} inputs, ${done.checked} views without a violation, ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}

process.exitCode = await main().then(() => 0, (err) => {
  console.error(`web page: ${err.stack}`);
  return 1;
});
