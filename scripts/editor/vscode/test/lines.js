// Lines whose colours are known, whether they are right or wrong as programs:
// for each the pieces in question, in their order, and the beginnings of their scopes.
"use strict";

const { tokenize } = require("./grammar.js");

const lines = [
  // Strings have no escapes.
  [
    'a = "\\" == "\\";',
    ['"\\"', "string"],
    ["==", "keyword.operator.comparison"],
    ['"\\"', "string"],
    [";", "punctuation"],
  ],
  ['a = "# b"; # "c', ['"# b"', "string"], ['# "c', "comment"]],
  ['a = "b;\nc = 1;', ['"b;', "invalid.illegal.unclosed-string"], ["c", "variable.other"], ["1", "constant.numeric"]],
  // Numbers have digits on both sides of the point.
  ["a = 1.5 + 1. + .5;", ["1.5", "constant.numeric.float"], ["1.", "invalid.illegal"], [".5", "invalid.illegal"]],
  ["x1 1x", ["x1", "variable.other"], ["1", "constant.numeric.integer"], ["x", "variable.other"]],
  ["a = 0..9;", ["0.", "invalid.illegal"]],
  // Pragmas stand on lines of their own and have their own words.
  [
    "#: vocab = 0..9",
    ["#:", "punctuation.definition.pragma"],
    ["vocab", "keyword.other.pragma"],
    ["0", "constant.numeric.integer"],
    ["..", "keyword.operator.range"],
    ["9", "constant.numeric.integer"],
  ],
  ["a = 1; #: vocab = 0..9", ["#: vocab = 0..9", "comment"]],
  ["#: max_length = 5", ["max_length", "invalid.illegal.pragma"], ["5", "constant.numeric"]],
  ["#: tokens_int = 5", ["tokens_int", "invalid.illegal.pragma"]],
  [
    "#: output = output # output",
    ["output", "keyword.other.pragma"],
    ["output", "constant.other"],
    ["# output", "comment"],
  ],
  [
    "#: encode x = numerical\nx",
    ["encode", "keyword.other.pragma"],
    ["x", "variable.other"],
    ["numerical", "constant.other"],
    ["x", "variable.other"],
  ],
  [
    "#: assume one_hot s",
    ["assume", "keyword.other.pragma"],
    ["one_hot", "keyword.other.pragma"],
    ["s", "variable.other"],
  ],
  ["#: bos = é", ["é", "invalid.illegal"]],
  ["#> a = 1", ["#> a = 1", "comment"]],
  // `in` is part of a loop once, and an operator after that.
  [
    "[x in l for x in l]",
    ["in", "keyword.operator.wordlike"],
    ["for", "keyword.control.loop"],
    ["in", "keyword.control.loop"],
  ],
  ["for a in b in c {", ["in", "keyword.control.loop"], ["in", "keyword.operator.wordlike"]],
  // Glued words are such only before their parenthesis.
  ["select(a, b, ==)", ["select", "support.function.form"]],
  ["select (a)", ["select", "entity.name.function.call"]],
  ["len = range;", ["len", "variable.other"], ["range", "variable.other"]],
  ["round (x)", ["round", "support.function.form"]],
  // The library, where it is called and not where a name is like it.
  [
    "sort(sorted, maxed, max)",
    ["sort", "support.function.library"],
    ["sorted", "variable.other"],
    ["maxed", "variable.other"],
    ["max", "variable.other"],
  ],
  ["resort(x)", ["resort", "entity.name.function.call"]],
  [
    "tokens_int tokens_ints atokens",
    ["tokens_int", "variable.language"],
    ["tokens_ints", "variable.other"],
    ["atokens", "variable.other"],
  ],
  // Console statements.
  ["full seq display on", ["full seq display", "keyword.other.console"], ["on", "keyword.other.console"]],
  ["full  seq", ["full", "variable.other"], ["seq", "variable.other"]],
  [
    "s - op; s-op examples",
    ["s", "variable.other"],
    ["-", "keyword.operator"],
    ["op", "variable.other"],
    ["s-op", "keyword.other.console"],
    ["examples", "keyword.other.console"],
  ],
  // What is not finished does not reach beyond.
  [
    "def g(x\n;a",
    ["g", "entity.name.function.rasp"],
    ["x", "variable.parameter"],
    [";", "punctuation"],
    ["a", "variable.other"],
  ],
  ["def g { a }", ["g", "entity.name.function.rasp"], ["{", "punctuation"], ["a", "variable.other"]],
  ["for x; a in b", ["for", "keyword.control.loop"], [";", "punctuation"], ["in", "keyword.operator.wordlike"]],
  // Characters that begin no token.
  [
    "a = 'b' & c.d ! é;",
    ["'b'", "invalid.illegal"],
    ["&", "invalid.illegal"],
    ["c", "variable.other"],
    [".", "invalid.illegal"],
    ["!", "invalid.illegal"],
    ["é", "invalid.illegal"],
  ],
];

/** mistakes says what the grammar makes otherwise of the lines. */
function mistakes(grammar) {
  return lines.flatMap(([text, ...wants]) => {
    const pieces = tokenize(grammar, text);
    let from = 0;
    return wants.flatMap(([word, want]) => {
      const start = text.indexOf(word, from);
      from = start + word.length;
      const inside = pieces.filter((piece) => piece.start < from && piece.end > start);
      const whole = inside[0].start === start && inside.at(-1).end === from;
      const right = inside.every((piece) => piece.scopes[0]?.startsWith(want));
      const scopes = inside.map((piece) => piece.scopes[0]).join(" ");
      return whole && right ? [] : [`${text}: \`${word}\` is no ${want} of its own: ${scopes}`];
    });
  });
}

module.exports = { mistakes };
