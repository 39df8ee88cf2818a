// Compares the grammar with what the parser says of each word of a program.
"use strict";

const { tokenize } = require("./grammar.js");

const library = "support.function.library";
const reserved = /^(tokens(_\w+)?|indices|length|full_s|out)$/;

const symbols = {
  "=": "keyword.operator.assignment",
  "..": "keyword.operator.range",
  ",": "punctuation.separator.comma",
  ":": "punctuation.separator.colon",
  ";": "punctuation.terminator.statement",
};
for (const op of ["==", "!=", "<", "<=", ">", ">="]) symbols[op] = "keyword.operator.comparison";
for (const op of "+-*/%^") symbols[op] = "keyword.operator.arithmetic";
for (const op of "()") symbols[op] = "punctuation.section.parens";
for (const op of "[]") symbols[op] = "punctuation.section.brackets";
for (const op of "{}") symbols[op] = "punctuation.section.braces";

const keywords = {
  def: "storage.type.function",
  for: "keyword.control.loop",
  in: "keyword.", // of a loop, or an operator
  if: "keyword.control.conditional",
  else: "keyword.control.conditional",
  return: "keyword.control.return",
  load: "keyword.control.import",
};
for (const word of ["and", "or", "not"]) keywords[word] = "keyword.operator.wordlike";
for (const word of ["aggregate", "select", "range", "zip", "len", "round", "indicator"]) {
  keywords[word] = "support.function.form";
}
for (const word of [
  ...["set", "s-op", "selector", "example", "examples", "show", "on", "off"],
  ...["exit", "quit", "draw", "full seq display"],
]) {
  keywords[word] = "keyword.other.console";
}

const kinds = {
  comment: (text) => (text === "#:" ? "punctuation.definition.pragma" : "comment.line"),
  string: () => "string.quoted.double",
  int: () => "constant.numeric.integer",
  float: () => "constant.numeric.float",
  function: () => "entity.name.function.rasp",
  parameter: () => "variable.parameter",
  key: () => "keyword.other.pragma",
  word: () => "constant.other.pragma",
  name: (text) =>
    /^(True|False)$/.test(text) ? "constant.language" : reserved.test(text) ? "variable.language" : "variable.other",
  // Whatever is in the library and called is coloured so; what is not in it must
  // not be. The names of the library are tested with their definitions.
  call: (text, scope) => (scope.startsWith(library) ? library : "entity.name.function.call"),
  keyword: (text) => keywords[text],
  symbol: (text) => symbols[text],
};

/**
 * contradictions says where the grammar differs from the tokens of a file: in
 * where a word begins or ends, or in what it is.
 */
function contradictions(grammar, text, tokens) {
  const pieces = tokenize(grammar, text);
  const starts = new Set(pieces.map((piece) => piece.start));
  const ends = new Set(pieces.map((piece) => piece.end));
  const found = [];
  let next = 0;
  for (const token of tokens) {
    const at = `${token.file}:${text.slice(0, token.start).split("\n").length}: \`${token.text}\``;
    if (text.slice(token.start, token.end) !== token.text) {
      throw new Error(`${at} does not stand there: the places are counted wrong`);
    }
    if (!starts.has(token.start) || !ends.has(token.end)) {
      found.push(`${at} is one ${token.kind}; the grammar sees it as part of something, or as parts`);
    }
    while (pieces[next].end <= token.start) next++;
    for (let i = next; i < pieces.length && pieces[i].start < token.end; i++) {
      const scope = pieces[i].scopes[0] ?? "nothing";
      const want = kinds[token.kind](token.text, scope);
      if (want === undefined) {
        throw new Error(`${at} is a ${token.kind} for which the tests name no scope`);
      }
      if (!scope.startsWith(want)) {
        found.push(`${at} is a ${token.kind}, ${want}; the grammar says ${scope}`);
      }
    }
  }
  return found;
}

module.exports = { contradictions, keywords, kinds, symbols };
