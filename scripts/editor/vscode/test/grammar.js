// The grammar, applied by the library that VS Code applies it with.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const oniguruma = require("vscode-oniguruma");
const { Registry, INITIAL } = require("vscode-textmate");

const file = path.join(__dirname, "../syntaxes/rasp.tmLanguage.json");

/** read returns the grammar as an object of its own, to be changed at will. */
function read() {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

/** load makes a grammar out of an object. */
async function load(raw) {
  const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (name) => (name === raw.scopeName ? raw : null),
  });
  return registry.loadGrammar(raw.scopeName);
}

/**
 * tokenize returns the pieces of a text: their places, in UTF-16 code units, and
 * their scopes, outermost first, without those that only tell regions apart.
 */
function tokenize(grammar, text) {
  const pieces = [];
  let state = INITIAL;
  let begin = 0;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    for (const { startIndex, endIndex, scopes } of tokens) {
      pieces.push({
        start: begin + startIndex,
        end: begin + Math.min(endIndex, line.length),
        scopes: scopes.filter((scope) => !/^(source|meta)\./.test(scope)),
      });
    }
    state = ruleStack;
    begin += line.length + 1;
  }
  return pieces;
}

module.exports = { load, read, tokenize };
