"""Bars, patterns and claims, read from ``calibration/bars.yaml``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bordersim.closed_schema import validate
from bordersim.data_files import calibration_folder
from bordersim.errors import BordersimError, Problem, ScenarioError, suggestion
from bordersim.reports import Period, parse_period
from bordersim.results import RunResults
from bordersim.validating.measures import MEASURES, Measure, years_in
from bordersim.validating.schema import BarsFile, BarsSection, ConditionEntry, Span
from bordersim.yaml_source import KeyPath, YamlDocument, read_yaml


@dataclass(frozen=True)
class Condition:
    """A measure over a period, perhaps over that of another period, between limits.

    Attributes
    ----------
    id
        Unique: pattern or claim, and the place in its list.
    name, reported, why, measure_name, period_text, over_text
        As in the file.
    measure
        What is measured.
    period, over
        Over which months; None where nothing is divided by.
    low, high
        Limits, infinite where there is none.
    """

    id: str
    name: str
    measure_name: str
    measure: Measure
    period_text: str
    period: Period
    over_text: str
    over: Period | None
    low: float
    high: float
    reported: str
    why: str

    @property
    def limits(self) -> str:
        """Limits in words."""
        low, high = (
            self.measure.said(v) if math.isfinite(v) else "" for v in (self.low, self.high)
        )
        if low == high:
            return low
        if math.isinf(self.low):
            return f"at most {high}"
        return f"at least {low}" if math.isinf(self.high) else f"{low} to {high}"

    @property
    def span(self) -> str:
        """Period, and what it is divided by."""
        return f"{self.period_text} / {self.over_text}" if self.over_text else self.period_text

    def covered_by(self, run: RunResults) -> bool:
        """Whether a run simulated all the months that are looked at."""
        spans = [self.period] if self.over is None else [self.period, self.over]
        return all(run.covers(span.first, span.last) for span in spans)

    def value(self, run: RunResults) -> float:
        """Give the figure of a run; NaN where there is nothing to measure."""
        value = self.measure.figure(run, self.period)
        if self.over is None:
            return value
        below = self.measure.figure(run, self.over)
        return value / below if below else np.nan

    def holds(self, value: float) -> bool:
        """Whether a value keeps the limits; NaN does not."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Pattern:
    """Conditions that hold together."""

    id: str
    title: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Bars:
    """By what the model is judged.

    Attributes
    ----------
    band
        Share of draws in a band.
    closure_from
        First year judged as the closure.
    section
        Limits that decide.
    closure
        Conditions on the closure.
    patterns, claims
        Conditions by pattern, and one for each claim.
    """

    band: float
    closure_from: int
    section: BarsSection
    closure: tuple[Condition, ...]
    patterns: tuple[Pattern, ...]
    claims: tuple[Condition, ...]

    def conditions(self) -> tuple[Condition, ...]:
        """Every condition: of patterns, of the closure, of claims."""
        patterns = (one for pattern in self.patterns for one in pattern.conditions)
        return (*patterns, *self.closure, *self.claims)

    def observables(self) -> tuple[str, ...]:
        """What the conditions look at of a run."""
        names = (name for one in self.conditions() for name in one.measure.observables)
        return tuple(dict.fromkeys(names))

    @property
    def quantiles(self) -> tuple[float, float]:
        """Ends of a band."""
        return (1 - self.band) / 2, (1 + self.band) / 2


def bars_file() -> Path:
    """File that ships with the package."""
    return calibration_folder() / "bars.yaml"


def read_bars(path: Path | None = None) -> Bars:
    """Read a file of bars.

    Parameters
    ----------
    path
        The shipped one when None.

    Raises
    ------
    ScenarioError
        With every mistake in it.
    """
    problems: list[Problem] = []
    document = read_yaml(path or bars_file(), problems)
    file = None if document is None else validate(BarsFile, document, problems)
    if document is None or file is None:
        raise ScenarioError(problems)
    reader = _Reader(document, problems)
    patterns = [
        Pattern(key, entry.title, reader.read_all(key, entry.conditions, ("patterns", key)))
        for key, entry in sorted(file.patterns.items())
    ]
    closure = reader.read_all("closure", file.bars.closure.conditions, ("bars", "closure"))
    claims = [reader.read(key, entry, ("claims", key)) for key, entry in file.claims.items()]
    for name in ("fit", "holdout"):
        reader.period(getattr(file.bars, name).arrivals.period, ("bars", name, "arrivals"))
    if problems:
        raise ScenarioError(problems)
    return Bars(
        band=file.band,
        closure_from=file.closure_from,
        section=file.bars,
        closure=closure,
        patterns=tuple(patterns),
        claims=tuple(one for one in claims if one is not None),
    )


class _Reader:
    """Conditions of one file, and what is wrong with them."""

    def __init__(self, document: YamlDocument, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems

    def read_all(
        self, group: str, entries: Sequence[ConditionEntry], path: KeyPath
    ) -> tuple[Condition, ...]:
        found = [
            self.read(f"{group}.{at + 1}", entry, (*path, "conditions", at))
            for at, entry in enumerate(entries)
        ]
        return tuple(one for one in found if one is not None)

    def read(self, id_: str, entry: ConditionEntry, path: KeyPath) -> Condition | None:
        before = len(self.problems)
        measure = MEASURES.get(entry.measure)
        if measure is None:
            close = suggestion(entry.measure, list(MEASURES))
            self._report((*path, "measure"), f'unknown measure "{entry.measure}"{close}')
        period = self.period(entry.period, (*path, "period"))
        over = None if entry.over is None else self.period(entry.over, (*path, "over"))
        spans = {"period": period, "over": over}
        for key, span in spans.items():
            if measure is not None and measure.yearly and span and not years_in(span):
                self._report((*path, key), f"{entry.measure} looks at whole calendar years")
        low = -math.inf if entry.low is None else entry.low
        high = math.inf if entry.high is None else entry.high
        if entry.low is None and entry.high is None:
            self._report(path, "neither low nor high: it would always hold")
        elif low > high:
            self._report((*path, "low"), f"{low:g} is above high, {high:g}")
        if len(self.problems) > before or measure is None or period is None:
            return None
        return Condition(
            id=id_,
            name=entry.name,
            measure_name=entry.measure,
            measure=measure,
            period_text=str(entry.period),
            period=period,
            over_text="" if entry.over is None else str(entry.over),
            over=over,
            low=low,
            high=high,
            reported=entry.reported,
            why=entry.why,
        )

    def period(self, text: Span, path: KeyPath) -> Period | None:
        try:
            return parse_period(str(text))
        except BordersimError as error:
            self._report(path, str(error))
            return None

    def _report(self, path: KeyPath, message: str) -> None:
        self.problems.append(self.document.problem(path, message))
