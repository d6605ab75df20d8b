"""The closed schema of a sweep file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from bordersim.closed_schema import ClosedModel, Month, OptionalMonth, Quantity
from bordersim.schema import Given, Name

SWEEP_SCHEMA = "bordersim/sweep@1"
LAST_SEED = 2**63 - 1
MOST_SEEDS = 1_000_000
MOST_POINTS = 1_000_000


class SeedsSection(ClosedModel):
    """Seeds of the dynamics: the same in every scenario, point and draw."""

    first: int = Field(default=1, ge=0, le=LAST_SEED, description="First seed.")
    count: int = Field(ge=1, le=MOST_SEEDS, description="How many.")


class DrawsSection(ClosedModel):
    """Draws of parameters from a posterior."""

    posterior: str = Field(
        description="Parquet file beside this one, a column a parameter; or shipped, the package's."
    )
    count: int = Field(ge=1, le=MOST_POINTS, description="How many of its rows, from the first.")
    pinned: bool = Field(
        default=False,
        description="What a scenario sets itself stays as it is; an error otherwise.",
    )


class AxisEntry(ClosedModel):
    """One lever or parameter that the design varies, and how."""

    values: list[Quantity] | None = Field(default=None, description="The values themselves.")
    linspace: Annotated[list[float] | None, Given] = Field(
        default=None, description="[lowest, highest, how many], evenly spaced."
    )
    range: Annotated[list[float] | None, Given] = Field(
        default=None,
        description="[lowest, highest]; not of a grid. All that is allowed if left out.",
    )
    log: bool = Field(default=False, description="Space linspace or range by ratios.")
    op: Literal["set", "scale", "add"] = Field(
        default="set", description="What a lever's value does to what the policies left."
    )
    start: Month = Field(default=0, alias="from", description="First month in force.")
    until: OptionalMonth = Field(default=None, description="Last month in force.")
    ramp: Quantity = Field(default=0.0, description="Months until it is in full force.")
    places: Annotated[list[str] | None, Given] = Field(
        default=None, description="Where it acts; everywhere when left out."
    )


class DesignSection(ClosedModel):
    """Points in the space of levers and parameters; axes are checked one by one."""

    kind: Literal["grid", "lhs", "sobol", "morris", "sobol-indices"] = Field(
        description="How points are laid."
    )
    n: Annotated[int | None, Given] = Field(
        default=None,
        ge=1,
        le=MOST_POINTS,
        description="Points of an lhs or sobol design; trajectories, or base points, of indices.",
    )
    seed: int = Field(default=1, ge=0, le=LAST_SEED, description="Seed of all but a grid.")
    second_order: bool = Field(
        default=False, description="Points for indices of pairs, too, of sobol-indices."
    )
    levers: dict[str, Any] = Field(default_factory=dict, description="Lever to its values.")
    parameters: dict[str, Any] = Field(default_factory=dict, description="Parameter to values.")


class SweepFile(ClosedModel):
    """One sweep file."""

    schema_tag: Literal["bordersim/sweep@1"] = Field(
        alias="schema", description="Kind and version of this file."
    )
    name: Annotated[Name | None, Given] = Field(
        default=None, description="Name of its folder of results; the file's when left out."
    )
    title: str = Field(default="", description="What it asks, for people.")
    scenarios: list[str] = Field(min_length=1, description="Scenario files, beside this one.")
    seeds: SeedsSection = Field(description="Seeds of the dynamics.")
    scale: Annotated[float | None, Given] = Field(
        default=None, gt=0.0, le=1.0, description="Share of the nation simulated."
    )
    until: OptionalMonth = Field(default=None, description="Last month of every run.")
    draws: Annotated[DrawsSection | None, Given] = Field(
        default=None, description="Draws from a posterior."
    )
    design: Annotated[DesignSection | None, Given] = Field(
        default=None, description="Points of levers and parameters."
    )
    observables: Annotated[list[str] | Literal["all"] | None, Given] = Field(
        default=None, description="Series to keep, or all; arrivals and harms always are."
    )
    events: bool = Field(default=False, description="Keep the event logs.")
