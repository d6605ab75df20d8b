"""From the repetitions of cases to medians, ranges, paired ratios and fits."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Found = Mapping[str, Any]


@dataclass(frozen=True)
class Spread:
    """Median, least and most of some repetitions."""

    median: float
    low: float
    high: float
    number: int

    def text(self, form: str = ".2f") -> str:
        """The median, with the range in brackets when there were several repetitions."""
        if self.number == 1:
            return f"{self.median:{form}}"
        return f"{self.median:{form}} ({self.low:{form}}-{self.high:{form}})"


def spread(values: Sequence[float]) -> Spread:
    """Median and range."""
    return Spread(statistics.median(values), min(values), max(values), len(values))


def runs_of(found: Found, name: str) -> list[dict[str, Any]]:
    """Repetitions of a case; empty when it was not measured."""
    case = found["cases"].get(name)
    return list(case["runs"]) if case else []


def values_of(found: Found, name: str, key: str = "seconds") -> list[float]:
    """One number of every repetition of a case."""
    return [float(run[key]) for run in runs_of(found, name)]


def agents_and_steps(run: Mapping[str, Any]) -> tuple[float, float]:
    """Agents and steps of one repetition; residents and months of a run of ours."""
    if "agents" in run:
        return float(run["agents"]), float(run["steps"])
    return float(run["residents"]), float(run["months"])


def ns_a_step(run: Mapping[str, Any], key: str = "seconds") -> float:
    """Nanoseconds per agent and step of one repetition."""
    agents, steps = agents_and_steps(run)
    return float(run[key]) / (agents * steps) * 1e9


def paired(found: Found, name: str, other: str, key: str = "seconds") -> list[float]:
    """Cost of a step of ``name`` over one of ``other``, round by round."""
    pairs = zip(runs_of(found, name), runs_of(found, other), strict=False)
    return [ns_a_step(first, key) / ns_a_step(second, key) for first, second in pairs]


def share_at_work(found: Found, name: str) -> float:
    """Processor seconds over seconds: one thread with nothing in its way has 1; 1 if unknown."""
    runs = runs_of(found, name)
    shares = [float(run["cpu_seconds"]) / float(run["seconds"]) for run in runs]
    return statistics.median(shares or [1.0])


@dataclass(frozen=True)
class Line:
    """Least-squares line through the repetitions of several cases."""

    fixed: float
    slope: float
    worst: float
    """Largest distance of a repetition from the line, as a share of it."""


def line_through(found: Found, names: Sequence[str], key: str) -> Line | None:
    """Seconds as a fixed part and so much for each of what ``key`` counts."""
    runs = [run for name in names for run in runs_of(found, name)]
    x = np.array([run[key] for run in runs], float)
    y = np.array([run["seconds"] for run in runs], float)
    if len(set(x)) < 2:
        return None
    # every repetition counts by its share, so that the longest runs do not decide alone
    slope, fixed = np.polyfit(x, y, 1, w=1.0 / y)
    fitted = fixed + slope * x
    return Line(float(fixed), float(slope), float(np.abs(y / fitted - 1.0).max()))
