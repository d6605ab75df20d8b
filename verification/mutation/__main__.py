"""``python -m verification.mutation``: plant every fault, print and write who caught it."""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from verification.mutation.faults import FAULTS
from verification.mutation.trial import ENOUGH, ROOT, TESTS, Caught, misfits, try_fault

PAGE = ROOT / "verification" / "mutation" / "README.md"
RESULTS = PAGE.with_name("results.json")


def main() -> int:
    """Run the trial; exit code 3 when a fault goes unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="faults whose name or file holds this text")
    parser.add_argument("--workers", type=int, default=2, help="faults tried at once")
    wanted = parser.parse_args()
    chosen = tuple(f for f in FAULTS if wanted.only in f.name or wanted.only in f.file)
    wrong = misfits(chosen)
    if wrong or not chosen:
        print("\n".join(wrong) or f"no fault holds {wanted.only!r}", file=sys.stderr)
        return 2
    control = try_fault(None)
    if control.failed:
        print("the tests fail without any fault:", *control.failed, sep="\n  ", file=sys.stderr)
        print(control.output, file=sys.stderr)
        return 1
    print(f"without a fault all tests pass, {control.seconds:.0f} s", flush=True)
    caught = []
    with ThreadPoolExecutor(wanted.workers) as pool:
        for one in pool.map(try_fault, chosen):
            caught.append(one)
            assert one.fault is not None
            said = f"{len(one.failed)} tests" if one.failed else "NOBODY"
            print(f"{one.seconds:4.0f} s  {said:>9}  {one.fault.name}", flush=True)
    _write(_kept(caught))
    return 0 if all(one.failed for one in caught) else 3


def _kept(caught: list[Caught]) -> dict[str, dict[str, Any]]:
    """What became of every fault: as tried now, else as tried before."""
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    now = {
        one.fault.name: {"failed": len(one.failed), "among": _spread(one.failed)}
        for one in caught
        if one.fault is not None
    }
    kept = {f.name: found for f in FAULTS if (found := now.get(f.name) or before.get(f.name))}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return kept


def _write(kept: dict[str, dict[str, Any]]) -> None:
    noticed = sum(found["failed"] > 0 for found in kept.values())
    lines = [
        "# Faults planted, and who noticed",
        "",
        f"`make mutate` planted {len(kept)} faults in the kernels, one at a time, and ran",
        f"{', '.join(f'`{name}`' for name in TESTS)}",
        f"on each broken copy, without the compiler. {noticed} of {len(kept)} were noticed.",
        f"Without a fault, all of these tests pass; after {ENOUGH} failures the rest is not asked.",
        "",
        "| fault | kind | in | tests that failed | among them |",
        "|---|---|---|---|---|",
    ]
    for fault in FAULTS:
        if fault.name not in kept:
            continue
        found = kept[fault.name]
        among = ", ".join(f"`{_short(name)}`" for name in found["among"]) or "**none**"
        number = f"{ENOUGH} or more" if found["failed"] >= ENOUGH else str(found["failed"])
        lines.append(f"| {fault.name} | {fault.kind} | `{fault.file}` | {number} | {among} |")
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")


def _short(name: str) -> str:
    return name.removeprefix("tests/").replace(".py::", ": ")


def _spread(failed: tuple[str, ...]) -> list[str]:
    """The first failing test of each file."""
    first = {}
    for name in failed:
        first.setdefault(Path(name.split("::")[0]).name, name)
    return list(first.values())


if __name__ == "__main__":
    sys.exit(main())
