"""The closed schema of ``calibration/bars.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bordersim.closed_schema import ClosedModel
from bordersim.schema import Given

Pattern = Literal["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]

Span = str | int
"""Period as ``bordersim.reports.parse_period`` reads it; a year may be a number."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class ConditionEntry(ClosedModel):
    """One measure and the limits it has to keep."""

    name: str = Field(min_length=1, description="In a table.")
    measure: str = Field(description="What is measured.")
    period: Span = Field(description="Such as 2010, 2015-11, 1998-2015, 2015-01..2015-10.")
    over: Annotated[Span | None, Given] = Field(
        default=None, description="Period by whose measure it is divided."
    )
    low: Annotated[float | None, Given] = Field(default=None, description="Least it may be.")
    high: Annotated[float | None, Given] = Field(default=None, description="Most it may be.")
    reported: str = Field(description="What sources say of the same thing.")
    why: str = Field(min_length=1, description="Why the limits are where they are.")


class PatternEntry(ClosedModel):
    """A pattern: conditions that hold together."""

    title: str = Field(description="In words.")
    conditions: list[ConditionEntry] = Field(min_length=1, description="What has to hold.")


class ArrivalsBar(ClosedModel):
    """How many years of arrivals bands must hold, and how far the median may be off."""

    period: Span = Field(description="Years that are judged.")
    least_inside: int | Literal["all"] = Field(description="Years whose band holds the report.")
    most_error: Share = Field(description="Most that the median error of a year may be.")


class FeesBar(ClosedModel):
    """How many reported fees bands must hold."""

    least_inside: int | Literal["all"] = Field(description="Fees whose band holds the report.")


class FitBar(ClosedModel):
    """Bars of the years fitted."""

    title: str = Field(description="In words.")
    arrivals: ArrivalsBar = Field(description="Of annual arrivals.")
    fees: FeesBar = Field(description="Of reported fees.")
    why: str = Field(min_length=1, description="Where the bar comes from.")


class HoldoutBar(ClosedModel):
    """Bars of years that were not fitted."""

    title: str = Field(description="In words.")
    arrivals: ArrivalsBar = Field(description="Of annual arrivals.")
    why: str = Field(min_length=1, description="Where the bar comes from.")


class ClosureBar(ClosedModel):
    """Conditions on the closure, and the share of draws in which each must hold."""

    title: str = Field(description="In words.")
    least_draws: Share = Field(description="Share of draws in which each condition holds.")
    why: str = Field(min_length=1, description="Where the bar comes from.")
    conditions: list[ConditionEntry] = Field(min_length=1, description="What has to hold.")


class PatternsBar(ClosedModel):
    """Share of draws in which patterns must hold, each and together."""

    title: str = Field(description="In words.")
    least_draws: Share = Field(description="Share of draws in which each pattern holds.")
    least_together: Share = Field(description="Share of draws in which all hold at once.")
    why: str = Field(min_length=1, description="Where the bar comes from.")


class BarsSection(ClosedModel):
    """What decides the exit code."""

    fit: FitBar = Field(description="The years fitted.")
    holdout: HoldoutBar = Field(description="The years held out.")
    closure: ClosureBar = Field(description="The closure.")
    patterns: PatternsBar = Field(description="The patterns.")


class BarsFile(ClosedModel):
    """One file of bars."""

    schema_tag: Literal["bordersim/bars@1"] = Field(
        alias="schema", description="Kind and version of this file."
    )
    band: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(description="Share of draws in a band.")
    closure_from: int = Field(description="First year judged as the closure.")
    bars: BarsSection = Field(description="What decides the exit code.")
    patterns: dict[Pattern, PatternEntry] = Field(min_length=8, description="P1 to P8.")
    claims: dict[str, ConditionEntry] = Field(description="What the founding reports say.")
