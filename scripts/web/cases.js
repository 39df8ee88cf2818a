// What an export's raspc.json and its cases say, and how outputs compare with
// them. The page and its test share it.

// key is what an atom is compared by: numbers by value, true as 1.
function key(value) {
  if (value === null) return "none";
  return typeof value === "string" ? `string ${value}` : `number ${Number(value)}`;
}

// exactKey is the same for an atom of raspc.json.
function exactKey({ kind, exact }) {
  if (kind === "string") return `string ${exact}`;
  if (kind === "bool") return `number ${{ True: 1, False: 0 }[exact] ?? Number(exact)}`;
  const [numerator, denominator = 1] = exact.split("/").map(Number);
  return `number ${numerator / denominator}`;
}

export class Export {
  constructor(manifest) {
    const file = manifest.files.find((f) => f.format === "onnx");
    this.idType = file.ids ?? "int64";
    this.numeric = manifest.output.kind === "numeric";
    this.output = this.numeric ? "values" : "logits";
    this.outputs = [this.output];
    for (let i = 0; file.hidden_states && i <= manifest.model.layers; i++) this.outputs.push(`hidden_states.${i}`);
    this.outputs.sort();
    this.bos = manifest.tokens.bos_id;
    this.pad = manifest.tokens.pad_id;
    this.ids = new Map(manifest.options.vocab.map((atom, id) => [exactKey(atom), id]));
    this.labels = (manifest.output.labels ?? []).map(exactKey);
    this.scale = 1; // the largest number of the cases
    this.kind = {
      format: "onnx",
      architecture: "",
      task: manifest.output.task ?? "token-classification",
      dtype: file.dtype ?? "float32",
      attention: manifest.model.attention,
    };
  }

  // cases reads lines of `raspc run --json`, without those on which the program is
  // undefined.
  cases(text) {
    const lines = text.split("\n").filter((line) => line.trim());
    const read = lines.map((line) => JSON.parse(line)).filter((c) => !c.error);
    const cases = read.map((c) => {
      const atoms = [...c.input];
      const ids = atoms.map((atom) => this.ids.get(key(atom)));
      if (ids.includes(undefined) || ids.length !== c.output.length) throw new Error(`the case ${JSON.stringify(c)} is not one of the model`);
      return { atoms, ids, want: c.output };
    });
    if (this.numeric) for (const c of cases) for (const want of c.want) this.scale = Math.max(this.scale, Math.abs(Number(want)));
    return cases;
  }

  // result starts what is found of the model, run in one way: see
  // ../matrix/result.py, and texts that show differences.
  result(variant) {
    return { kind: this.kind, variant, models: 1, inputs: 0, positions: 0, numbers: 0, differences: 0, error: 0, shown: [] };
  }

  // batch pads the ids of cases, BOS in front, and makes their mask.
  batch(cases) {
    const longest = Math.max(...cases.map((c) => c.ids.length));
    const fill = (c, value) => Array(longest - c.ids.length).fill(value);
    return {
      ids: cases.map((c) => [this.bos, ...c.ids, ...fill(c, this.pad)]),
      mask: cases.map((c) => [1, ...c.ids.map(() => 1), ...fill(c, 0)]),
    };
  }

  // error is how far an output is from a value, and what it stands for.
  error(row, want) {
    if (this.numeric) return [Math.abs(row[0] - Number(want)) / this.scale, row[0]];
    const largest = row.reduce((best, x, i) => (x > row[best] ? i : best), 0);
    const got = this.labels[largest];
    return [row.every(Number.isFinite) && got === key(want) ? 0 : Infinity, got?.replace(/^[a-z]+ /, "")];
  }
}

// compare adds a batch to a result.
export function compare(model, cases, rows, tolerance, result) {
  cases.forEach((c, i) => {
    result.inputs++;
    c.want.forEach((want, p) => {
      result.positions++;
      if (model.numeric) result.numbers++;
      const [error, got] = model.error(rows[i][p], want);
      result.error = Math.max(result.error, Number.isNaN(error) ? Infinity : error);
      if (error <= tolerance) return;
      result.differences++;
      if (result.shown.length < 5) result.shown.push(`input ${JSON.stringify(c.atoms)} position ${p}: want ${JSON.stringify(want)}, got ${got}`);
    });
  });
}

// total adds up results.
export function total(results) {
  const sum = (name) => results.reduce((n, result) => n + result[name], 0);
  return {
    inputs: sum("inputs"),
    positions: sum("positions"),
    differences: sum("differences"),
    error: Math.max(0, ...results.map((result) => result.error)),
    shown: results.flatMap((result) => result.shown).slice(0, 5),
  };
}
