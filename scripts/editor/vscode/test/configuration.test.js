"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { indentationRules, wordPattern } = require("../language-configuration.json");

const increase = new RegExp(indentationRules.increaseIndentPattern);
const decrease = new RegExp(indentationRules.decreaseIndentPattern);

test("the line after an open bracket is indented", () => {
  for (const line of ["def f(x) {", "for a in b { ", "table = {", "a = f(", 'a = ["{"] + [', "def f() { # why"]) {
    assert.match(line, increase);
  }
  for (const line of ["def f(x) { return x; }", "a = 1;", "# def f() {", 'a = "{', 'a = "{";', "a = 1; # {", "{}"]) {
    assert.doesNotMatch(line, increase);
  }
});

test("a line that begins with a closing bracket goes back", () => {
  for (const line of ["}", "  };", "  ])"]) assert.match(line, decrease);
  for (const line of ["a }", "# }", ""]) assert.doesNotMatch(line, decrease);
});

test("a word is a name", () => {
  assert.deepEqual("a_1 = select(b2, -c)".match(new RegExp(wordPattern, "g")), ["a_1", "select", "b2", "c"]);
});
