// How values are written: as Python does, as RASP prints them.
import { BOOL, FLOAT, INT, STRING, exactly, float, fraction, isString, roundHalfEven, truth } from "./value.mjs";

const numeral = (v) => (v.d === 1n ? `${v.n}` : `${v.n}/${v.d}`);

// display is Python's str.
export function display(v) {
  switch (v.kind) {
    case STRING:
      return v.text;
    case BOOL:
      return truth(v) ? "True" : "False";
    case INT:
      return numeral(v);
  }
  return floatText(v);
}

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const escapes = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

function escaped(c, quote) {
  const code = c.codePointAt(0), hex = (size) => code.toString(16).padStart(size, "0");
  if (c === quote) return "\\" + c;
  if (escapes[c]) return escapes[c];
  if (printable.test(c)) return c;
  return code <= 0xff ? `\\x${hex(2)}` : code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

// repr is Python's repr.
export function repr(v) {
  if (!isString(v)) return display(v);
  const quote = v.text.includes("'") && !v.text.includes('"') ? '"' : "'";
  return quote + [...v.text].map((c) => escaped(c, quote)).join("") + quote;
}

// printed is how RASP prints a value inside a sequence.
export function printed(v) {
  if (v.kind === BOOL) return display(v)[0];
  if (v.kind !== FLOAT) return display(v);
  const x = float(v);
  if (Math.abs(x) >= 2 ** 53) return floatText(v);
  const exact = exactly(x);
  const rounded = fraction(FLOAT, roundHalfEven(exact.n * 1000n, exact.d), 1000n);
  return rounded.n === 0n && (x < 0 || Object.is(x, -0)) ? "-0.0" : floatText(rounded);
}

// floatText is Python's repr of the nearest double.
export function floatText(v) {
  const x = float(v);
  return Number.isFinite(x) ? pythonFloat(x) : hugeText(v);
}

function pythonFloat(x) {
  const [mantissa, exponent] = x.toExponential().split("e");
  const e = Number(exponent);
  if (e < -4 || e >= 16) return `${mantissa}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
  const digits = mantissa.replace(/[-.]/g, ""), sign = mantissa.startsWith("-") ? "-" : "";
  if (e < 0) return `${sign}0.${"0".repeat(-e - 1)}${digits}`;
  return `${sign}${digits.slice(0, e + 1).padEnd(e + 1, "0")}.${digits.slice(e + 1) || "0"}`;
}

// hugeText writes 17 digits of what no double holds.
function hugeText(v) {
  const n = v.n < 0n ? -v.n : v.n;
  let e = (n / v.d).toString().length - 1;
  let digits = roundHalfEven(n, v.d * 10n ** BigInt(e - 16)).toString();
  if (digits.length > 17) e++;
  digits = digits.slice(0, 17).replace(/0+$/, "");
  return `${v.n < 0n ? "-" : ""}${digits[0]}${digits.length > 1 ? "." : ""}${digits.slice(1)}e+${e}`;
}

// brief is a number in a message; a long one as a decimal.
export function brief(v, bits) {
  return bits <= 128 ? numeral(v) : floatText(v);
}
