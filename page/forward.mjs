// What a model computes, in float32 or a type of 16 bits, as package verify/sparse runs it.
// Sums are made in double precision and rounded once.
const { fround } = Math;

// rounding returns what rounds numbers to a type, float32 where there is none.
function rounding(type) {
  if (!type) return fround;
  const largest = (2 - 2 ** (1 - type.bits)) * 2 ** type.most;
  return (v) => {
    const x = fround(v);
    if (x === 0 || !Number.isFinite(x)) return x;
    const step = 2 ** (Math.max(exponentOf(x) - 1, type.least) + 1 - type.bits), y = fround(roundToEven(x / step) * step);
    return Math.abs(y) > largest ? Math.sign(x) * Infinity : y;
  };
}

// exponentOf is the e for which a number is below 2^e, but not below 2^(e-1).
function exponentOf(x) {
  const e = Math.floor(Math.log2(Math.abs(x))) + 1;
  return 2 ** e <= Math.abs(x) ? e + 1 : 2 ** (e - 1) > Math.abs(x) ? e - 1 : e; // where the logarithm is rounded
}

function roundToEven(x) {
  const n = Math.round(x);
  return Math.abs(x - n) === 0.5 && n % 2 !== 0 ? n - 1 : n;
}

// dense makes a row of a list of indices and numbers.
function dense(pairs, size) {
  const row = new Float32Array(size);
  for (let i = 0; i < pairs.length; i += 2) row[pairs[i]] = Number(pairs[i + 1]);
  return row;
}

function linear({ c, b }) {
  const columns = c.map((pairs) => Float32Array.from(pairs, Number));
  return { columns, bias: b && dense(b, c.length) };
}

function norm(n, width) {
  if (!n) return null;
  const weight = n.w.length === 1 ? new Float32Array(width).fill(Number(n.w[0])) : Float32Array.from(n.w, Number);
  return { weight, bias: n.b && dense(n.b, width), eps: fround(Number(n.eps)) };
}

// load reads a network from the page's data.
export function load(data) {
  const { width } = data;
  return {
    ...data,
    round: rounding(data.type),
    tokens: data.tokens.map((row) => dense(row, width)),
    positions: data.positions.map((row) => dense(row, width)),
    tokenType: data.tokenType && dense(data.tokenType, width),
    embedNorm: norm(data.embedNorm, width),
    layers: data.layers.map((l) => ({
      attnNorm: norm(l.attnNorm, width),
      heads: l.heads.map((h) => ({ q: linear(h.q), k: linear(h.k), v: linear(h.v), o: linear(h.o), scale: fround(Number(h.scale)) })),
      attnBias: l.attnBias && dense(l.attnBias, width),
      between: norm(l.between, width),
      mlpNorm: norm(l.mlpNorm, width),
      in: linear(l.in),
      gelu: l.gelu,
      out: linear(l.out),
      after: norm(l.after, width),
    })),
    final: norm(data.final, width),
    unembed: linear(data.unembed),
  };
}

// product is x W + b.
function product({ columns, bias }, x, round) {
  const y = new Float32Array(columns.length);
  columns.forEach((column, j) => {
    let sum = bias ? bias[j] : 0;
    for (let i = 0; i < column.length; i += 2) sum += x[column[i]] * column[i + 1];
    y[j] = round(sum);
  });
  return y;
}

function normed(n, x, round) {
  if (!n) return x;
  let mean = 0, squares = 0;
  if (n.bias) {
    for (const v of x) mean += v;
    mean = fround(mean / x.length);
  }
  const y = x.map((v) => v - mean);
  for (const v of y) squares += v * v;
  const root = fround(Math.sqrt(fround(fround(squares / x.length) + n.eps)));
  const inverse = fround(1 / root);
  const scaled = n.bias ? fround : round; // without a mean, stock code multiplies by the weight in the type
  y.forEach((v, i) => (y[i] = round(fround(scaled(fround(v * inverse)) * n.weight[i]) + (n.bias ? n.bias[i] : 0))));
  if (root === Infinity) y[0] = root; // which would make the row 0, not a number out of range
  return y;
}

