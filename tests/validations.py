"""What the tests of validation share: a small posterior, and readings made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.codes import HARMS
from bordersim.reports import Period
from bordersim.validating.asking import every_report
from bordersim.validating.bars import Bars, Condition, read_bars
from bordersim.validating.reading import SERIES, Readings

N_RUNS = 40

SWEEP = """\
schema: bordersim/sweep@1
name: tiny
title: Tiny
scenarios: [closure-2020.yaml]
seeds: {count: 1}
scale: 0.001
draws: {posterior: posterior.parquet, count: 2}
observables: all
"""
"""Two runs of a fifth of a second."""


def write_posterior(folder: Path, rows: int = 4, name: str = "posterior.parquet") -> Path:
    """Write draws of two parameters, with a nuisance and labels beside them."""
    columns = {
        "draw": list(range(rows)),
        "log_posterior": [0.0] * rows,
        "residents.k_hardship": [8.0 + 0.1 * row for row in range(rows)],
        "residents.gain": [2.2 + 0.05 * row for row in range(rows)],
        "nuisance.fees.spread": [0.3 + 0.01 * row for row in range(rows)],
    }
    path = folder / name
    pq.write_table(pa.table(columns), path)
    return path


def write_tiny(folder: Path) -> Path:
    """Write a sweep of two draws, and its posterior."""
    write_posterior(folder)
    path = folder / "tiny.yaml"
    path.write_text(SWEEP)
    return path


def kept(condition: Condition) -> float:
    """A value that a condition allows."""
    ends = [end for end in (condition.low, condition.high) if np.isfinite(end)]
    return float(np.mean(ends))


def readings_as_reported(bars: Bars | None = None) -> Readings:
    """Runs that give what was reported, but for 2 % of luck, and keep every condition."""
    bars = bars or read_bars()
    targets = every_report()
    rng = np.random.default_rng(4)
    low, high = np.array(targets.low), np.array(targets.high)
    middle = np.where(np.isinf(low), high, np.where(np.isinf(high), low, (low + high) / 2))
    conditions = bars.conditions()
    years = np.arange(1995.0, 2026.0)
    return Readings(
        cells=pd.DataFrame(
            {"draw": range(N_RUNS), "seed": 1, "run_id": [f"{k:016x}" for k in range(N_RUNS)]}
        ),
        targets=targets,
        figures=middle * np.exp(0.02 * rng.standard_normal((N_RUNS, len(targets)))),
        conditions=conditions,
        values=np.tile([kept(one) for one in conditions], (N_RUNS, 1)),
        years=years,
        series={name: rng.uniform(1.0, 2.0, (N_RUNS, len(years))) for name in (*SERIES, *HARMS)},
        scenario="closure-2020",
        scale=1.0,
        span=Period(0, 371),
        missing=0,
        nuisances={},
    )


def with_figures(readings: Readings, factor: float, *ids: str) -> Readings:
    """The same runs with some figures multiplied."""
    chosen = [at for at, name in enumerate(readings.targets.ids) if name in ids]
    figures = readings.figures.copy()
    figures[:, chosen] *= factor
    return replace(readings, figures=figures)


def with_value(readings: Readings, id_: str, value: float, share: float = 1.0) -> Readings:
    """The same runs with another value of a condition in a share of them."""
    at = [one.id for one in readings.conditions].index(id_)
    values = readings.values.copy()
    values[: round(share * N_RUNS), at] = value
    return replace(readings, values=values)
