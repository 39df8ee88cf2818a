// Runs `raspc lsp` for the programs that are open, and shows what it says.
"use strict";

const { execFile } = require("node:child_process");
const path = require("node:path");
const { promisify } = require("node:util");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const settings = "raspc";
const selector = ["file", "untitled"].map((scheme) => ({ scheme, language: "rasp" }));

let client; // the running one, if any
let turn = Promise.resolve(); // starts and stops come one after the other

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("raspc.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(`${settings}.path`)) {
        return restart();
      }
    }),
  );
  await restart();
}

function deactivate() {
  return inTurn(stop);
}

function restart() {
  return inTurn(async () => {
    await stop();
    await start();
  });
}

// inTurn runs an action when those before it have ended, well or not.
function inTurn(action) {
  turn = turn.then(action, action);
  return turn;
}

async function start() {
  const command = executable();
  const problem = await unusable(command);
  if (problem) {
    complain(problem);
    return;
  }
  // Without a transport, which would add a flag to the arguments, it is stdio.
  client = new LanguageClient(settings, "RASP", { command, args: ["lsp"] }, { documentSelector: selector });
  // What goes wrong from here on, the client reports itself.
  await client.start().catch(() => {});
}

async function stop() {
  const old = client;
  client = undefined;
  if (old) {
    await old.dispose().catch(() => {}); // one that never ran cannot be stopped
  }
}

// executable is the setting, where a path that is not absolute begins at the
// first folder of the workspace. A mere name is left to PATH.
function executable() {
  const value = vscode.workspace.getConfiguration(settings).get("path").trim() || "raspc";
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  return folder && /[\\/]/.test(value) ? path.resolve(folder, value) : value;
}

// unusable says why the command cannot be the server, or nothing.
async function unusable(command) {
  try {
    await promisify(execFile)(command, ["lsp", "--help"], { timeout: 10_000 });
  } catch (error) {
    switch (error.code) {
      case "ENOENT":
        return `${command} was not found. Install raspc, or say where it is.`;
      case "EACCES":
        return `${command} is not a program that may be run.`;
      default:
        return `${command} has no language server: is it an older raspc, or another program?`;
    }
  }
}

// complain does not wait for an answer: the editor goes on without a server.
function complain(problem) {
  const choose = "Open Settings";
  vscode.window.showErrorMessage(`RASP: ${problem}`, choose).then((chosen) => {
    if (chosen === choose) {
      vscode.commands.executeCommand("workbench.action.openSettings", `${settings}.path`);
    }
  });
}

module.exports = { activate, deactivate };
