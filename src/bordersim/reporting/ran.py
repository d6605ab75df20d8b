"""What was run: studies, runs, versions, and the digests that show a page is of these runs."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bordersim.calibrating.results import Calibration
from bordersim.parts import OK
from bordersim.reporting.content import Absent, Block, Fold, Part, Prose, Section, Table
from bordersim.reporting.finding import COALITION, Found, FoundFolder, FoundStudy
from bordersim.wording import count, number

MOST_RUNS = 400
"""Runs listed of a study; the rest is in the digest of all."""


def ran_section(found: Found) -> Section:
    """Tell what was run."""
    blocks: list[Block] = []
    studies = list(found.every_study())
    if studies:
        blocks.append(_studies(studies))
        blocks.append(_versions(studies))
        blocks += [_runs(one) for one in studies]
    else:
        blocks.append(Absent("No runs are stored here by themselves."))
    blocks += [_calibration(one) for one in found.calibrations]
    blocks += [
        Part(one.name, [Absent("A calibration that is not done: it has no posterior yet.")])
        for one in found.unfinished
    ]
    return Section("run", "What was run", blocks)


def _studies(studies: Sequence[FoundStudy]) -> Table:
    return Table(
        "Studies",
        ("folder", "scenarios", "draws", "seeds", "points", "scale", "span", "runs",
         "not finished", "finished"),
        [_study(one) for one in studies],
        note="Draws are of parameters, points of a design of levers, seeds of luck. Scale: share "
        "of the residents. Not finished: failed, damaged or missing.",
    )  # fmt: skip


def _study(one: FoundStudy) -> tuple[str, ...]:
    rows = [row for row in one.rows if row["status"] == OK]
    shown = rows or one.rows
    spans = sorted({f"{row['start']} to {row['end']}" for row in shown})
    days = sorted({str(row["finished"])[:10] for row in shown})
    cells = one.cells.drop_duplicates("run_id")
    lacking = int((cells["status"] != OK).sum())
    lacking += sum(row["status"] != OK for row in one.rows if row["run_id"] not in _ids(one))
    return (
        one.name,
        _named(one.scenarios),
        f"{one.cells['draw'].nunique():,}" if one.drawn else "none",
        f"{one.cells['seed'].nunique():,}",
        f"{one.n_points:,}",
        ", ".join(number(value) for value in sorted({row["scale"] for row in shown})),
        _some(spans),
        f"{len(rows):,}",
        f"{lacking:,}",
        days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
    )


def _ids(one: FoundStudy) -> set[str]:
    return set(one.cells["run_id"])


def _named(names: Sequence[str]) -> str:
    if names and all(name.startswith(COALITION) for name in names):
        return count(len(names), "coalition")
    return _some(names)


def _some(names: Sequence[str], most: int = 6) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _versions(studies: Sequence[FoundStudy]) -> Table:
    """Versions of everything that computed, and how many runs each computed."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in (row for one in studies for row in one.rows):
        said = {"bordersim": row["version"], "engine (hash of its source)": row["engine"]}
        said |= _plain(row["environment"])
        counts.update(said.items())
    order = list(dict.fromkeys(name for name, _ in counts))
    listed = sorted(counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    rows = [(name, str(version), f"{many:,}") for (name, version), many in listed]
    return Table("Versions", ("what", "version", "runs"), rows)


def _plain(text: Any) -> dict[str, str]:
    try:
        said = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in said.items()} if isinstance(said, dict) else {}


def _runs(one: FoundStudy) -> Fold:
    """Every run with its digest; a digest of all where they are many."""
    rows = sorted(one.rows, key=lambda row: (row["scenario"], row["seed"], row["run_id"]))
    done = [row for row in rows if row["status"] == OK]
    listed = [
        (row["run_id"], row["scenario"], str(row["seed"]), row["status"], row["digest"] or "-")
        for row in rows[:MOST_RUNS]
    ]
    blocks: list[Block] = [
        Table(f"Runs of {one.name}", ("run", "scenario", "seed", "status", "digest"), listed)
    ]
    if len(rows) > MOST_RUNS:
        blocks.append(Prose(f"And {len(rows) - MOST_RUNS:,} more."))
    blocks.append(
        Prose(
            f"Digest of {count(len(done), 'finished run')} (SHA-256 over ids and digests, in "
            f"order of id): {digest_of(done)}."
        )
    )
    failed = [row for row in rows if row["status"] != OK and row["error"]]
    if failed:
        told = [(row["run_id"], row["scenario"], _last(row["error"])) for row in failed[:20]]
        blocks.append(Table("Runs that failed", ("run", "scenario", "why"), told))
    return Fold(f"{one.name}: {count(len(rows), 'run')}, with digests", blocks)


def digest_of(rows: Sequence[dict[str, Any]]) -> str:
    """One digest of many runs."""
    lines = sorted(f"{row['run_id']}:{row['digest']}" for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _last(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else ""


def _calibration(one: FoundFolder) -> Part:
    said = Calibration.open(one.folder).manifest
    scale = f", share of residents {number(said['scale'])}" if "scale" in said else ""
    facts = [
        ("scenario", f"{said.get('scenario', '-')}{scale}"),
        ("parameters fitted", f"{len(said['priors'])}"),
        ("reports fitted", f"{len(said.get('fitted', ()))}"),
        ("reports held out", f"{len(said.get('held_out', ()))}"),
        ("seed of the design, first of the runs", f"{said.get('seed', '-')}, "
         f"{said.get('first_seed', '-')}"),
        ("engine (hash of its source)", str(said.get("engine", "-"))),
        *(tuple(map(str, pair)) for pair in said.get("versions", {}).items()),
        ("calibration file (digest)", str(said.get("file", "-"))),
        ("posterior (SHA-256)", str(said.get("posterior", "-"))),
    ]  # fmt: skip
    steps = [
        (str(step["step"]), str(step.get("found", "-")), str(step.get("key", "-")))
        for step in said.get("steps", ())
    ]
    blocks: list[Block] = [Table(f"Calibration {said['name']}", ("what", "said"), facts)]
    if steps:
        blocks.append(Table("Steps", ("step", "found", "digest of its inputs"), steps))
    return Part(f"{one.name}: {said['title']}", blocks)
