// TOKENS names a file with what scripts/editor/tokens prints of programs, among
// which are everything.rasp and the library.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const { test } = require("node:test");
const { load, read, tokenize } = require("./grammar.js");
const { mistakes } = require("./lines.js");
const { contradictions, keywords, kinds, symbols } = require("./listing.js");

const listed = fs.readFileSync(process.env.TOKENS, "utf8").trim().split("\n").map(JSON.parse);
const programs = new Map(listed.map(({ file }) => [file, []]));
for (const token of listed) programs.get(token.file).push(token);

/** wrong is all that a grammar gets wrong in the programs whose names end so. */
function wrong(grammar, ending) {
  const files = [...programs.keys()].filter((file) => file.endsWith(ending));
  assert.notEqual(files.length, 0);
  return [
    ...files.flatMap((file) => contradictions(grammar, fs.readFileSync(file, "utf8"), programs.get(file))),
    ...mistakes(grammar),
  ];
}

test("the grammar agrees with the parser and with the lines", async () => {
  assert.deepEqual(wrong(await load(read()), ".rasp"), []);
});

test("the programs have every kind of token, every keyword and every symbol", () => {
  const seen = new Set(listed.flatMap(({ kind, text }) => [kind, `${kind} ${text}`]));
  const wanted = [
    ...Object.keys(kinds),
    ...Object.keys(keywords).map((word) => `keyword ${word}`),
    ...Object.keys(symbols).map((text) => `symbol ${text}`),
  ];
  assert.deepEqual(
    wanted.filter((want) => !seen.has(want)),
    [],
  );
});

test("the grammar knows the functions of the library", async () => {
  const grammar = await load(read());
  const names = listed.filter(({ file, kind }) => file.endsWith("/library.rasp") && kind === "function");
  assert.notEqual(names.length, 0);
  for (const { text } of names) {
    assert.equal(tokenize(grammar, `${text}(x)`)[0].scopes[0], "support.function.library.rasp", text);
  }
});

/** rules returns the place of each rule below a part of the grammar: its list and index. */
function rules(part) {
  const inside = Object.values(part).filter((value) => value && typeof value === "object");
  const own = Array.isArray(part.patterns) ? part.patterns.map((_, i) => [part.patterns, i]) : [];
  return [...own, ...inside.flatMap(rules)];
}

test("without any one of its rules the grammar is wrong", async () => {
  const all = rules(read()).length;
  assert.deepEqual(wrong(await load(read()), "/everything.rasp"), []);
  const idle = [];
  for (let n = 0; n < all; n++) {
    const raw = read();
    const [list, i] = rules(raw)[n];
    const [rule] = list.splice(i, 1);
    if (wrong(await load(raw), "/everything.rasp").length === 0) idle.push(rule);
  }
  assert.deepEqual(idle, []);
});
