// The packed extension, in a VS Code that is not one, with the raspc that
// RASPC names. NODE_PATH has to lead to fake/.
"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const { afterEach, test } = require("node:test");
const vscode = require("vscode");
const extension = require("../dist/extension.js");

const { world } = vscode;
const uri = vscode.Uri.parse("untitled:Untitled-1");

world.documents = [
  { uri, languageId: "rasp", version: 1, getText: () => "a = indices;\nb = c + 1;\n", isClosed: false },
];

const limit = { timeout: 60_000 }; // milliseconds, for what would wait for ever
let subscriptions;

async function activate(path) {
  Object.assign(world, { path, complaints: [] });
  world.diagnostics.clear();
  subscriptions = [];
  await extension.activate({ subscriptions });
}

async function diagnostics() {
  while (!world.diagnostics.get(String(uri))?.length) await once(world.events, "diagnostics");
  return world.diagnostics.get(String(uri));
}

afterEach(async () => {
  await extension.deactivate();
  for (const subscription of subscriptions) subscription.dispose();
});

test("a program that is open gets its diagnostics", limit, async () => {
  await activate(process.env.RASPC);
  const [found] = await diagnostics();
  assert.match(found.message, /`c`/);
  assert.deepEqual(world.complaints, []);
});

test("after a restart it gets them again", limit, async () => {
  await activate(process.env.RASPC);
  await diagnostics();
  world.diagnostics.clear();
  await world.commands["raspc.restart"]();
  await diagnostics();
});

test("a raspc that is missing is complained of, until the setting leads to one", limit, async () => {
  await activate("./no-such-raspc");
  assert.equal(world.complaints.length, 1);
  assert.match(world.complaints[0], /no-such-raspc was not found/);
  world.path = process.env.RASPC;
  world.events.emit("settings", { affectsConfiguration: (name) => name === "raspc.path" });
  await diagnostics();
});

test("another program is no server", limit, async () => {
  await activate("false");
  assert.match(world.complaints[0], /has no language server/);
});
