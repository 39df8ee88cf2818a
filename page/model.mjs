// One run of both sides: the program's values and the model's, and where they differ.
import { float, isString } from "./value.mjs";
import { evaluate } from "./oracle.mjs";
import { admit } from "./input.mjs";
import { forward } from "./forward.mjs";
import { agrees, departures, heldBy, readOutput } from "./columns.mjs";

// compute runs an input. data are decoded, net is loaded or null.
export function compute(data, net, values) {
  const ids = admit(values, data);
  const tokens = ids.map((id) => data.vocab[id]);
  const { results, error } = evaluate(data.nodes, data.causal, tokens);
  const run = net && forward(net, ids);
  if (run) run.held = heldBy(run.points, data.rotation);
  const want = error ? null : results[data.output];
  const got = run && run.logits.slice(1).map((logits) => readOutput(logits, data.labels, data.others));
  const off = new Map(); // departures by held s-op
  data.held.forEach((h, i) => {
    const own = h.node < 0 ? tokens : results[h.node];
    if (run && own) off.set(i, departures(h, own, data.labels, run.held));
  });
  return { ids, tokens, results, error, run, want, got, off, wrong: want && got && wrongAt(data, want, got) };
}

// wrongAt lists the positions at which the model's output is not the program's.
function wrongAt(data, want, got) {
  const largest = Math.max(...want.map((v) => (isString(v) ? 0 : Math.abs(float(v)))));
  const gap = data.held.find((h) => h.node === data.output)?.gap ?? Infinity;
  return want.map((v, i) => i).filter((i) => !agrees(got[i], want[i], largest, gap));
}
