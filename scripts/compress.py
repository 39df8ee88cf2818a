"""Compresses the residual stream of exported models by a learned linear map, as Lindner et
al. 2023, section 5, do with models of Tracr's: what writes to the stream of D columns
writes, times W, to one of d; what reads it reads that times the transpose of W. The
weights stay as they are, and W is trained so that the outputs and what each layer
writes stay, too. Of the identity one dimension after the other is dropped.

For each d it writes a folder that stock classes load, with W in its weights, and has
raspc verify say whether the file is equivalent to the program still, and proved."""

import argparse
import json
import math
import os
import sys
from pathlib import Path

import torch

from compression.model import Model
from compression.report import heatmap, table
from compression.training import Compression, without
from compression.verdict import result, stock
from matrix.table import replaced

CLOSE = 1e-3  # logits that are computed in two ways


def compressed(c, raspc, args, work):
    """Yields what is left in less and less columns, with W. One that is given goes before one of as
    many columns that comes out worse."""
    model = c.model
    while True:
        folder = work / f"{model.folder.name}-{c.w.shape[1]}"
        r = result(c, raspc, folder)
        if args.check and not stock(c, folder) < CLOSE:
            raise SystemExit(f"compress: {folder.name}: the stock class gives other logits than W was trained with")
        yield r, c.w
        if c.w.shape[1] <= args.least or args.drop is not None and model.width - c.w.shape[1] >= args.drop:
            return
        c.drop(args.steps, args.tries)
        if fits(args.given, c.w) and c.loss(args.given) < c.loss(c.w):
            c.w = args.given


def misfit(args, width):
    """Says why a W that is given is not for a stream of so many columns."""
    rows, columns = args.given.shape
    if rows != width:
        return f"has {rows} rows, and the stream {width} columns"
    if columns >= width:
        return f"has {columns} columns, no fewer than the stream"
    if columns < args.least:
        return f"has {columns} columns, fewer than --least {args.least}"
    return None


def fits(given, w):
    """Says whether there is a W that has the size of another."""
    return given is not None and given.shape == w.shape


def holds(c, args):
    """Says whether the W that is given makes an equivalent model, too."""
    c.w = args.given
    r = result(c, args.raspc, args.work / f"{c.model.folder.name}-given")
    print(f"{c.model.folder.name}, given, {r}", flush=True)
    return r.equivalent


def learns(c):
    """Says whether W is trained: whether a direction that is missed is missed less where it fades than where it is cut."""
    missed = max(c.directions(), key=lambda u: c.loss(without(c.w, u)))
    return c.guided(c.faded(missed)) < c.guided(without(c.w, missed)) / 2


def count(text):
    """Reads a number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return int(text)


def matrix(text):
    """Reads W from a file, as a list of its rows."""
    try:
        w = torch.tensor(json.loads(Path(text).read_text(encoding="utf-8")), dtype=torch.float64)
    except OSError as e:
        raise argparse.ArgumentTypeError(f"{text}: {e.strerror}") from e
    except (ValueError, TypeError, RuntimeError):
        w = torch.tensor(math.nan)
    if w.ndim != 2 or not w.isfinite().all():
        raise argparse.ArgumentTypeError(f"{text} is no JSON list of rows with as many numbers each")
    return w


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/compress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raspc", required=True, help="the command")
    parser.add_argument("--work", type=Path, required=True, help="folder that gets a folder for each d")
    parser.add_argument("--steps", type=count, default=60, help="of training, for each d")
    parser.add_argument("--tries", type=count, default=4, help="directions that are faded out by themselves, for each d")
    parser.add_argument("--inputs", type=count, default=120, help="at most, of each length as many or all")
    parser.add_argument("--least", type=count, default=1, help="d to end at")
    parser.add_argument("--drop", type=count, help="how many dimensions to drop at most")
    parser.add_argument("--given", type=matrix, help="W to go on from at its number of columns, if it is better")
    parser.add_argument("--write", type=Path, help="document whose tables and drawings are renewed")
    parser.add_argument("--check", action="store_true", help="fail unless the identity is proved, stock classes compute what was trained, training helps, and the W that is given makes an equivalent model")
    parser.add_argument("folders", nargs="+", metavar="DIR", help="of a BERT that raspc export has written")
    return parser.parse_args()


def main():
    os.environ["HF_HUB_OFFLINE"] = "1"
    torch.set_num_threads(1)
    args = arguments()
    for folder in args.folders:
        model = Model(folder)
        name, results, least = model.folder.name, [], None
        if args.least > model.width:
            print(f"compress: {name} has {model.width} columns, fewer than --least {args.least}", file=sys.stderr)
            return 2
        if args.given is not None and len(args.folders) == 1 and (reason := misfit(args, model.width)):
            print(f"compress: {name}: the W that is given {reason}", file=sys.stderr)
            return 2
        c = Compression(model, args.inputs, seed=0)
        for r, w in compressed(c, args.raspc, args, args.work):
            results.append(r)
            print(f"{name}, {r}", flush=True)
            if r.equivalent:
                least = w
        if args.check and not (results[0].equivalent and results[0].proved):
            print(f"compress: {name} is not proved as it is: {results[0].reason}", file=sys.stderr)
            return 1
        if args.check and not learns(c):
            print(f"compress: {name}: training does not make the loss of a dropped direction less", file=sys.stderr)
            return 1
        if args.check and args.given is not None and not holds(c, args):
            print(f"compress: {name}: the W that is given makes another model", file=sys.stderr)
            return 1
        if args.write:
            text = args.write.read_text(encoding="utf-8")
            args.write.write_text(replaced(text, name, table(results, model.numeric)), encoding="utf-8")
            args.write.with_name(f"compression-{name}.svg").write_text(heatmap(least), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
