"""Why: ten lives explained by replay, each step held against the log, and how long it takes."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import bordersim as bs
from bordersim.codes import Event
from bordersim.explain import ExplanationMismatchError, engine, explain_life, pick_uids
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
IN_HURRY = 0.02
"""Scale at which wrong explanations are planted."""

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
        for uid, (code, document, *_) in told.items()
        if code or rows_told(document) != logged[uid]
    ]
    decisions = [
        decision
        for _, document, *_ in told.values()
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
    wall, busy = (np.array([one[k] for one in told.values()]) for k in (2, 3))
    yield Verdict(
        question="Is each life explained in under five seconds, the whole command?",
        passed=bool(busy.max() < SECONDS),
        measured=f"slowest {busy.max():.1f} s, median {np.median(busy):.1f} s of processor time; "
        f"wall {wall.max():.1f} and {np.median(wall):.1f} s",
        allowed=f"{SECONDS:g} s of processor time, user and system: on one thread, that is the "
        "wall time of a machine with nothing else to do",
        n=f"{len(uids)} lives, scale {scenario.scale:g}, 264 months",
        detail="" if busy.max() < SECONDS else "was the machine busy?",
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
    made = Engine(scenario, seed, events=True)
    world = made.first_world()
    found: dict[int, Rows] = {int(uid): [] for uid in wanted}
    while world.month <= scenario.end_month:
        world, log = made.step(world, *made.blank_books(1))
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


def asked(folder: str, uid: int) -> tuple[int, dict[str, Any], float, float]:
    """Exit code, document, wall and processor time of ``bordersim why``, as a process."""
    command = [sys.executable, "-m", "bordersim", "why", "historical", str(uid), "--json"]
    began, before = time.perf_counter(), processor_time()
    done = subprocess.run([*command, "-o", folder], capture_output=True, text=True, check=False)
    busy, wall = processor_time() - before, time.perf_counter() - began
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, wall, busy


def processor_time() -> float:
    """Seconds of all processes that were waited for so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def explained_wrongly(where: Any, name: str, wrong: Callable[..., float]) -> Iterable[Verdict]:
    """Explain ten lives with one equation of the explanation replaced."""
    scenario = shipped("historical").scaled(IN_HURRY)
    run = bs.run(scenario)
    assert isinstance(run, RunResults)
    differ = 0
    uids = chosen(run, scenario)
    with patch.object(where, name, wrong):
        for uid in uids:
            try:
                explain_life(run, uid, scenario=scenario)
            except ExplanationMismatchError:
                differ += 1
    yield Verdict("Does it notice?", differ == 0, f"{differ} lives differ", "none", "ten lives")


PLANTED = {
    "risk dreaded ten times as much": lambda: explained_wrongly(
        engine.traits, "tolerance", lambda sigma, z: 10.0
    ),
    "offers all five worse": lambda: explained_wrongly(
        engine.rng, "nest_error", lambda bits, alpha: -5.0
    ),
    "informants who like to help": lambda: explained_wrongly(
        engine.informants, "help_utility", lambda base, sympathy, payment, fine: 5.0
    ),
}
"""Wrong explanations that the log must contradict."""
