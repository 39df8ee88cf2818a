// The operators on values, as packages frontend/value and frontend/sop have them.
import { FLOAT, INT, OperatorError, bitLength, bool, compare, equal, float, floorDiv, fraction, int, isString, kindNames, roundHalfEven, str, truth } from "./value.mjs";
import { brief, display, repr } from "./text.mjs";

const maxBits = 1 << 16; // of numerator and denominator together
const maxText = 1 << 20; // bytes

const bitsOf = (v) => bitLength(v.n) + bitLength(v.d);
const fail = (message) => {
  throw new OperatorError(message);
};
const article = (v) => (v.kind === INT ? "an int" : `a ${kindNames[v.kind]}`);
const unsupported = (op, a, b) => fail(`operator ${op} does not take ${article(a)} and ${article(b)}`);
const arith = (a, b) => (a.kind === FLOAT || b.kind === FLOAT ? FLOAT : INT);

function number(kind, n, d) {
  const v = fraction(kind, n, d);
  return bitsOf(v) > maxBits ? fail(`a number of more than ${maxBits} bits`) : v;
}

const bytes = (s) => new TextEncoder().encode(s).length;
const text = (s) => (bytes(s) > maxText ? fail(`a string of more than ${maxText} bytes`) : str(s));

function add(a, b) {
  if (isString(a) && isString(b)) return text(a.text + b.text);
  if (isString(a) || isString(b)) return unsupported("+", a, b);
  return number(arith(a, b), a.n * b.d + b.n * a.d, a.d * b.d);
}

function sub(a, b) {
  if (isString(a) || isString(b)) return unsupported("-", a, b);
  return number(arith(a, b), a.n * b.d - b.n * a.d, a.d * b.d);
}

function mul(a, b) {
  if (isString(a) && isString(b)) return unsupported("*", a, b);
  if (isString(a)) return repeat(a, b);
  if (isString(b)) return repeat(b, a);
  return number(arith(a, b), a.n * b.n, a.d * b.d);
}

function repeat(s, times) {
  if (times.kind === FLOAT) return unsupported("*", s, times);
  if (times.n <= 0n || s.text === "") return str("");
  if (times.n * BigInt(bytes(s.text)) > maxText) fail(`a string of more than ${maxText} bytes`);
  return str(s.text.repeat(Number(times.n)));
}

function div(a, b) {
  if (isString(a) || isString(b)) return unsupported("/", a, b);
  if (b.n === 0n) fail("division by zero");
  return number(FLOAT, a.n * b.d, a.d * b.n);
}

function mod(a, b) {
  if (isString(a)) return format(a.text, b);
  if (isString(b)) return unsupported("%", a, b);
  if (b.n === 0n) fail("modulo by zero");
  const quotient = fraction(FLOAT, a.n * b.d, a.d * b.n);
  const q = floorDiv(quotient.n, quotient.d);
  return number(arith(a, b), a.n * b.d - q * b.n * a.d, a.d * b.d);
}

// goQuoted is Go's %q, for messages about formats.
const goQuoted = (s) => JSON.stringify(s);

// format is Python's "..." % v for one value.
function format(f, v) {
  let out = "", used = false;
  const chars = [...f];
  for (let i = 0; i < chars.length; i++) {
    if (chars[i] !== "%") {
      out += chars[i];
      continue;
    }
    if (++i === chars.length) fail(`the format ${goQuoted(f)} ends in a single %`);
    if (chars[i] === "%") {
      out += "%";
      continue;
    }
    if (used) fail(`the format ${goQuoted(f)} takes more than one value`);
    used = true;
    out += converted(chars[i], v);
  }
  return used ? text(out) : fail(`the format ${goQuoted(f)} takes no value`);
}

function converted(verb, v) {
  switch (verb) {
    case "s":
      return display(v);
    case "r":
      return repr(v);
    case "d":
    case "i":
      return isString(v) ? fail(`%${verb} needs a number, not a string`) : `${v.n / v.d}`;
  }
  return fail(`the format character ${verb === "'" ? "'\\''" : `'${verb}'`} is not one of s, r, d, i`);
}

function pow(a, b) {
  if (isString(a) || isString(b)) return unsupported("^", a, b);
  let kind = arith(a, b);
  if (b.n < 0n) {
    kind = FLOAT;
    if (a.n === 0n) fail("0 cannot be raised to a negative power");
  }
  const base = b.d === 1n ? a : root(a, b);
  const p = power(base, b.n);
  return number(kind, p.n, p.d);
}

function power(base, e) {
  const size = e < 0n ? -e : e;
  if ((base.n === 0n && e !== 0n) || (base.n === 1n && base.d === 1n)) return base;
  if (base.n === -1n && base.d === 1n) return int(e & 1n ? -1 : 1);
  if (size > maxBits || BigInt(bitsOf(base) - 2) * size + 2n > maxBits) fail(`a power of more than ${maxBits} bits`);
  const [n, d] = [base.n ** size, base.d ** size];
  return e < 0n ? fraction(FLOAT, d, n) : { n, d };
}

