// RASP's values: strings, booleans and exact rationals, as package frontend/value has
// them. A value is {kind, text} or {kind, n, d} with n/d in lowest terms, d > 0.
export const STRING = 0, BOOL = 1, INT = 2, FLOAT = 3;
export const kindNames = ["string", "bool", "int", "float"];

// OperatorError is the failure of an operator on values.
export class OperatorError extends Error {}

export const str = (text) => ({ kind: STRING, text, n: 0n, d: 1n });
export const bool = (yes) => ({ kind: BOOL, n: yes ? 1n : 0n, d: 1n });
export const int = (n) => ({ kind: INT, n: BigInt(n), d: 1n });
export const isString = (v) => v.kind === STRING;

// fraction is n/d in lowest terms.
export function fraction(kind, n, d) {
  if (d === 1n) return { kind, n, d };
  if (d < 0n) [n, d] = [-n, -d];
  let [a, b] = [n < 0n ? -n : n, d];
  while (b) [a, b] = [b, a % b];
  return { kind, n: n / a, d: d / a };
}

// atom reads a value as the page's data spell it: the letter of its kind, then the text
// or the number.
export function atom(spelling) {
  const kind = "sbif".indexOf(spelling[0]), rest = spelling.slice(1);
  if (kind === STRING) return str(rest);
  const [n, d] = rest.split("/");
  return { kind, n: BigInt(n), d: BigInt(d ?? 1) };
}

export const truth = (v) => (isString(v) ? v.text !== "" : v.n !== 0n);

// equal is RASP's ==: numeric between numbers, false between unlike kinds.
export function equal(a, b) {
  if (isString(a) || isString(b)) return a.kind === b.kind && a.text === b.text;
  return a.n === b.n && a.d === b.d;
}

// compare orders numbers by size, then strings by code point.
export function compare(a, b) {
  if (isString(a) && isString(b)) return compareText(a.text, b.text);
  if (isString(a) !== isString(b)) return isString(a) ? 1 : -1;
  const x = a.n * b.d, y = b.n * a.d;
  return x < y ? -1 : x > y ? 1 : 0;
}

// compareText compares code points, where JavaScript would compare UTF-16.
function compareText(a, b) {
  const x = [...a], y = [...b];
  for (let i = 0; i < x.length && i < y.length; i++) {
    if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
  }
  return x.length - y.length;
}

export const floorDiv = (n, d) => (n < 0n ? -((-n + d - 1n) / d) : n / d);

// roundHalfEven is the integer nearest to n/d.
export function roundHalfEven(n, d) {
  const q = floorDiv(n, d), twice = 2n * (n - q * d);
  return twice > d || (twice === d && q & 1n) ? q + 1n : q;
}

export const bitLength = (n) => (n === 0n ? 0 : (n < 0n ? -n : n).toString(2).length);

// float is the double nearest to a number.
export function float(v) {
  const safe = 1n << 53n;
  if (-safe <= v.n && v.n <= safe && v.d <= safe) return Number(v.n) / Number(v.d);
  const n = v.n < 0n ? -v.n : v.n;
  const size = bitLength(n) - bitLength(v.d);
  const scaled = (shift) => (shift >= 0 ? roundHalfEven(n << BigInt(shift), v.d) : roundHalfEven(n, v.d << BigInt(-shift)));
  let shift = Math.min(1074, 53 - size); // 53 bits, or 54; fewer where doubles have fewer
  if (bitLength(scaled(shift)) > 53) shift--;
  const m = Number(scaled(shift));
  const x = shift >= 0 ? m / 2 ** Math.min(shift, 1000) / 2 ** Math.max(0, shift - 1000) : -shift > 1023 ? Infinity : m * 2 ** -shift;
  return v.n < 0n ? -x : x;
}

// exactly is the rational that a double is.
export function exactly(x) {
  let power = 0;
  while (!Number.isInteger(x)) [x, power] = [x * 2, power + 1];
  return fraction(FLOAT, BigInt(x), 1n << BigInt(power));
}
