"""``python -m benchmarks``: measure everything, write results.json, README.md and the figure."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.figure import draw
from benchmarks.launch import run_all
from benchmarks.machine import ROOT, facts
from benchmarks.plan import FULL, LONG, quick
from benchmarks.report import render


def main() -> int:
    """Measure and write; 1 when a measurement failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and once: does it all work?")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="cases whose name starts so")
    parser.add_argument(
        "--long",
        nargs="*",
        metavar="NAME",
        help="measure only what takes many minutes, and keep what was measured before beside it",
    )
    parser.add_argument("--out", type=Path, help="folder to write to")
    parser.add_argument(
        "--render",
        action="store_true",
        help="measure nothing: write the report of results.json anew",
    )
    arguments = parser.parse_args()
    partial = arguments.quick or arguments.only
    out = arguments.out or (ROOT / "build" / "bench" if partial else ROOT / "benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    if arguments.render:
        found = json.loads((out / "results.json").read_text())
    else:
        found = _measured(arguments, out / "results.json")
        (out / "results.json").write_text(json.dumps(found, indent=1) + "\n")
    pictured = draw(found, out / "cost.png")
    (out / "README.md").write_text(render(found, figure="cost.png" if pictured else None))
    print(out / "README.md")
    return int(any(case["error"] for case in found["cases"].values()))


def _measured(arguments: argparse.Namespace, file: Path) -> dict[str, Any]:
    """Measure what is asked for; ``file`` holds what was measured before."""
    before: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"cases": {}}
    long = arguments.long is not None
    cases = quick() if arguments.quick else LONG if long else FULL
    if names := arguments.only or arguments.long:
        cases = tuple(case for case in cases if case.name.startswith(tuple(names)))
    begun = time.perf_counter()
    found = {"schema": "bordersim/benchmarks@1", "quick": arguments.quick, **facts()}
    results = run_all(cases, lambda line: print(line, file=sys.stderr, flush=True))
    found["minutes"] = round((time.perf_counter() - begun) / 60, 1)
    found["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    if long:
        for result in results.values():
            result |= {key: found[key] for key in ("date", "commit")}
        return {**found, **before, "cases": before["cases"] | results}
    kept = {} if arguments.quick or arguments.only else before["cases"]
    lasting = {case.name: kept[case.name] for case in LONG if case.name in kept}
    return {**found, "cases": lasting | results}


if __name__ == "__main__":
    sys.exit(main())