// root is the exact root of a, of the degree that is b's denominator.
function root(a, b) {
  if (a.n === 0n || (a.n === 1n && a.d === 1n)) return a;
  const irrational = () => fail(`${brief(a, bitsOf(a))} to the power ${brief(b, bitsOf(b))} is not a rational number`);
  if (a.n < 0n || b.d > BigInt(bitsOf(a))) irrational();
  const [n, d] = [floorRoot(a.n, b.d), floorRoot(a.d, b.d)];
  return n ** b.d === a.n && d ** b.d === a.d ? { kind: FLOAT, n, d } : irrational();
}

function floorRoot(x, q) {
  let r = 0n;
  for (let bit = BigInt(Math.floor(bitLength(x) / Number(q))); bit >= 0n; bit--) {
    const next = r | (1n << bit);
    if (next ** q <= x) r = next;
  }
  return r;
}

// holds is a c b.
export function holds(c, a, b) {
  if (c === "==") return equal(a, b);
  if (c === "!=") return !equal(a, b);
  if (isString(a) !== isString(b)) unsupported(c, a, b);
  const order = compare(a, b);
  return c === "<" ? order < 0 : c === "<=" ? order <= 0 : c === ">" ? order > 0 : order >= 0;
}

function lookup(table, x) {
  if (table.dict) {
    const i = table.keys.findIndex((k) => equal(k, x));
    return i < 0 ? fail(`the key ${repr(x)} is not in the dict`) : table.vals[i];
  }
  const n = table.vals.length;
  if (isString(x) || x.kind === FLOAT) fail(`the index ${repr(x)} is not an integer`);
  if (x.n >= n || x.n < -n) fail(`the index ${repr(x)} is out of range for a list of length ${n}`);
  return table.vals[(Number(x.n) + n) % n];
}

const numeric = (x, message) => (isString(x) ? fail(message) : x);

// apply evaluates an elementwise node at one position.
export function apply(node, x, y, z) {
  switch (node.op) {
    case "add":
      return add(x, y);
    case "sub":
      return sub(x, y);
    case "mul":
      return mul(x, y);
    case "div":
      return div(x, y);
    case "mod":
      return mod(x, y);
    case "pow":
      return pow(x, y);
    case "neg":
      numeric(x, "operator - does not take a string");
      return number(arith(x, x), -x.n, x.d);
    case "compare":
      return bool(holds(node.cmp, x, y));
    case "and":
      return bool(truth(x) && truth(y));
    case "or":
      return bool(truth(x) || truth(y));
    case "not":
      return bool(!truth(x));
    case "round":
      numeric(x, "round does not take a string");
      return number(INT, roundHalfEven(x.n, x.d), 1n);
    case "indicator":
      return int(truth(x) ? 1 : 0);
    case "if":
      return truth(x) ? y : z;
    case "in":
      return bool(node.table.vals.some((v) => equal(v, x)));
    case "lookup":
      return lookup(node.table, x);
  }
  throw new Error(`an operator ${node.op} that is not elementwise`);
}

const spaces = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const trimmed = (s) => s.replace(new RegExp(`^${spaces}|${spaces}$`, "g"), "");

const digits = "[0-9]+(?:_[0-9]+)*";
const integer = new RegExp(`^[+-]?${digits}$`);
const decimal = new RegExp(`^([+-]?)(?:(${digits})(?:\\.(${digits})?)?|\\.(${digits}))(?:[eE]([+-]?)(${digits}))?$`);
const plain = (s) => (s ?? "").replaceAll("_", "");
const shown = (v) => {
  const r = [...repr(v)];
  return r.length > 60 ? r.slice(0, 60).join("") + "…" : r.join("");
};

// read reads an input's token as an s-op such as tokens_int does.
export function read(how, v) {
  switch (how) {
    case "tokens_str":
      return str(display(v));
    case "tokens_bool":
      return bool(truth(v));
    case "tokens_int":
      return readInt(v);
    case "tokens_float":
      return readFloat(v);
  }
  return v;
}

const longest = 1 << 16; // digits of a number

function readInt(v) {
  if (!isString(v)) return int(v.n / v.d);
  const s = plain(trimmed(v.text));
  if (!integer.test(trimmed(v.text)) || s.length > longest) fail(`the token ${shown(v)} is not an integer`);
  return int(BigInt(s.replace("+", "")));
}

function readFloat(v) {
  let x = fraction(FLOAT, v.n, v.d);
  if (isString(v)) {
    const [all, sign, whole, part, only, negative, exponent] = decimal.exec(trimmed(v.text)) ?? [];
    if (all === undefined || Number(plain(exponent)) > 400) fail(`the token ${shown(v)} is not a number`);
    const after = plain(part ?? only);
    const n = BigInt(plain(whole) + after || "0"), scale = 10n ** BigInt(plain(exponent) || "0"), d = 10n ** BigInt(after.length);
    x = negative === "-" ? fraction(FLOAT, n, d * scale) : fraction(FLOAT, n * scale, d);
    if (sign === "-") x = { ...x, n: -x.n };
  }
  return Number.isFinite(float(x)) ? x : fail(`the token ${shown(v)} is too large for a float`);
}
