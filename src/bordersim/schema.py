"""The closed schema of a scenario file."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from bordersim.closed_schema import (
    ClosedModel,
    Month,
    NumberOrList,
    OptionalMonth,
    OptionalQuantity,
    Quantity,
)
from bordersim.levers import Factor
from bordersim.units import describe

SCENARIO_SCHEMA = "bordersim/scenario@1"

_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,79}\Z")


def parse_name(raw: object) -> str:
    """Read the name of a scenario or the id of a policy.

    Parameters
    ----------
    raw
        Text. It also names a folder of results, so it can hold no path.

    Returns
    -------
    str
        The name, unchanged.

    Raises
    ------
    ValueError
        If it holds anything but a-z, 0-9, dot, underscore and dash, starts with a dot,
        or is longer than 80 characters.
    """
    if not isinstance(raw, str) or _NAME.match(raw) is None:
        raise ValueError(
            f"got {describe(raw)}; allowed: a-z 0-9 . _ - , not starting with a dot, 80 at most"
        )
    return raw


Name = Annotated[str, PlainValidator(parse_name)]


class TimeSection(ClosedModel):
    """First and last month, both inclusive."""

    start: OptionalMonth = None
    end: OptionalMonth = None


class PopulationSection(ClosedModel):
    """Who lives in the model: share of the nation simulated, and seed of their traits."""

    scale: float | None = Field(default=None, gt=0.0, le=1.0)
    world_seed: int | None = Field(default=None, ge=0, lt=2**63)


class PolicyEntry(ClosedModel):
    """One policy as written; the meaning of its parts is checked in ``policy_reading``."""

    id: Name
    title: str = ""
    lever: str
    op: Literal["set", "scale", "add"]
    value: OptionalQuantity = None
    parameter: str | None = None
    start: Month = Field(alias="from")
    until: OptionalMonth = None
    ramp: Quantity = 0.0
    places: list[str] | None = None
    factor: Factor | None = None
    evidence: list[str] = Field(default_factory=list)


class PoliciesSection(ClosedModel):
    """Changes to the inherited list of policies: first drop, then add."""

    drop: list[str] = Field(default_factory=list)
    add: list[PolicyEntry] = Field(default_factory=list)


class ScenarioFile(ClosedModel):
    """One scenario file."""

    schema_tag: Literal["bordersim/scenario@1"] = Field(alias="schema")
    name: Name
    title: str = ""
    description: str = ""
    extends: str | None = None
    time: TimeSection = TimeSection()
    population: PopulationSection = PopulationSection()
    parameters: dict[str, NumberOrList] = Field(default_factory=dict)
    policies: PoliciesSection = PoliciesSection()