function embedded({ tokens, positions, tokenType, embedNorm, round }, token, position) {
  const x = tokens[token].map((v, j) => round((tokenType ? round(v + tokenType[j]) : v) + positions[position][j]));
  return normed(embedNorm, x, round);
}

// attend returns what a head adds to each position, and the weights of its keys.
function attend(head, xs, { causal, round }) {
  const keys = xs.map((x) => product(head.k, x, round)), values = xs.map((x) => product(head.v, x, round));
  const weights = [];
  const mixes = xs.map((x, q) => {
    const query = product(head.q, x, round);
    const scores = (causal ? keys.slice(0, q + 1) : keys).map((key) => round(round(query.reduce((sum, v, i) => sum + v * key[i], 0)) * head.scale));
    const row = softmax(scores, round);
    weights.push(row);
    const mix = new Float64Array(values[0].length);
    row.forEach((w, k) => values[k].forEach((v, j) => (mix[j] += w * v)));
    return Float32Array.from(mix, round);
  });
  return { mixes, weights };
}

function softmax(scores, round) {
  const top = scores.reduce((a, b) => (b > a ? b : a), -Infinity);
  const weights = scores.map((s) => fround(Math.exp(fround(s - top))));
  const total = fround(weights.reduce((a, b) => a + b, 0));
  return weights.map((w) => round(w / total));
}

// gelu is llama.cpp's, which looks it up in float16 where it is no ReLU.
function gelu(x) {
  const flat = 10;
  if (!(Math.abs(x) < flat)) return x < 0 ? 0 : x;
  const h = half(x);
  return half((h / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * h * (1 + 0.044715 * h * h))));
}

// half rounds a number to float16.
function half(x) {
  if (x === 0) return x;
  const step = 2 ** Math.max(exponentOf(x) - 11, -24);
  return roundToEven(x / step) * step;
}

// addMix adds what a head writes to sums.
function addMix(sums, { columns }, mix) {
  columns.forEach((column, j) => {
    for (let i = 0; i < column.length; i += 2) sums[j] += mix[column[i]] * column[i + 1];
  });
}

// forward runs a network on token ids, in front of which BOS is put. points are the
// residual streams behind the embedding, then behind the attention and the neurons of each
// layer; attention is by layer, head, query and key; hidden by layer, position and neuron.
export function forward(net, ids) {
  const { round } = net;
  let xs = [net.bos, ...ids].map((token, i) => embedded(net, token, i));
  const points = [xs], attention = [], hidden = [];
  for (const l of net.layers) {
    const read = xs.map((x) => normed(l.attnNorm, x, round));
    const sums = xs.map(() => Float64Array.from(l.attnBias ?? new Float32Array(net.width)));
    attention.push(l.heads.map((head) => {
      const { mixes, weights } = attend(head, read, net);
      mixes.forEach((mix, i) => addMix(sums[i], head.o, mix));
      return weights;
    }));
    xs = xs.map((x, i) => normed(l.between, x.map((v, j) => round(v + round(sums[i][j]))), round));
    points.push(xs);
    const active = xs.map((x) => product(l.in, normed(l.mlpNorm, x, round), round).map(l.gelu ? gelu : (v) => (v < 0 ? 0 : v)));
    hidden.push(active);
    if (l.in.columns.length > 0 || l.out.bias) {
      xs = xs.map((x, i) => {
        const more = product(l.out, active[i], round);
        return x.map((v, j) => round(v + more[j]));
      });
    }
    xs = xs.map((x) => normed(l.after, x, round));
    points.push(xs);
  }
  return { points, attention, hidden, logits: xs.map((x) => product(net.unembed, normed(net.final, x, round), round)) };
}
