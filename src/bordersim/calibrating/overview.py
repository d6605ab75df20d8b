"""What of a calibration is done, and what the rest will take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bordersim.calibrating.driver import Driver
from bordersim.calibrating.folder import ChangedError
from bordersim.calibrating.plan import (
    ALTERNATIVES,
    CHECK,
    IDENTIFIABILITY,
    SCREENING,
    Step,
    structure_name,
    wave_name,
)
from bordersim.calibrating.priors import Prior
from bordersim.calibrating.spec import Asked
from bordersim.scenario import Scenario
from bordersim.sweeping.cost import cost_of, seconds_a_run
from bordersim.sweeping.spec import Sweep

DONE, BEGUN, TO_COME, CHANGED = "done", "begun", "to come", "changed"

_SECONDS_A_POINT = 1.6e-4
"""That the emulator takes for a point of a chain, of ninety reports and a thousand runs."""

_OF_STEPS = 0.5
"""Share of the steps allowed that chains take as a rule."""

_CHECK = 30.0
"""Seconds of the second method, and of comparing structures."""


def steps_of(driver: Driver, kept: Sequence[Prior]) -> list[Step]:
    """Every step that can be told before the first is done, in order.

    What goes by runs that are used as they are goes by their record.
    """
    steps, key = driver.steps, driver.standing_key
    screening = steps.screening()
    waves = steps.waves(kept)
    posterior = steps.posterior([key(wave) for wave in waves])
    found = [] if screening is None else [screening]
    found += [*waves, posterior]
    found += [steps.check(posterior.key), steps.identifiability(posterior.key)]
    if driver.how.alternatives or driver.folder.record(ALTERNATIVES) is not None:
        structures = steps.structures(key(waves[-1]), kept)
        fits = steps.structure_posteriors([key(step) for step in structures], posterior.key)
        for structure, fit in zip(structures, fits, strict=True):
            found += [structure, fit]
        found += [steps.comparison([fit.key for fit in fits])] if fits else []
    return found


def kept_so_far(driver: Driver) -> tuple[Prior, ...]:
    """Parameters that the screening kept; before it, as many as it may keep."""
    screening = driver.steps.screening()
    if screening is None:
        return driver.asked.priors
    record = driver.folder.record(SCREENING)
    if record is not None:
        names = set(record.notes.get("kept", ()))
        return tuple(prior for prior in driver.asked.priors if prior.parameter in names)
    section = driver.asked.screening
    return driver.asked.priors[: section.keep if section else None]


def overview(driver: Driver) -> dict[str, Any]:
    """Give the plan of a calibration, what is done, and what the rest takes, as plain data."""
    asked = driver.asked
    rows = [_row(driver, step) for step in steps_of(driver, kept_so_far(driver))]
    return {
        "calibration": asked.name,
        "title": asked.title,
        "folder": str(driver.folder.path),
        "scenario": asked.scenario.name,
        "scale": asked.scenario.scale,
        "priors": [prior.plain() | {"reason": prior.reason} for prior in asked.priors],
        "keep": None if asked.screening is None else asked.screening.keep,
        "reports": len(driver.reports.fitted),
        "held_out": len(driver.reports.held_out),
        "groups": list(dict.fromkeys(driver.reports.fitted.groups)),
        "nuisances": [one.name for one in driver.reports.nuisances],
        "steps": rows,
        "workers": driver.how.n_workers,
        "seconds": sum(row["seconds_left"] for row in rows),
        "draws": asked.sampler.draws,
    }


def _row(driver: Driver, step: Step) -> dict[str, Any]:
    state, found = _state(driver, step)
    row: dict[str, Any] = {"step": step.name, "runs": step.runs, "state": state, "found": found}
    each = _seconds_a_run(driver, step)
    share = step.runs / max(1, min(driver.how.n_workers, step.runs))
    whole = share * each + _reckoning(driver, step)
    stored = _n_stored(driver.folder.path / step.name / "study") if state != DONE else step.runs
    left = 0.0 if state == DONE else whole * (1 - min(stored, step.runs) / max(step.runs, 1))
    if state == TO_COME and stored:
        row["state"] = BEGUN
    record = driver.folder.record(step.name)
    taken = 0.0 if record is None else record.seconds
    return row | {"stored": stored, "seconds": taken, "seconds_left": left}


def _reckoning(driver: Driver, step: Step) -> float:
    """Seconds that a step spends on other things than runs."""
    if step.name in (SCREENING, wave_name(1)) or step.name.startswith(structure_name("")):
        return 0.0
    if step.name in (CHECK, ALTERNATIVES):
        return _CHECK
    sampler = driver.asked.sampler
    steps = (sampler.propose if step.runs else None) or sampler.steps
    dimensions = len(kept_so_far(driver)) + len(driver.reports.nuisances)
    walkers = sampler.walkers or max(64, 6 * dimensions)
    one = sampler.ensembles * walkers * steps * _OF_STEPS * _SECONDS_A_POINT
    groups = len(set(driver.reports.fitted.groups))
    return one * groups if step.name == IDENTIFIABILITY else one


def _state(driver: Driver, step: Step) -> tuple[str, str]:
    record = driver.folder.record(step.name)
    if record is None:
        return TO_COME, ""
    try:
        done = driver.done(step)
    except ChangedError:
        return CHANGED, "made from another file or engine"
    found = str(record.notes.get("found", ""))
    return (DONE, found) if done is not None else (CHANGED, found)


def _seconds_a_run(driver: Driver, step: Step) -> float:
    if not step.runs:
        return 0.0
    scenario = scenario_of(driver.asked, step.name)
    folder = driver.folder.path / step.name / "study"
    if folder.exists():
        plain = Sweep(step.name, "", (scenario,), 1, 1)
        return cost_of(plain, folder).seconds
    return seconds_a_run(scenario)


def scenario_of(asked: Asked, step: str) -> Scenario:
    """The scenario whose runs a step makes, at the scale of the step."""
    section = asked.screening
    if step == SCREENING and section is not None and section.scale is not None:
        return asked.scenario.scaled(section.scale)
    return asked.scenario


def _n_stored(folder: Path) -> int:
    from bordersim.stored_runs import StoredRuns

    return len(StoredRuns(folder).marks())
