"""Programs that are compiled, with what is known of them and inputs."""

import collections
import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

DRAWS = 100  # for each input that is wanted: where a program has few, they are soon all drawn


class Failed(Exception):
    """A program cannot be exported, or run on inputs."""


@dataclass(frozen=True)
class Subject:
    """A compiled program."""

    manifest: dict  # raspc.json
    circuit: frozenset  # the edges that carry what tokens change, as auto-circuit names them
    folder: Path  # of TransformerLens
    inputs: list  # of token ids, BOS first, all as long as each other
    others: list  # as many, whose activations take the place of those of the inputs
    values: dict  # a list of values for each input, then for each of the others, of each s-op that the program names

    @property
    def numeric(self):
        return self.manifest["output"]["kind"] == "numeric"


class Laboratory:
    """Exports programs with a raspc, and draws inputs for them."""

    def __init__(self, raspc, count, length, seed):
        self.raspc, self.count, self.length, self.seed = raspc, count, length, seed

    def output(self, *command, given=""):
        """Returns what raspc prints."""
        done = subprocess.run([self.raspc, *command], input=given, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode:
            raise Failed(f"raspc {' '.join(map(str, command))}:\n{done.stderr}")
        return done.stdout

    def subject(self, file, folder, flags=()):
        """Exports a program into a folder."""
        self.output("export", file, "-o", folder, "--format", "transformerlens", "--quiet", *flags)
        manifest = json.loads((folder / "raspc.json").read_text(encoding="utf-8"))
        lens = folder / "transformerlens"
        config = json.loads((lens / "config.json").read_text(encoding="utf-8"))
        circuit = frozenset(self.output("inspect", folder, "--graph", "auto-circuit", "--varying").splitlines())
        drawn = self.defined(file, self.draw(config["tokens"], manifest["options"]["max_len"]))
        ids = [[config["bos"], *map(config["tokens"].index, line)] for line in drawn]
        half = len(ids) // 2
        return Subject(manifest, circuit, lens, ids[:half], ids[half:], self.values(file, drawn))

    def draw(self, tokens, longest):
        """Draws inputs of one length, no two alike."""
        rng = random.Random(self.seed)
        length = min(self.length, longest)
        lines = (tuple(rng.choice(tokens) for _ in range(length)) for _ in range(DRAWS * self.count))
        return list(dict.fromkeys(lines))[: 2 * self.count]

    def run(self, file, lines, *flags):
        """Returns what the interpreter says of inputs."""
        given = "".join(json.dumps(line) + "\n" for line in lines)
        return map(json.loads, self.output("run", file, "--inputs", "-", "--json", *flags, given=given).splitlines())

    def defined(self, file, drawn):
        """Leaves out inputs on which the program is undefined, and one of an odd number."""
        lines = [line for line, record in zip(drawn, self.run(file, drawn), strict=True) if "output" in record]
        if len(lines) < 2:
            raise Failed(f"{file} has too few inputs of length {self.length}")
        return lines[: len(lines) // 2 * 2]

    def values(self, file, lines):
        """Returns what the s-ops that the program names are on inputs."""
        values = collections.defaultdict(list)
        for record in self.run(file, lines, "--trace"):
            if "output" in record:  # selectors have none
                values[record["name"]].append(record["output"])
        return {name: outputs for name, outputs in values.items() if len(outputs) == len(lines)}
