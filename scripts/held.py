"""Prints, between commas, the s-ops that a program names and that have no columns of
their own in the export whose raspc.json it is given: those that --materialize can give
some."""

import json
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        sops = json.load(f)["sops"]
    print(",".join(sop["name"] for sop in sops if sop["name"] in sop.get("names", []) and not sop["columns"] and sop["size"] > 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
