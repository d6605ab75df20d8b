"""What the tests of next facts share: a world where the answer is known, and a small study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from attributions import HISTORY, QUESTION

from bordersim.inference.arrays import FloatArray
from bordersim.valuing.targets import SHARE, WEIGHT, Targets, make_targets
from bordersim.valuing.values import Facts

ERROR = 0.5
EXACT = {
    "of a": {"a": 0.8, "b": 0.36 * 0.8},
    "of the rest of b": {"a": 0.0, "b": 0.64 * 0.8},
    "of nothing": {"a": 0.0, "b": 0.0},
}
"""Variance that a report with that error takes from a and b: r^2 / (1 + error^2)."""


def gaussian(n: int, seed: int) -> tuple[Facts, Targets]:
    """Draws of a linear world: b = .6 a + .8 c, and a report of a, of c, and of nothing."""
    a, c, nothing = np.random.default_rng(seed).normal(size=(3, n))
    facts = Facts(np.stack([a, c, nothing], axis=1), np.full(3, ERROR))
    b = 0.6 * a + 0.8 * c
    names = [(SHARE, "a"), (SHARE, "b"), (WEIGHT, "a"), (WEIGHT, "b")]
    return facts, make_targets(names, list(np.stack([a, b, a, b], axis=1)[:, None]))


def with_luck(targets: Targets, sd: float, seed: int) -> tuple[Targets, FloatArray]:
    """The same draws seen through two seeds each; and what was added to their means."""
    n, n_single = targets.values.shape
    noise = np.random.default_rng(seed).normal(scale=sd, size=(n, 2, n_single))
    by_draw = list(targets.values[:, None] + noise)
    return make_targets(targets.names[:n_single], by_draw), noise.mean(axis=1)


FACTS = """\
schema: bordersim/next-facts@1
name: told
title: What would tell most
attribution: few.yaml
together: 2
facts:
  - id: crossings
    title: crossings of 1997 over those of 1996
    of: [crossings]
    period: 1997
    against: {period: 1996}
    scale: log
    error: 0.1
    reason: a count
    supplier: somebody
    harm: none
  - id: caught
    title: share of attempts that ended in being caught, 1997
    of: [sector_interceptions]
    per: [sector_attempts]
    period: 1997
    scale: logit
    error: 0.3
    reason: memory
    supplier: arrivals
    harm: bad memories
"""

SMALLER = (
    QUESTION.replace("[guards, barriers, china, markets]", "{all-of-it: [guards, barriers, china]}")
    .replace("scale: 0.01", "scale: 0.002")
    .replace("observables: [arrivals, crossings, fee]", "observables: [crossings, fee]")
    .replace("count: 2", "count: 1")
    .replace("name: small\n", "name: few\n")
    + "draws: {posterior: few.parquet, count: 30}\n"
)


def write_facts(folder: Path, text: str = FACTS) -> Path:
    """Write a file of facts, its attribution, and thirty draws of two parameters."""
    (folder / "small-history.yaml").write_text(HISTORY)
    (folder / "few.yaml").write_text(SMALLER)
    rng = np.random.default_rng(1)
    drawn = {
        "residents.gain": rng.uniform(0.5, 3.0, 30),
        "guards.exposure": rng.uniform(0.1, 0.6, 30),
    }
    pq.write_table(pa.table({"draw": np.arange(30), **drawn}), folder / "few.parquet")
    path = folder / "told.yaml"
    path.write_text(text.replace("together: 2", "observable: crossings\ntogether: 2"))
    return path
