"""Which checks there are, and running them."""

from __future__ import annotations

import importlib
import os
import pkgutil
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from verification import checks
from verification.verdict import Verdict

ORDER = ("draws", "thinning", "choice", "clocks", "durations", "prices", "learning", "steady",
         "pairing", "twin_equality", "identity", "studies", "margins", "lives")  # fmt: skip
"""From the smallest part to the whole; a check not named here comes last."""

Result = dict[str, Any]
"""One check as ``results.json`` keeps it."""


def names() -> list[str]:
    """Checks there are, in the order of the report."""
    found = [module.name for module in pkgutil.iter_modules(checks.__path__)]
    return sorted(found, key=lambda n: (ORDER.index(n) if n in ORDER else len(ORDER), n))


def title(name: str) -> str:
    """First line of what a check says of itself."""
    words = importlib.import_module(f"{checks.__name__}.{name}").__doc__ or name
    return words.strip().splitlines()[0].rstrip(".")


def run(name: str, out: Path, quick: bool, planted: bool) -> Result:
    """One check's verdicts, and whether it notices the wrong laws planted in it.

    A check that raises has failed: the others go on.
    """
    begun, spent = time.perf_counter(), processor_seconds()
    module = importlib.import_module(f"{checks.__name__}.{name}")
    found = _answers(lambda: module.verdicts(out, quick))
    faults: dict[str, Callable[[], Iterable[Verdict]]] = getattr(module, "PLANTED", {})
    noticed = [_noticed(fault, make) for fault, make in faults.items()] if planted else []
    table = out / f"{name}.md"
    return {
        "name": name,
        "title": title(name),
        "seconds": round(time.perf_counter() - begun, 1),
        "processor_seconds": round(processor_seconds() - spent, 1),
        "verdicts": [asdict(verdict) for verdict in found],
        "planted": noticed,
        "table": table.read_text() if table.exists() else "",
    }


def processor_seconds() -> float:
    """Time of this process and of those it started, which other work does not lengthen much."""
    return sum(os.times()[:4])


def _answers(ask: Callable[[], Iterable[Verdict]]) -> list[Verdict]:
    found: list[Verdict] = []
    try:
        found.extend(ask())
    except Exception as raised:
        detail = traceback.format_exc()
        said = f"{type(raised).__name__}: {raised}"
        found.append(Verdict("Does the check run to its end?", False, said, "no error",
                             detail=detail))  # fmt: skip
    return found


def _noticed(fault: str, make: Callable[[], Iterable[Verdict]]) -> dict[str, Any]:
    found = _answers(make)
    crashed = any(verdict.question.startswith("Does the check run") for verdict in found)
    failed = [verdict for verdict in found if not verdict.passed]
    return {
        "fault": fault,
        "noticed": bool(failed) and not crashed,
        "by": (failed or found)[0].measured,
    }


def failures(results: list[Result]) -> list[str]:
    """What failed, a line each: questions, and planted faults that nobody noticed."""
    lines = []
    for result in results:
        for verdict in result["verdicts"]:
            if not verdict["passed"]:
                lines.append(f"{result['name']}: {verdict['question']} {verdict['measured']}")
        for planted in result["planted"]:
            if not planted["noticed"]:
                lines.append(f"{result['name']}: not noticed: {planted['fault']}")
    return lines
