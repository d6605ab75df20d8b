"""``python -m verification``: ask everything, print the answers, write the page."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.machine import ROOT, facts
from bordersim._jit import engine_hash
from verification.page import render
from verification.suite import Result, failures, names, run, title

FAILED = 3
"""Exit code when an answer is not what is allowed, as for a mismatch of digests."""


def main(arguments: list[str] | None = None) -> int:
    """Run the suite: 0 when everything passed, 2 for a check there is none of, 3 for a failure."""
    chosen = _parsed(arguments)
    if chosen.list:
        for name in names():
            print(f"{name:15} {title(name)}")
        return 0
    unknown = sorted(set(chosen.only or ()) - set(names()))
    if unknown:
        print(f"no check {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    partial = chosen.quick or (chosen.only and not chosen.keep)
    out = chosen.out or ROOT / ("build/verification" if partial else "verification")
    kept = out / "results.json"
    if chosen.render:
        if not kept.exists():
            print(f"nothing to render: there is no {kept.name} in {out}", file=sys.stderr)
            return 2
        found = json.loads(kept.read_text())
    else:
        out.mkdir(parents=True, exist_ok=True)
        before = json.loads(kept.read_text()) if chosen.keep and kept.exists() else None
        if before is not None and (before["engine"], before["quick"]) != (
            engine_hash(),
            chosen.quick,
        ):
            print(f"the answers in {kept} are of another engine or size: ask everything anew",
                  file=sys.stderr)  # fmt: skip
            return 2
        found = _asked(chosen, out, before["checks"] if before else [])
        kept.write_text(json.dumps(found, indent=1) + "\n")
    (out / "README.md").write_text(render(found))
    _print(found["checks"])
    failed = failures(found["checks"])
    for line in failed:
        print(f"FAIL {line}", file=sys.stderr)
    print(f"{out / 'README.md'}", file=sys.stderr)
    return FAILED if failed else 0


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m verification", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small samples: does it all work?")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these checks alone")
    parser.add_argument("--list", action="store_true", help="name the checks and end")
    parser.add_argument("--planted", action="store_true",
                        help="with --quick or --only: plant the wrong laws, too")  # fmt: skip
    parser.add_argument("--keep", action="store_true",
                        help="with --only: the other answers of results.json stay")  # fmt: skip
    parser.add_argument("--out", type=Path, help="folder to write to")
    parser.add_argument("--render", action="store_true",
                        help="ask nothing: write the page of results.json anew")  # fmt: skip
    return parser.parse_args(arguments)


def _asked(chosen: argparse.Namespace, out: Path, before: list[Result]) -> dict[str, Any]:
    found: dict[str, Any] = {"schema": "bordersim/verification@1", "quick": chosen.quick, **facts()}
    asked = chosen.only or names()
    others = set(names()) - set(asked)
    found["checks"] = [check for check in before if check["name"] in others]
    planted = chosen.planted or chosen.keep or not (chosen.quick or chosen.only)
    for name in asked:
        print(f"{name}: {title(name)} ...", file=sys.stderr, flush=True)
        result = run(name, out, chosen.quick, planted)
        found["checks"].append(result)
        passed = sum(verdict["passed"] for verdict in result["verdicts"])
        print(f"{name}: {passed} of {len(result['verdicts'])} passed, {result['seconds']:.0f} s",
              file=sys.stderr, flush=True)  # fmt: skip
    order = names()
    found["checks"].sort(key=lambda check: order.index(check["name"]))
    found["minutes"] = round(sum(check["seconds"] for check in found["checks"]) / 60, 1)
    return found


def _print(checks: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, show_lines=False)
    for head in ("", "question", "measured", "allowed"):
        table.add_column(head, overflow="fold")
    for check in checks:
        table.add_section()
        for verdict in check["verdicts"]:
            cells = [escape(verdict[key]) for key in ("question", "measured", "allowed")]
            table.add_row("pass" if verdict["passed"] else "FAIL", *cells)
        planted = check["planted"]
        if planted:
            noticed = sum(fault["noticed"] for fault in planted)
            table.add_row("pass" if noticed == len(planted) else "FAIL",
                          f"Would {check['name']} notice a fault?",
                          f"{noticed} of {len(planted)} planted", "all")  # fmt: skip
    Console(soft_wrap=False, highlight=False).print(table)


if __name__ == "__main__":
    sys.exit(main())
