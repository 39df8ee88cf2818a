// As much of the `vscode` module as a language client needs to start, open
// documents and show diagnostics. What is not written down here is anything: an
// object, function and class that gives anything.
"use strict";

const { EventEmitter } = require("node:events");

const anything = new Proxy(class {}, {
  get: (target, name) =>
    name === Symbol.toPrimitive ? () => "" : name === "then" ? undefined : (target[name] ?? anything),
  apply: () => anything,
  construct: (target, args, derived) => Reflect.construct(Object, args, derived),
});

/** world is what a test sets and sees. */
const world = {
  path: "raspc",
  documents: [],
  commands: {},
  complaints: [],
  diagnostics: new Map(), // by URI
  events: new EventEmitter(), // "settings", "diagnostics"
};

class Uri {
  constructor(text) {
    Object.assign(this, { text, scheme: new URL(text).protocol.slice(0, -1), fsPath: new URL(text).pathname });
  }
  static parse(text) {
    return new Uri(text);
  }
  toString() {
    return this.text;
  }
}

class Disposable {
  constructor(dispose) {
    this.dispose = dispose ?? (() => {});
  }
}

class Emitter {
  listeners = new Set();
  event = (listener) => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(value) {
    for (const listener of this.listeners) listener(value);
  }
  dispose() {}
}

const never = new Emitter().event;

class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: never };
  cancel() {
    this.token.isCancellationRequested = true;
  }
  dispose() {}
}

const workspace = {
  workspaceFolders: undefined,
  getConfiguration: () => ({ get: (key) => (key === "path" ? world.path : undefined) }),
  get textDocuments() {
    return world.documents;
  },
  notebookDocuments: [],
  onDidChangeConfiguration: (listener) => {
    world.events.on("settings", listener);
    return new Disposable(() => world.events.off("settings", listener));
  },
  createFileSystemWatcher: () => anything,
  registerTextDocumentContentProvider: () => new Disposable(),
};

const window = {
  activeTextEditor: undefined,
  visibleTextEditors: [],
  createOutputChannel: () => ({ append() {}, appendLine() {}, show() {}, dispose() {} }),
  showErrorMessage: async (text) => void world.complaints.push(text),
};

const languages = {
  match: (selector, { uri, languageId }) =>
    [selector].flat().some((filter) => filter.scheme === uri.scheme && filter.language === languageId) ? 1 : 0,
  createDiagnosticCollection: () => ({
    set(uri, list) {
      world.diagnostics.set(String(uri), list);
      world.events.emit("diagnostics");
    },
    delete: (uri) => world.diagnostics.delete(String(uri)),
    clear: () => world.diagnostics.clear(),
    dispose() {},
  }),
};

const commands = {
  registerCommand(name, run) {
    world.commands[name] = run;
    return new Disposable(() => delete world.commands[name]);
  },
};

class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

/** open makes a namespace give anything for what it lacks, and no event for an event. */
function open(namespace) {
  return new Proxy(namespace, {
    get: (target, name) => (name in target ? target[name] : /^on(Did|Will)/.test(name) ? never : anything),
  });
}

module.exports = open({
  world,
  Uri,
  CancellationTokenSource,
  Disposable,
  EventEmitter: Emitter,
  Diagnostic,
  version: "1.82.0",
  workspace: open(workspace),
  window: open(window),
  languages: open(languages),
  commands: open(commands),
});
