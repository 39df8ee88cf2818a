// Inputs as `raspc run --input` takes them.
import { FLOAT, INT, bool, equal, fraction, isString, str } from "./value.mjs";
import { display, repr } from "./text.mjs";

// InputError says what is wrong with an input.
export class InputError extends Error {}

// longest is how many tokens the page computes on.
const longestShown = 128;

// parseInput reads a JSON array of values, a JSON string for its characters, or bare
// text: its words, or the characters of a single word.
export function parseInput(text) {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) return parseArray(trimmed);
  if (trimmed.startsWith('"')) return characters(parseJSON(trimmed));
  const words = text.split(/\s+/).filter(Boolean);
  return words.length > 1 ? words.map(str) : characters(text);
}

const characters = (s) => [...s].map(str);

function parseJSON(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(text.startsWith('"') ? "the input is not JSON: the string does not end, or something follows it" : `${text.slice(0, 40)} is not JSON`);
  }
}

const item = /\s*("(?:[^"\\]|\\.)*"|[^\s,[\]{}"]+)\s*/y;

// parseArray keeps the digits of numbers, which JSON.parse would round.
function parseArray(text) {
  const values = [];
  let at = 1;
  if (/^\[\s*\]$/.test(text)) return values;
  for (;;) {
    item.lastIndex = at;
    const found = item.exec(text);
    if (!found) throw new InputError(`the input is no JSON array of values: something is missing or too much behind token ${values.length - 1}`);
    values.push(parseAtom(found[1], values.length));
    at = item.lastIndex;
    if (text[at] === "]" && at === text.length - 1) return values;
    if (text[at] !== ",") throw new InputError(`the input is no JSON array of values: , or ] is missing behind token ${values.length - 1}`);
    at++;
  }
}

const jsonNumber = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

function parseAtom(text, index) {
  if (text.startsWith('"')) return str(parseJSON(text));
  if (text === "true" || text === "false") return bool(text === "true");
  const [all, sign, whole, part, exponent] = jsonNumber.exec(text) ?? [];
  if (all === undefined || text.length > 4096 || Math.abs(Number(exponent ?? 0)) > 400) {
    throw new InputError(`token ${index} of the input: ${text.slice(0, 40)} is neither a string, a number, true nor false`);
  }
  const e = Number(exponent ?? 0), after = part ?? "";
  const n = BigInt(sign + whole + after) * 10n ** BigInt(Math.max(0, e));
  const kind = part === undefined && exponent === undefined ? INT : FLOAT;
  return fraction(kind, n, 10n ** BigInt(after.length + Math.max(0, -e)));
}

const plainNumber = /^([+-]?)([0-9]+)(?:\.([0-9]+)|\/([0-9]+))?$/;

// find returns the token id of a value: by value, by spelling, or by the number that a
// string spells; -1 where there is none.
function find(vocab, v) {
  let id = vocab.findIndex((t) => equal(t, v));
  if (id >= 0) return id;
  id = vocab.findIndex((t) => display(t) === display(v));
  if (id >= 0 || !isString(v)) return id;
  const [all, sign, whole, part, under] = plainNumber.exec(v.text) ?? [];
  if (all === undefined || BigInt(under ?? 1) === 0n) return -1;
  const digits = BigInt(whole + (part ?? ""));
  const x = fraction(FLOAT, sign === "-" ? -digits : digits, BigInt(under ?? 10n ** BigInt((part ?? "").length)));
  return vocab.findIndex((t) => !isString(t) && equal(t, x));
}

// admit returns the ids of an input's tokens.
export function admit(values, { vocab, maxLen, inputs }) {
  if (values.length === 0 || values.length > maxLen) {
    throw new InputError(`the input has ${values.length} tokens; the program takes 1 to ${maxLen}`);
  }
  if (values.length > longestShown) {
    throw new InputError(`the input has ${values.length} tokens; this page shows up to ${longestShown}, raspc run takes longer ones`);
  }
  const ids = values.map((v, i) => {
    const id = find(vocab, v);
    if (id < 0) throw new InputError(`the token ${repr(v)} at position ${i} is not in the vocabulary`);
    return id;
  });
  if (inputs && !accepts(inputs, ids, vocab.length)) {
    throw new InputError("the program is not meant for this input: see its bos and inputs pragmas");
  }
  return ids;
}

function accepts({ next, accepting }, ids, tokens) {
  let state = 0;
  for (const id of ids) {
    state = next[state * tokens + id];
    if (state < 0) return false;
  }
  return accepting.includes(state);
}

// spell writes an input so that parseInput reads it.
export function spell(values) {
  if (values.every((v) => isString(v) && [...v.text].length === 1 && !/[\s"[]/.test(v.text))) return values.map((v) => v.text).join("");
  return `[${values.map((v) => (isString(v) ? JSON.stringify(v.text) : v.kind === INT || v.kind === FLOAT ? display(v) : String(v.n === 1n))).join(", ")}]`;
}
