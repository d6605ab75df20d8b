"""Calibrations small enough for tests: a hundredth of the nation, to 2007."""

from __future__ import annotations

from pathlib import Path

TINY = """\
schema: bordersim/calibration@1
name: tiny
scenario: historical.yaml
until: 2006-12
simulate_until: 2007-12
scale: 0.01
priors:
  - {parameter: china.onward_middle, distribution: uniform, low: 98, high: 150, reason: a}
  - {parameter: residents.remittance_years, distribution: uniform, low: 4, high: 12, reason: b}
  - {parameter: china.onward_early, distribution: loguniform, low: 0.0001, high: 0.001, reason: c}
  - {parameter: china.onward_late, distribution: normal,
     mean: 0.03, sd: 0.01, low: 0.006, high: 0.06, reason: d}
screening: {trajectories: 2, replicates: 4, keep: 2}
waves: [{points: 32}, {points: 24}]
emulator: {components: 3, fit_points: 24}
sampler: {draws: 128, walkers: 32, lengths: 5, steps: 250}
check: {accept: 0.95, truths: 4}
identifiability: {effective: 30}
"""


def tiny(folder: Path, *changes: tuple[str, str]) -> Path:
    """File of a tiny calibration, some of its text changed."""
    text = TINY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "tiny.yaml"
    path.write_text(text, encoding="utf-8")
    return path
