// A browser of the Chromium family, driven over a pipe by the Chrome DevTools
// Protocol.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// flags: no window, no sandbox (it cannot be had by root or in most containers,
// and the only page is our own), and nothing that is looked up elsewhere.
const flags = [
  "--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1100,1400",
  "--remote-debugging-pipe",
];

// chromium returns the path of a browser, and the folder of its libraries: that which
// CHROMIUM names, or that which was unpacked beside the packages.
export function chromium(modules) {
  if (process.env.CHROMIUM) return [process.env.CHROMIUM];
  if (process.platform !== "linux" || process.arch !== "x64") {
    console.error("The npm package has Chromium for Linux on x86-64 only. CHROMIUM may name another one.");
    process.exit(77);
  }
  const unpacked = join(modules, "../chromium");
  return [join(unpacked, "chromium"), join(unpacked, "lib")];
}

export class Browser {
  #process;
  #profile;
  #session;
  #waiting = new Map();
  #said = "";
  #next = 1;
  ended; // resolves to a failed report when the browser ends

  // start runs a browser with a profile of its own, and with libraries beside those
  // of the system.
  static async start(path, libraries) {
    const browser = new Browser();
    browser.#profile = await mkdtemp(join(tmpdir(), "raspc-web-"));
    const child = spawn(path, [...flags, `--user-data-dir=${browser.#profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
      env: libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env,
    });
    browser.#process = child;
    child.stderr.on("data", (text) => (browser.#said = (browser.#said + text).slice(-2000)));
    browser.ended = new Promise((resolve) => {
      child.on("error", (err) => resolve({ failed: `${path}: ${err.message}` }));
      child.on("exit", (code, signal) => resolve({ failed: `${path} ended with ${signal ?? code}: ${browser.#said}` }));
    });
    child.stdio[3].on("error", () => {}); // it ended; that is told by ended
    browser.#listen(child.stdio[4]);
    return browser;
  }

  // #listen takes answers, which end in a NUL each, to those who wait for them.
  #listen(pipe) {
    let buffer = Buffer.alloc(0);
    pipe.on("data", (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (let end; (end = buffer.indexOf(0)) >= 0; buffer = buffer.subarray(end + 1)) {
        const { id, result, error } = JSON.parse(buffer.subarray(0, end));
        this.#waiting.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
        this.#waiting.delete(id);
      }
    });
  }

  // #call sends a command and returns its result.
  async #call(method, params = {}) {
    const id = this.#next++;
    const answer = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.#process.stdio[3].write(JSON.stringify({ id, method, params, sessionId: this.#session }) + "\0");
    const result = await Promise.race([answer, this.ended]);
    if (result?.failed) throw new Error(result.failed);
    return result;
  }

  // open shows a page.
  async open(url) {
    const { targetId } = await this.#call("Target.createTarget", { url: "about:blank" });
    ({ sessionId: this.#session } = await this.#call("Target.attachToTarget", { targetId, flatten: true }));
    await this.go(url);
  }

  // go shows another page in the place of the one that is shown.
  async go(url) {
    await this.#call("Page.navigate", { url });
  }

  // evaluate returns the value of an expression on the page, or of the promise that it gives.
  async evaluate(expression) {
    const { result, exceptionDetails: failed } = await this.#call("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (failed) throw new Error(failed.exception?.description ?? failed.text);
    return result.value;
  }

  // press types a key, such as "Tab", "a" or "ArrowDown".
  async press(key, modifiers = 0) {
    const text = key.length === 1 ? key : key === "Enter" ? "\r" : undefined;
    const windowsVirtualKeyCode = { Tab: 9, Enter: 13, Escape: 27, End: 35, Home: 36, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 }[key];
    for (const type of ["keyDown", "keyUp"]) await this.#call("Input.dispatchKeyEvent", { type, key, code: key, text: type === "keyDown" ? text : undefined, windowsVirtualKeyCode, modifiers });
  }

  // type replaces what stands in the field that has the focus.
  async type(text) {
    await this.evaluate("document.activeElement.select()");
    await this.#call("Input.insertText", { text });
  }

  // look sets the window's width, and whether colours are dark and the page is printed.
  async look({ width = 1280, height = 900, dark = false, print = false }) {
    await this.#call("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.#call("Emulation.setEmulatedMedia", { media: print ? "print" : "", features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
  }

  // screenshot returns a picture of the whole page, as PNG.
  async screenshot() {
    const { data } = await this.#call("Page.captureScreenshot", { captureBeyondViewport: true });
    return Buffer.from(data, "base64");
  }

  // close ends the browser and removes its profile.
  async close() {
    this.#process.kill("SIGKILL");
    await this.ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
