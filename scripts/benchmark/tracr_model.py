"""Prints how many inputs a second a model of Tracr's runs, in batches, on all processors.

    tracr_model.py PROGRAM VOCAB LENGTH LONGEST SECONDS < CASES

Compiles a program of Tracr's own library for the tokens of a JSON list and for
inputs of up to LENGTH. CASES are lines of JSON, each with an input of length
LONGEST and the output that is right; the model must give these. Then it runs the
inputs of that length in lexicographic order, as far as the time goes, each
batch size for a part of it; the fastest counts. One call of the model goes from
token numbers to output values and is compiled by JAX as a whole; making the
inputs and compiling do not count. Prints JSON: the rate by the clock, and that
by the time of all processors together. Needs what scripts/requirements-tracr.txt
lists.
"""

import json
import sys
import time

import jax
import numpy
from tracr.compiler import compiling, lib
from tracr.rasp import rasp

BATCHES = [256, 2048, 16384]


def program(name, length):
    """Returns the s-op of a program of Tracr's library."""
    match name:
        case "hist":
            return lib.make_hist()
        case "frac_prevs":
            return lib.make_frac_prevs(rasp.tokens == "a")
        case "reverse":
            return lib.make_reverse(rasp.tokens)
        case "sort":
            return lib.make_sort(rasp.tokens, rasp.tokens, max_seq_len=length, min_key=1)
        case "sort_freq":
            return lib.make_sort_freq(length)
        case "shuffle_dyck2":
            return lib.make_shuffle_dyck2()
    raise ValueError(f"no program {name}")


def main(name, vocab, length, longest, seconds):
    model = compiling.compile_rasp_to_model(program(name, length), set(vocab), length, compiler_bos="BOS")
    encoder = model.input_encoder.encoding_map
    bos, codes = encoder["BOS"], numpy.array([encoder[token] for token in vocab])
    run = jax.jit(lambda ids: model.forward(model.params, ids).unembedded_output)
    cases = [json.loads(line) for line in sys.stdin]
    check(model, run, [[bos, *(encoder[token] for token in case["input"])] for case in cases], cases)
    rates = [rate(run, bos, codes, longest, size, seconds / len(BATCHES)) for size in BATCHES]
    print(json.dumps({"clock": max(r for r, _ in rates), "processors": max(r for _, r in rates)}))


def check(model, run, ids, cases):
    """Ends the process if the model gives a wrong output."""
    rows = numpy.asarray(run(numpy.array(ids)))[:, 1:]
    for row, case in zip(rows.tolist(), cases, strict=True):
        got = model.output_encoder.decode(row) if model.output_encoder else row
        if not all(same(a, b) for a, b in zip(got, case["output"], strict=True)):
            sys.exit(f"Tracr's model gives {got} on {case['input']}: {case['output']} is right")


def same(got, right):
    """Reports whether values are equal, as far as numbers in float32 are."""
    if isinstance(got, str) or isinstance(right, str):
        return got == right
    return abs(got - right) < 1e-3


def rate(run, bos, codes, length, size, seconds):
    """Runs batches of one size for some time, after one that warms up; returns
    inputs a second of the clock, and of the processors' time."""
    total = len(codes) ** length
    places = len(codes) ** numpy.arange(length - 1, -1, -1)
    done, spent, busy, warm = 0, 0.0, 0.0, False
    while spent < seconds:
        numbers = numpy.arange(done, done + size) % total
        ids = numpy.full((size, length + 1), bos)
        ids[:, 1:] = codes[numbers[:, None] // places % len(codes)]
        ids = jax.device_put(ids)
        begin, start = time.perf_counter(), time.process_time()
        run(ids).block_until_ready()
        if warm:
            spent += time.perf_counter() - begin
            busy += time.process_time() - start
            done += size
        warm = True
    return done / spent, done / busy


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
