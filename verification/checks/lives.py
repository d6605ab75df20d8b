"""Why: ten lives explained by replay, each step held against the log, and how long it takes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

import bordersim as bs
from bordersim.codes import Event
from bordersim.explain import pick_uids
from bordersim.results import RunResults
from bordersim.scenario import Scenario
from bordersim.simulation import Engine
from bordersim.state import EVENT_FIELDS
from verification.verdict import Verdict
from verification.worlds import shipped

KINDS = {"any": 2, "alone": 1, "hired": 2, "met": 2, "arrived": 1, "died": 1, "priced-out": 1}
"""How many lives of each kind: ten in all, drawn by key, most of them with a long story."""

QUICK_SCALE = 0.02
SECONDS = 5.0
TRIES = 2
"""Times a life is asked for when the first answer was slow; the machine may be busy."""

Rows = list[tuple[Any, ...]]


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """Explain ten lives of a stored run of history and compare them with its log."""
    scenario = shipped("historical").scaled(QUICK_SCALE if quick else 1.0)
    with tempfile.TemporaryDirectory() as folder:
        run = bs.run(scenario, out=folder)
        assert isinstance(run, RunResults)
        uids = chosen(run, scenario)
        logged = rows_of_log(scenario, run.seed, uids)
        told = {uid: asked(folder, uid) for uid in uids}
    wrong = [
        f"uid {uid}: exit code {code}" if code else f"uid {uid}"
        for uid, (code, document, _) in told.items()
        if code or rows_told(document) != logged[uid]
    ]
    decisions = [
        decision
        for _, document, _ in told.values()
        for month in document.get("months", [])
        for decision in month["decisions"]
    ]
    compared = sum(map(len, logged.values()))
    yield Verdict(
        question="Is every explained step of ten random lives what the engine logged?",
        passed=not wrong and compared > 0,
        measured=f"{len(uids) - len(wrong)} of {len(uids)} lives, row for row",
        allowed="all: the explanation is worked out anew, with nothing logged beforehand",
        n=f"{compared} events, {len(decisions)} decisions, scale {scenario.scale:g}",
        detail="; ".join(wrong),
    )
    slowest = max(seconds for _, _, seconds in told.values())
    yield Verdict(
        question="Is each life explained in under five seconds, the whole command?",
        passed=slowest < SECONDS,
        measured=f"slowest {slowest:.1f} s, "
        f"median {np.median([seconds for _, _, seconds in told.values()]):.1f} s",
        allowed=f"{SECONDS:g} s of wall time, the better of {TRIES} where the first is slower",
        n=f"{len(uids)} lives, scale {scenario.scale:g}, 264 months",
        detail="" if slowest < SECONDS else "was the machine busy?",
    )


def chosen(run: RunResults, scenario: Scenario) -> list[int]:
    """Ten people to whom something happened."""
    found: dict[int, None] = {}
    for kind, number in KINDS.items():
        more = pick_uids(run, kind, scenario, number + len(found))
        new = [uid for uid in more if uid not in found]
        found |= dict.fromkeys(new[:number])
    return list(found)


def rows_of_log(scenario: Scenario, seed: int, uids: Iterable[int]) -> dict[int, Rows]:
    """What the engine logs of some people."""
    wanted = np.array(list(uids), np.int64)
    at = EVENT_FIELDS.index("uid")
    engine = Engine(scenario, seed, events=True)
    world = engine.first_world()
    found: dict[int, Rows] = {int(uid): [] for uid in wanted}
    while world.month <= scenario.end_month:
        world, log = engine.step(world, *engine.blank_books(1))
        for row in log[np.isin(log[:, at], wanted)].tolist():
            month, phase, uid, event, *rest = row
            found[uid].append((month, phase, Event(event).name.lower(), *rest))
    return {uid: sorted(rows) for uid, rows in found.items()}


def rows_told(document: dict[str, Any]) -> Rows:
    """What the decisions of an explanation say must have been logged."""
    found: Rows = []
    for month in document["months"]:
        year, number = map(int, month["month"].split("-"))
        at = 12 * (year - 1995) + number - 1
        found += [
            (at, *(row[name] for name in ("phase", "event", "place", "counterpart", "amount",
                                          "sequence")))
            for decision in month["decisions"]
            for row in decision["rows"]
        ]  # fmt: skip
    return sorted(found)


def asked(folder: str, uid: int) -> tuple[int, dict[str, Any], float]:
    """Exit code, document and seconds of ``bordersim why``, in a process of its own."""
    command = [sys.executable, "-m", "bordersim", "why", "historical", str(uid), "--json"]
    fastest = np.inf
    for _ in range(TRIES):
        began = time.perf_counter()
        done = subprocess.run([*command, "-o", folder], capture_output=True, text=True, check=False)
        fastest = min(fastest, time.perf_counter() - began)
        if fastest < SECONDS:
            break
    document = json.loads(done.stdout) if done.stdout else {}
    return done.returncode, document, float(fastest)
