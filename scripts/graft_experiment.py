"""Trains hosts with and without a circuit in them, and compares.

    scripts/graft_experiment [--seeds N] [--steps N] [--processes N] [--device D] [--results FILE.json] [--write] [--short]

Two tasks (grafting/tasks.py), for each of which a program computes a part (grafting/programs): how often a token has
occurred, for the token that has occurred most often so far; how many brackets are open, for the most that were open at once so far. A
GPT-2 of 4 layers, 4 heads, 64 columns and 128 neurons a layer is trained on inputs of 4 to 16 tokens, and tested on longer ones, up to 64:

frozen   with the compiled part in it, which does not change
free     with the compiled part in it where training starts
scratch  without it, with norms that do nothing, as grafted models have them
normed   without it, with the layer norms of a GPT-2

each with --seeds seeds, which choose weights and inputs. All have the same sizes, and no table of positions: one that was trained on 16
positions says nothing of others. Of frozen and free models `raspc verify --circuit` says whether the s-ops still hold.

--results keeps every model's figures as soon as it is trained; where the file is there already, only what it does not hold is trained.
--write renews the table and the plots of docs/graft-experiment.md from it. --short trains a few steps, with scripts/graft_train, too, and checks that the frozen circuit is proved and the free one is not. Exit status: 0, 1 where something is
not as it has to be, 2 for wrong usage.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from grafting.host import CONDITIONS, FREE, FROZEN, Host
from grafting.report import plot, rows
from grafting.tasks import TASKS
from grafting.training import Diverged, accuracy, train
from matrix.table import replaced

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT, FIGURES = ROOT / "docs" / "graft-experiment.md", ROOT / "docs" / "graft-experiment"
TRAINED, LENGTHS = range(4, 17), [16, 32, 48, 64]
SIZES = ["--d-model", "64", "--layers", "4", "--heads", "4", "--d-mlp", "128"]
BATCH, RATE, TESTS, LOOKS = 64, 1e-3, 256, 20


def grafted(raspc, task, seed, folder, longest=LENGTHS[-1], more=()):
    """Makes the host of a seed, with the circuit of a task."""
    program = ROOT / "scripts" / "grafting" / "programs" / f"{task.name}.rasp"
    flags = ["--labels", json.dumps(task.labels), "--seed", seed, "--max-len", longest, "--quiet", "-o", folder, *more]
    subprocess.run(list(map(str, [raspc, "graft", program, "--arch", "gpt2", *SIZES, *flags])), check=True)


def holds(raspc, folder):
    """Says what raspc says of the circuit in a folder."""
    run = subprocess.run([str(raspc), "verify", str(folder), "--circuit", "--json"], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 3, 4):
        raise RuntimeError(f"raspc verify --circuit: exit status {run.returncode}: {run.stderr}")
    return json.loads(run.stdout)["result"]


def batches(task, seed):
    rng = torch.Generator().manual_seed(seed)
    while True:
        length = TRAINED[int(torch.randint(len(TRAINED), (1,), generator=rng))]
        yield task.batch(BATCH, length, rng)


def trained(job):
    """Trains one model, and returns what was seen of it."""
    raspc, name, condition, seed, steps, device = job
    torch.set_num_threads(1)
    task, begin, seen = TASKS[name], time.monotonic(), []
    tests = {n: task.batch(TESTS, n, torch.Generator().manual_seed(10_000 + n)) for n in LENGTHS}
    with tempfile.TemporaryDirectory() as work:
        start, end = Path(work) / "start", Path(work) / "end"
        grafted(raspc, task, seed + 1, start)
        torch.manual_seed(seed)
        host = Host(start, condition, positions=False, device=device)

        def look(step, host):
            if step % (steps // LOOKS) == 0:
                seen.append((step, {str(n): accuracy(host, *test) for n, test in tests.items()}))

        circuit = diverged = None
        try:
            train(host, batches(task, seed), steps, RATE, look)
        except Diverged as e:  # which is an outcome: nothing is right from there on
            diverged = e.args[0]
            seen += [(step, {str(n): 0.0 for n in LENGTHS}) for step in range(0, steps + 1, steps // LOOKS) if step > seen[-1][0]]
        if condition in (FROZEN, FREE) and diverged is None:
            host.save(end)
            circuit = holds(raspc, end)
    return {
        "task": name, "condition": condition, "seed": seed, "seen": seen, "circuit": circuit, "diverged": diverged,
        "seconds": time.monotonic() - begin,
    }  # fmt: skip


def experiment(raspc, steps, processes, device, wanted):
    """Trains the models wanted (task, condition, seed), and yields what was seen of each as it is trained."""
    jobs = [(raspc, *run, steps, device) for run in wanted]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for run in pool.imap_unordered(trained, jobs):
            last = run["seen"][-1][1]
            right = ", ".join(f"{last[str(n)]:.3f} at {n}" for n in LENGTHS)
            print(f"{run['task']} {run['condition']} seed {run['seed']}: {right}; circuit {run['circuit']}; diverged {run['diverged']}; {run['seconds']:.0f} s", flush=True)
            yield run


def kept(path, steps):
    """Returns the runs that a file of --results holds, none where there is no file."""
    if not path or not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["steps"] != steps:
        raise ValueError(f"{path} holds runs of {found['steps']} steps, not of {steps}: name another file, or the same --steps")
    return {key(r): r for r in found["runs"]}


def completed(runs, args):
    """Returns the runs asked for, training those that are not there; each is kept as it ends, for a command that is stopped to go on."""
    wanted = [(t, c, s) for t in TASKS for c in CONDITIONS for s in range(args.seeds)]
    for run in experiment(args.raspc.resolve(), args.steps, args.processes, args.device, [w for w in wanted if w not in runs]):
        runs[key(run)] = run
        if args.results:
            keep(args.results, {"steps": args.steps, "runs": list(runs.values())})
    return [runs[w] for w in wanted]


def key(run):
    return run["task"], run["condition"], run["seed"]


def keep(path, results):
    """Writes results in one step: who reads finds the old ones or the new ones."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results), encoding="utf-8")
    part.replace(path)


