"""The closed schema of a scenario file."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator

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

_DEVICES = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])"
_LETTERS = r"[a-z0-9_](?:[a-z0-9._-]{0,78}[a-z0-9_-])?"
_NAME = re.compile(_LETTERS + r"\Z")
_DEVICE = re.compile(_DEVICES + r"(?:\.|\Z)")

NAME_PATTERN = rf"^(?!{_DEVICES}(?:\.|$)){_LETTERS}"
"""What a name begins with, for languages other than Python; nothing may follow it."""


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
        If it holds anything but a-z, 0-9, dot, underscore and dash, starts with a dot or
        a dash, ends in a dot, is longer than 80 characters, or means a device on Windows.
    """
    if isinstance(raw, (bool, int, float)):
        raise ValueError(f"got {describe(raw)}, expected text; put it in quotes")
    if not isinstance(raw, str) or _NAME.match(raw) is None:
        raise ValueError(
            f"got {describe(raw)}; allowed: a-z 0-9 . _ - , 80 at most, "
            "not starting with a dot or a dash nor ending in a dot"
        )
    if _DEVICE.match(raw) is not None:
        raise ValueError(f'got "{raw}", which names a device on Windows; take another name')
    return raw


def _given(raw: object) -> object:
    if raw is None:
        raise ValueError("got nothing; give a value, or leave the key out")
    return raw


Given = BeforeValidator(_given)
"""A key that may be left out, but not given as nothing: ``places:`` would act everywhere."""

Name = Annotated[str, PlainValidator(parse_name)]


class TimeSection(ClosedModel):
    """First and last month, both inclusive."""

    start: OptionalMonth = Field(default=None, description="First month recorded.")
    end: OptionalMonth = Field(default=None, description="Last month simulated.")


class PopulationSection(ClosedModel):
    """Who lives in the model: share of the nation simulated, and seed of their traits."""

    scale: Annotated[float | None, Given] = Field(
        default=None, gt=0.0, le=1.0, description="Share of the nation simulated; 1 is everybody."
    )
    world_seed: Annotated[int | None, Given] = Field(
        default=None, ge=0, lt=2**63, description="Seed of people's fixed traits."
    )


class PolicyEntry(ClosedModel):
    """One dated change of one lever; the meaning of its parts is checked in ``policy_reading``."""

    id: Name = Field(description="Name of the policy; no other of the scenario may have it.")
    title: str = Field(default="", description="What it is, for people.")
    lever: str = Field(description="What it moves.")
    op: Literal["set", "scale", "add", "hold"] = Field(
        description="What it does to the value it finds; later policies act on what earlier left. "
        "hold keeps, place by place, the value of the month before, and takes no value."
    )
    value: OptionalQuantity = Field(
        default=None,
        description="A number in the lever's unit (a multiplier for scale), or text with a unit.",
    )
    parameter: Annotated[str | None, Given] = Field(
        default=None, description="Parameter that holds the value, instead of value."
    )
    start: Month = Field(alias="from", description="First month in force.")
    until: OptionalMonth = Field(
        default=None, description="Last month in force; for good when left out."
    )
    ramp: Quantity = Field(
        default=0.0, description="Months over which it comes into full force; at once when 0."
    )
    places: Annotated[list[str] | None, Given] = Field(
        default=None, description="Where it acts; everywhere when left out."
    )
    factor: Annotated[Factor | None, Given] = Field(
        default=None, description="Group of causes it counts among; the lever's when left out."
    )
    evidence: list[str] = Field(
        default_factory=list, description="Ids in calibration/evidence that it rests on."
    )


class PoliciesSection(ClosedModel):
    """Changes to the inherited list of policies: first drop, then add."""

    drop: list[str] = Field(
        default_factory=list, description="Ids of inherited policies that do not happen."
    )
    add: list[PolicyEntry] = Field(
        default_factory=list, description="Policies that act after those inherited, in this order."
    )


class ScenarioFile(ClosedModel):
    """One scenario file."""

    schema_tag: Literal["bordersim/scenario@1"] = Field(
        alias="schema", description="Kind and version of this file."
    )
    name: Name = Field(description="Name of the scenario and of its folder of results.")
    title: str = Field(default="", description="Heading of its tables and figures.")
    description: str = Field(default="", description="What it asks, for people.")
    extends: str | None = Field(
        default=None, description="Scenario it changes: beside this file, or shipped."
    )
    time: TimeSection = TimeSection()
    population: PopulationSection = PopulationSection()
    parameters: dict[str, NumberOrList] = Field(
        default_factory=dict, description="Parameters that differ from what is inherited."
    )
    policies: PoliciesSection = PoliciesSection()
