// Bundles the extension with the packages that it uses into dist/extension.js,
// and their licences into NOTICES.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const esbuild = require("esbuild");

const { metafile } = esbuild.buildSync({
  absWorkingDir: __dirname,
  entryPoints: ["extension.js"],
  outfile: "dist/extension.js",
  platform: "node",
  target: "node18", // of the oldest VS Code in package.json
  external: ["vscode"], // VS Code has it
  bundle: true,
  minify: true,
  legalComments: "none",
  metafile: true,
});

// folders returns the package folders that the bundled files come from.
function folders(inputs) {
  const packages = inputs.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return [...new Set(packages.filter(Boolean))].sort();
}

function notice(folder) {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(__dirname, folder, "package.json"), "utf8"));
  const file = fs.readdirSync(path.join(__dirname, folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  if (!file) {
    throw new Error(`${name} comes without the text of its licence`);
  }
  const text = fs
    .readFileSync(path.join(__dirname, folder, file), "utf8")
    .replaceAll("\r\n", "\n")
    .trim();
  return `${name} ${version}, ${license}\n\n${text}\n`;
}

const notices = folders(Object.keys(metafile.inputs)).map(notice);
const head = "dist/extension.js contains the following packages.\n";
fs.writeFileSync(path.join(__dirname, "NOTICES"), [head, ...notices].join(`\n${"-".repeat(72)}\n\n`));
