"""How a posterior was made: a manifest beside it."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bordersim.calibrating.driver import Driver
from bordersim.calibrating.overview import kept_so_far, steps_of
from bordersim.calibrating.plan import ALTERNATIVES, posterior_name

MANIFEST_SCHEMA = "bordersim/posterior@1"
MANIFEST_FILE = "manifest.json"

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "emcee", "arviz", "SALib", "numba", "pyarrow")


def write_manifest(driver: Driver, posterior: str) -> None:
    """Write what made the posterior: inputs, versions, seeds, sizes, times, diagnostics."""
    text = json.dumps(manifest(driver, posterior), indent=1, ensure_ascii=False)
    driver.folder.write(MANIFEST_FILE, f"{text}\n".encode())


def manifest(driver: Driver, posterior: str) -> dict[str, Any]:
    """Give the manifest of a calibration that is done.

    Parameters
    ----------
    driver
        Of the calibration.
    posterior
        Name of the file of draws.
    """
    from bordersim._jit import engine_hash
    from bordersim._version import __version__

    asked = driver.asked
    kept = kept_so_far(driver)
    names = {prior.parameter for prior in kept}
    steps = steps_of(driver, kept)
    records = [driver.folder.record(step.name) for step in steps]
    done = [record for record in records if record is not None]
    compared = any(
        step.name == ALTERNATIVES
        and record is not None
        and record.key == step.key
        and "scores" in record.notes
        for step, record in zip(steps, records, strict=True)
    )
    return {
        "schema": MANIFEST_SCHEMA,
        "name": asked.name,
        "title": asked.title,
        "file": asked.digest,
        "scenario": asked.scenario.name,
        "scale": asked.scenario.scale,
        "engine": engine_hash(),
        "versions": {"bordersim": __version__, "python": platform.python_version()} | _versions(),
        "seed": asked.seed,
        "first_seed": asked.first_seed,
        "priors": [
            prior.plain() | {"reason": prior.reason}
            for prior in asked.priors
            if prior.parameter in names
        ],
        "fixed": {
            prior.parameter: asked.scenario.parameters.value(prior.parameter)
            for prior in asked.priors
            if prior.parameter not in names
        },
        "fitted": list(driver.reports.fitted.ids),
        "held_out": list(driver.reports.held_out.ids),
        "likelihood": driver.reports.plain(),
        "runs_kept_from": driver.kept_from,
        "steps": [
            {"step": record.step, "key": record.key, "seconds": round(record.seconds, 1)}
            | ({"sampler": record.inputs["sampler"]} if "sampler" in record.inputs else {})
            | dict(record.notes)
            for record in done
        ],
        "alternatives": _structures(driver) if compared else [],
        "seconds": round(sum(record.seconds for record in done), 1),
        "posterior": _digest(driver.folder.path / posterior),
    }


def _structures(driver: Driver) -> list[dict[str, Any]]:
    """Each structure: its switches, scores, runs, and the file of its draws."""
    section = driver.asked.alternatives
    known = {one.name: dict(one.set_) for one in section.structures} if section else {}
    rows: list[dict[str, Any]] = driver.folder.table(f"{ALTERNATIVES}.parquet").to_pylist()
    for row in rows:
        name = row["structure"]
        if name in known:
            path = driver.folder.path / f"{posterior_name(name)}.parquet"
            row |= {"set": known[name], "posterior": path.name, "digest": _digest(path)}
    return rows


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
