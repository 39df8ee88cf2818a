"""The rate of a large export, beside the rate of the disk."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmark.process import ROOT, build, measure

# Two layers, padded to 1.8 billion parameters each.
PROGRAM = ROOT / "fixtures" / "sort.rasp"
PADDING = ["--pad-model", "12288", "--pad-mlp", "49152", "--pad-heads", "96"]
FORMAT = ["--format", "safetensors", "--shard-size", "5GB", "--max-gb", "20"]
ROOM = 2 * 16 * 10**9  # bytes: the model, and as many zeros
MB = 1 << 20
FLOAT32 = 4  # bytes


def arguments(parser):
    parser.add_argument("--dir", type=Path, required=True, help="a folder on the disk to write to, with 32 GB free")


def run(args):
    """Prints both rates, their quotient, and the memory that the export took."""
    if not args.dir.is_dir():
        print(f"{args.dir} is not a folder", file=sys.stderr)
        return 2
    free = shutil.disk_usage(args.dir).free
    if free < ROOM:
        print(f"{args.dir} has {free / 1e9:.1f} GB free, {ROOM / 1e9:.0f} GB are needed", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(dir=args.dir) as work:
        raspc, model, zeros = build(work), Path(work, "model"), Path(work, "zeros")
        export = measure([raspc, "export", str(PROGRAM), "-o", str(model), *PADDING, *FORMAT, "--json"])
        if export.code:
            print(export.out + export.err, end="", file=sys.stderr)
            return 1
        described = json.loads(export.out.splitlines()[0])
        size = sum(file["bytes"] for file in described["files"])
        weights = sum(file["bytes"] for file in described["files"] if file["name"].endswith(".safetensors"))
        blocks = -(-size // MB)
        dd = measure(["dd", "if=/dev/zero", f"of={zeros}", f"bs={MB}", f"count={blocks}", "conv=fsync"])
        if dd.code:
            print(dd.err, end="", file=sys.stderr)
            return 1
    ours, disk = size / export.seconds, blocks * MB / dd.seconds
    print(f"{weights / FLOAT32 / 1e9:.2f} billion parameters, {size / 1e9:.2f} GB in {len(described['files'])} files")
    print(f"export {export.seconds:7.1f} s {ours / 1e6:7.0f} MB/s, peak {export.peak / 1e6:.0f} MB")
    print(f"dd     {dd.seconds:7.1f} s {disk / 1e6:7.0f} MB/s")
    print(f"the export writes at {ours / disk:.2f} of the rate of dd")
    return 0
