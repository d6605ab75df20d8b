"""The closed schema of an attribution file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from bordersim.closed_schema import ClosedModel
from bordersim.schema import Given, Name
from bordersim.sweeping.schema import LAST_SEED, SeedsSection

ATTRIBUTION_SCHEMA = "bordersim/attribution@1"
MOST_DRAWS = 100_000
MOST_FACTORS = 8
"""Coalitions double with each: 256 of eight."""

IDENTIFIED_BELOW = 0.7
"""What a study says when it says nothing: half of the prior variance must be gone."""


class ChangeSection(ClosedModel):
    """The two periods."""

    start: int | str = Field(
        alias="from", description="Year, or months such as 2009-07:2009-12; levers are held after."
    )
    end: int | str = Field(alias="to", description="Later period of the same length.")


class PosteriorSection(ClosedModel):
    """Draws of parameters that were fitted."""

    posterior: str = Field(description="Parquet file beside this one; or shipped, the package's.")
    count: int = Field(ge=1, le=MOST_DRAWS, description="How many of its rows, from the first.")


class PriorSection(ClosedModel):
    """Draws of the same parameters before any report was read."""

    posterior: Annotated[str | None, Given] = Field(
        default=None, description="Parquet file of prior draws, beside this one."
    )
    calibration: Annotated[str | None, Given] = Field(
        default=None, description="Calibration file whose priors are drawn from instead."
    )
    count: int = Field(ge=1, le=MOST_DRAWS, description="How many.")
    seed: int = Field(default=1, ge=0, le=LAST_SEED, description="Of draws from a calibration.")


class AlternativeEntry(ClosedModel):
    """Another structure of the model, with a posterior of its own."""

    name: Name = Field(description="Of its folder.")
    title: str = Field(default="", description="What it is, for people.")
    posterior: str = Field(description="Parquet file beside this one.")
    count: Annotated[int | None, Given] = Field(
        default=None, ge=1, le=MOST_DRAWS, description="Rows of it; as many as of draws."
    )
    set_: dict[str, float] = Field(
        default_factory=dict,
        alias="set",
        description="Parameters that make it another structure, where the draws do not say so.",
    )


class AttributionFile(ClosedModel):
    """One attribution file."""

    schema_tag: Literal["bordersim/attribution@1"] = Field(
        alias="schema", description="Kind and version of this file."
    )
    name: Annotated[Name | None, Given] = Field(
        default=None, description="Name of its folder of results; the file's when left out."
    )
    title: str = Field(default="", description="What it asks, for people.")
    scenario: str = Field(
        default="historical.yaml", description="Scenario file, beside this one or shipped."
    )
    change: ChangeSection = Field(description="Between which periods.")
    factors: list[str] | dict[str, list[str]] = Field(
        min_length=1, description="Groups of levers; or names, each with groups or levers."
    )
    passing: list[str] = Field(
        default_factory=list,
        description="Policies in force when levers are held that end all the same.",
    )
    seeds: SeedsSection = Field(description="Seeds of the dynamics, the same in all coalitions.")
    scale: Annotated[float | None, Given] = Field(
        default=None, gt=0.0, le=1.0, description="Share of the nation simulated."
    )
    draws: Annotated[PosteriorSection | None, Given] = Field(
        default=None, description="From the posterior; the parameters as they are if left out."
    )
    prior: Annotated[PriorSection | None, Given] = Field(
        default=None, description="What verdicts compare the posterior with."
    )
    alternatives: list[AlternativeEntry] = Field(
        default_factory=list, description="Other structures."
    )
    observables: Annotated[list[str] | None, Given] = Field(
        default=None, description="What is divided; arrivals, and harm and fees beside them."
    )
    identified_below: float = Field(
        default=IDENTIFIED_BELOW,
        gt=0.0,
        lt=1.0,
        description="Posterior sd over prior sd above which a share is not identified.",
    )


def content_of_call(**given: Any) -> dict[str, Any]:
    """What a file would say for the arguments of a call that were given."""
    said = {key: value for key, value in given.items() if value is not None}
    return {"schema": ATTRIBUTION_SCHEMA, **said}
