"""Exports what is planned, and has the interpreter say what it should compute."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from matrix.plan import Planned
from matrix.result import Kind

SCRIPTS = Path(__file__).resolve().parent.parent
# Why a program cannot have a form: its attention, or numbers that the type cannot tell apart.
UNSUITED = re.compile(r"^error: .* looks (back only|both ways), and the program|^error\[E1006\]: ", re.MULTILINE)


class Failed(Exception):
    """A program cannot be exported or run."""


@dataclass(frozen=True)
class Prepared:
    """An export folder with its cases."""

    planned: Planned
    folder: Path
    cases: Path

    def kind(self):
        """Returns the kind of its Hugging Face files; None where it has none."""
        manifest = json.loads((self.folder / "raspc.json").read_text(encoding="utf-8"))
        if all(file["format"] != "safetensors" for file in manifest["files"]):
            return None
        return Kind.of(manifest, "safetensors")


def build(work, package):
    """Builds a program of the module; returns its path."""
    to = work / Path(package).name
    subprocess.run(["go", "build", "-C", SCRIPTS.parent, "-o", to, package], check=True)
    return to


def output(command):
    """Returns what a command prints. Warnings are no concern here."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Workshop:
    """A folder to work in, with raspc and the program that prints hidden states."""

    def __init__(self, work):
        self.work, self.exports = work, work / "exports"
        self.exports.mkdir()
        self.raspc, self.states = build(work, "./cmd/raspc"), build(work, "./scripts/states")

    def prepare_all(self, planned):
        """Prepares exports, several at a time, and leaves out those that are alike."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            prepared = [one for one in pool.map(self.prepare, planned) if one]
        kinds = {one.planned.name: one.kind() for one in prepared}
        return [one for one in prepared if not one.planned.beside or kinds[one.planned.name] != kinds[one.planned.beside]]

    def prepare(self, planned):
        """Prepares one export; None where the program cannot have its form."""
        folder = self.exports / planned.name
        formats = ["--format", ",".join(planned.formats)]
        try:
            output([self.raspc, "export", planned.file, "-o", folder, "--quiet", *formats, *planned.flags, *planned.settings])
        except Failed as err:
            if planned.beside and UNSUITED.search(str(err)):
                return None
            raise
        self.check(planned, folder)
        if "transformerlens" in planned.formats:
            self.draw(folder)
        cases = self.exports / f"{planned.name}.cases.jsonl"
        cases.write_text(self.cases(planned, folder), encoding="utf-8")
        if planned.continued:
            cases.write_text(self.continued(planned, folder, cases), encoding="utf-8")
        return Prepared(planned, folder, cases)

    def check(self, planned, folder):
        """Wants what is planned to be in the folder."""
        if planned.holds:
            name, text = planned.holds
            if text not in (folder / name).read_text(encoding="utf-8"):
                raise Failed(f"{folder}: {name} has no {text!r}")

    def draw(self, folder):
        """Writes the causal graph, in two formats, beside the folder."""
        for form, suffix in (("json", ".graph.json"), ("acdc", ".hooks.txt")):
            graph = output([self.raspc, "inspect", folder, "--graph", form])
            folder.with_name(folder.name + suffix).write_text(graph, encoding="utf-8")

    def cases(self, planned, folder):
        """Returns what the program should compute."""
        inputs = self.exports / f"{planned.name}.inputs.jsonl"
        inputs.write_text(output([sys.executable, SCRIPTS / "inputs.py", "--count", str(planned.count), folder]), encoding="utf-8")
        return output([self.raspc, "run", planned.file, "--inputs", inputs, "--json", *planned.settings])

    def continued(self, planned, folder, cases):
        """Returns the cases with how texts go on."""
        command = [sys.executable, SCRIPTS / "continuations.py", self.raspc, planned.file, folder, cases]
        return output([*command, "--", *planned.settings])
