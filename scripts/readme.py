"""Does what the README says, and compares it with what the README shows; and
what docs/cli.md says of generated text.

    readme.py [README.md]

Runs, in the README's folder, the first command of its first shell block, whose
last line of output has to be the one that the text block after it shows; then
its first Python block, whose output has to be the comment at its end; then
checks its RASP program, and runs the commands that follow on fixtures/sort.rasp
and on what the first command wrote. Needs go and an interpreter with torch and
transformers. Exits with 1 at a difference.
"""

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


OUT = "out/sort"  # the folder that the first command writes


class Wrong(Exception):
    """The README and reality differ."""


def block(text, language):
    """Returns the first fenced block of a language, and what follows it."""
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise Wrong(f"no block of {language}")
    return found[1], text[found.end() :]


def compare(what, got, want):
    if got != want:
        raise Wrong(f"{what} prints\n  {got}\nbut the README shows\n  {want}")
    print(f"{what}: {got}")


def commands(lines):
    """Returns the commands of a block, without their comments."""
    return [line.split("  #")[0].strip() for line in lines.splitlines()]


def run(command):
    """Runs a command that has to succeed; returns its output."""
    done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Wrong(f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def check_first(text):
    """Runs the first command."""
    first, rest = block(text, "sh")
    shown, _ = block(rest, "text")
    command = commands(first)[0]
    shutil.rmtree(OUT, ignore_errors=True)  # what an earlier run has left would be in the way
    compare(command, run(command).splitlines()[-1], shown.splitlines()[-1])


def check_program(text):
    """Checks the program, and runs the commands after it."""
    program, rest = block(text, "rasp")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "program.rasp").write_text(program, encoding="utf-8")
        run(f"go run ./cmd/raspc check {folder}/program.rasp")
    for command in commands(block(rest, "sh")[0]):
        run(filled(command))
        print(f"{command}: runs")


def filled(command):
    """Returns a command of the README with files of ours."""
    names = {"FILE.rasp": "fixtures/sort.rasp", "FILE.html": f"{OUT}.html", "DIR": OUT}
    for name, ours in names.items():
        command = command.replace(name, ours)
    return command.replace("raspc", "go run ./cmd/raspc", 1)


def check_generation():
    """Exports the language model of docs/cli.md, and runs the lines below."""
    text = Path("docs/cli.md").read_text(encoding="utf-8")
    command = re.search(r"^    raspc (export .* --task causal-lm.*)$", text, re.MULTILINE)
    run(f"go run ./cmd/raspc {command[1]} --force")
    check_python(text[command.end() :])


def check_python(text):
    """Runs the Python lines, of which there are to be no more than five."""
    code, _ = block(text, "python")
    lines = code.splitlines()
    if len(lines) > 5:
        raise Wrong(f"{len(lines)} lines of Python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    compare("Python", printed.getvalue().strip(), lines[-1].rsplit("# ", 1)[-1])


def main():
    readme = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "README.md")
    text = readme.read_text(encoding="utf-8")
    os.environ["HF_HUB_OFFLINE"] = "1"  # the folder is local: nothing may be looked up elsewhere
    os.chdir(readme.resolve().parent)
    try:
        check_first(text)
        check_python(text)
        check_program(text)
        check_generation()
    except Wrong as err:
        print(f"README: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
