"""Follows docs/circuits.md as a reader does."""

import os
import re
import shutil
import subprocess
import sys


class Astray(Exception):
    """A command of the page fails, or prints something else."""


def blocks(text, kind):
    """Returns the blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(command, folder, **options):
    """Returns what a command prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False, **options)
    if done.returncode:
        raise Astray(f"{done.stdout}{done.stderr}")
    return done.stdout


def follow(text, raspc, fixtures, folder):
    """Runs the commands of the page in an empty folder, then its Python, which has to print what the page shows."""
    shutil.copytree(fixtures, folder / "fixtures", ignore=lambda _, names: [name for name in names if not name.endswith(".rasp")])
    path = os.pathsep.join([str(raspc.parent), os.environ["PATH"]])
    for commands in blocks(text, "sh"):
        run(["bash", "-euo", "pipefail", "-c", commands], folder, env={**os.environ, "PATH": path})
    for code, want in zip(blocks(text, "python"), blocks(text, "text"), strict=True):
        got = run([sys.executable, "-c", code], folder)
        if got != want:
            raise Astray(f"the page shows\n{want}it is\n{got}")
