"""Runs processes and measures them."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent


class Finished(NamedTuple):
    """How a process ended, and what it took."""

    code: int  # negative: the signal that ended it
    seconds: float
    busy: float  # seconds of all processors together
    peak: int  # largest resident set, in bytes
    out: str
    err: str


def measure(command, limit=None, given=subprocess.DEVNULL):
    """Runs a command with a file as its input, killed after limit seconds.

    The peak is the child's own, as the system counts it; below some 15 MB it is
    that of this process, of which the child was a copy before it began.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdin=given, stdout=out, stderr=err)
        timer = threading.Timer(limit, child.kill) if limit else None
        if timer:
            timer.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        finally:
            if timer:
                timer.cancel()
        seconds = time.perf_counter() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        out.seek(0)
        err.seek(0)
        busy = usage.ru_utime + usage.ru_stime
        return Finished(child.returncode, seconds, busy, usage.ru_maxrss * unit, out.read(), err.read())


def build(folder):
    """Builds raspc in a folder; returns its path."""
    raspc = str(Path(folder, "raspc"))
    subprocess.run(["go", "build", "-C", str(ROOT), "-o", raspc, "./cmd/raspc"], check=True)
    return raspc
