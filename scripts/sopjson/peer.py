"""Compiles programs with Tracr, each in a process of its own, forked from one that has imported what it needs.

Most of the time of a process's first compilation is JAX's, which compiles small functions. It
is measured where cold is asked for; else JAX takes them from a cache on disk, as far as it
has them. The imports, which take a user's process more seconds, do not count.
"""

import json
import os
import resource
import select
import signal
import time

import jax
from tracr.compiler import compiling

MEMORY = 8 << 30  # bytes that a process may address


def measured(case, inputs, limit, cold, cache):
    """Returns what came of a program: seconds, sizes and outputs, or why there is no model."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            if not cold:
                jax.config.update("jax_compilation_cache_dir", str(cache))
                jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
                jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
            result = _compiled(case, inputs)
            if not cold:
                result.pop("cold", None)
            with os.fdopen(writing, "w") as out:
                json.dump(result, out)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    text, end = b"", time.monotonic() + limit
    while select.select([reading], [], [], max(0, end - time.monotonic()))[0]:
        some = os.read(reading, 1 << 16)
        text += some
        if not some:
            break
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    os.waitpid(child, 0)
    try:
        return json.loads(text)
    except ValueError:
        return {"refused": f"no model after {limit} s, or out of memory"}


def _compiled(case, inputs):
    def compiled():
        return compiling.compile_rasp_to_model(case.program, set(case.vocab), case.max_len, causal=case.causal, compiler_bos="BOS")

    start = time.perf_counter()
    try:
        model = compiled()
    except Exception as e:
        return {"refused": " ".join(f"{type(e).__name__}: {e}".split())[:120]}
    cold = time.perf_counter() - start
    start = time.perf_counter()
    compiled()
    warm = time.perf_counter() - start
    return {
        "cold": cold, "warm": warm, "outputs": [attempt(lambda: model.apply(["BOS", *tokens]).decoded[1:]) for tokens in inputs],
        "layers": model.model_config.num_layers, "params": sum(int(x.size) for group in model.params.values() for x in group.values()),
    }


def attempt(run):
    """Returns values as JSON has them, or an error."""
    try:
        return [_plain(v) for v in run()]
    except Exception as e:
        return {"error": " ".join(f"{type(e).__name__}: {e}".split())[:120]}


def _plain(v):
    v = v.item() if hasattr(v, "item") else v
    return v if v is None or isinstance(v, (bool, int, float, str)) else [_plain(x) for x in v]
