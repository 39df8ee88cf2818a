// Fails unless a package holds what it should, as vsce names it:
//
//	node package.js FILE.vsix LIMIT
//
// LIMIT is the largest size in bytes.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const yauzl = require("yauzl");

const wanted = [
  "[Content_Types].xml",
  "extension.vsixmanifest",
  "extension/LICENSE.txt",
  "extension/NOTICES",
  "extension/changelog.md",
  "extension/dist/extension.js",
  "extension/language-configuration.json",
  "extension/package.json",
  "extension/readme.md",
  "extension/syntaxes/rasp.tmLanguage.json",
];

const [, , file, limit] = process.argv;

yauzl.open(file, (error, archive) => {
  assert.ifError(error);
  const names = [];
  archive.on("entry", (entry) => names.push(entry.fileName));
  archive.on("end", () => {
    const { size } = fs.statSync(file);
    assert.deepEqual(names.sort(), wanted);
    assert.ok(size <= Number(limit), `${size} bytes are more than ${limit}`);
  });
});