def problems(runs):
    """Yields what is not as it has to be, whatever is learnt: what is frozen is proved, and what was trained is not."""
    for r in runs:
        if r["diverged"] is not None:
            continue
        if r["condition"] == FROZEN and r["circuit"] != "equivalent":
            yield f"{r['task']}, seed {r['seed']}: the frozen circuit is {r['circuit']}"
        if r["condition"] == FREE and r["circuit"] == "equivalent":
            yield f"{r['task']}, seed {r['seed']}: the circuit was trained, and is the same"


def short(raspc):
    """Trains a few steps, frozen by scripts/graft_train, in a host of several files, and free, in one of one file, and yields what is wrong."""
    task, seed, longest, rng = TASKS["depth"], 1, 8, torch.Generator().manual_seed(0)
    with tempfile.TemporaryDirectory() as work:
        start, parts, data = Path(work) / "start", Path(work) / "parts", Path(work) / "data.jsonl"
        grafted(raspc, task, seed, start, longest)
        grafted(raspc, task, seed, parts, longest, ["--shard-size", "100kB"])
        with data.open("w", encoding="utf-8") as f:
            for ids, labels in zip(*task.batch(100, longest, rng), strict=True):
                tokens = [task.vocabulary[i] for i in ids[1:]]
                f.write(json.dumps({"tokens": tokens, "labels": [str(task.labels[i]) for i in labels[1:]]}) + "\n")
        for folder, condition, want in ((parts, FROZEN, "equivalent"), (start, FREE, "different")):
            name = f"{folder.name}, {condition}"
            end = Path(work) / name
            flags = ["--data", data, "-o", end, "--steps", 20, "--condition", condition]
            subprocess.run([sys.executable, *map(str, [ROOT / "scripts" / "graft_train.py", folder, *flags])], check=True)
            got = holds(raspc, end)
            print(f"{name}: the circuit is {got}")
            if got != want:
                yield f"{name}: the circuit is {got}, not {want}"


def write(runs):
    text = DOCUMENT.read_text(encoding="utf-8")
    table = "\n".join(rows(runs, TASKS, LENGTHS)) + "\n"
    DOCUMENT.write_text(replaced(text, "results", table), encoding="utf-8")
    FIGURES.mkdir(exist_ok=True)
    for task in TASKS:
        for n in (LENGTHS[0], LENGTHS[-1]):
            (FIGURES / f"{task}-{n}.svg").write_text(plot(runs, task, n, TRAINED[-1]), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="scripts/graft_experiment", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raspc", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--results", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--short", action="store_true")
    args = parser.parse_args()
    if args.short:
        wrong = list(short(args.raspc.resolve()))
        print("\n".join(wrong), file=sys.stderr)
        return 1 if wrong else 0
    try:
        before = kept(args.results, args.steps)
    except ValueError as e:
        parser.error(str(e))
    runs = completed(before, args)
    wrong = list(problems(runs))
    for problem in wrong:
        print(problem, file=sys.stderr)
    if args.write:
        write(runs)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
