"""Prints how many inputs a second onnxruntime runs, in batches, on all processors.

    runtime.py DIR TOKENS LENGTH SECONDS

The inputs are those of the full length in lexicographic order, as far as the
time goes, each batch size for a third of it; the fastest counts. Needs what
scripts/requirements-onnx.txt lists.
"""

import json
import sys
import time
from pathlib import Path

import numpy
import onnxruntime

BATCHES = [256, 2048, 16384]


def main(folder, tokens, length, seconds):
    manifest = json.loads(Path(folder, "raspc.json").read_text())
    session = onnxruntime.InferenceSession(str(Path(folder, "model.onnx")), providers=["CPUExecutionProvider"])
    best = max(rate(session, manifest["tokens"]["bos_id"], tokens, length, size, seconds / len(BATCHES)) for size in BATCHES)
    print(best)


def rate(session, bos, tokens, length, size, seconds):
    """Runs batches of one size for some time, after one that warms up; returns inputs a second."""
    total = tokens**length
    places = tokens ** numpy.arange(length - 1, -1, -1)
    done, spent, warm = 0, 0.0, False
    while spent < seconds:
        first = done % total
        numbers = numpy.arange(first, min(first + size, total))
        ids = numpy.full((len(numbers), length + 1), bos, dtype=numpy.int64)
        ids[:, 1:] = numbers[:, None] // places % tokens
        feed = {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}
        begin = time.perf_counter()
        session.run(None, feed)
        if warm:  # the inputs' making does not count
            spent += time.perf_counter() - begin
            done += len(numbers)
        warm = True
    return done / spent


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
