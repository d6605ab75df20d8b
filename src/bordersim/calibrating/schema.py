"""The closed schema of a calibration file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from bordersim.closed_schema import ClosedModel, Month
from bordersim.observing.declared import NuisanceEntry
from bordersim.schema import Given, Name

CALIBRATION_SCHEMA = "bordersim/calibration@1"
LAST_SEED = 2**62
MOST_POINTS_A_WAVE = 1_500
MOST_COMPONENTS = 10
MOST_PRIORS = 200


class PriorEntry(ClosedModel):
    """What is believed of one parameter before any report is read, and why."""

    parameter: str = Field(description="Key of the parameter.")
    distribution: Literal["uniform", "loguniform", "normal"] = Field(
        description="Between low and high; a normal one is cut off there."
    )
    low: float = Field(description="Lowest value.")
    high: float = Field(description="Highest value.")
    mean: Annotated[float | None, Given] = Field(default=None, description="Of a normal one.")
    sd: Annotated[float | None, Given] = Field(
        default=None, gt=0.0, description="Of a normal one, before it is cut off."
    )
    always: bool = Field(
        default=False,
        description="Fitted whatever the screening finds, because a conclusion rests on it.",
    )
    reason: str = Field(min_length=1, description="Where the range comes from.")


class ScreeningSection(ClosedModel):
    """Which parameters move what was reported: elementary effects against luck."""

    trajectories: int = Field(ge=2, le=1_000, description="Of the Morris design.")
    replicates: int = Field(default=2, ge=2, le=100, description="Seeds at every point.")
    scale: Annotated[float | None, Given] = Field(
        default=None, gt=0.0, le=1.0, description="Share of the nation; that of the file."
    )
    keep: int = Field(ge=1, le=MOST_PRIORS, description="Parameters kept, at most.")


class WaveEntry(ClosedModel):
    """One batch of runs."""

    points: int = Field(ge=8, le=MOST_POINTS_A_WAVE, description="Points of the design.")
    replicates: int = Field(default=1, ge=1, le=10, description="Runs at every point.")


class EmulatorSection(ClosedModel):
    """What stands in for the model between the points."""

    components: int = Field(
        default=MOST_COMPONENTS, ge=1, le=MOST_COMPONENTS, description="Principal components."
    )
    fit_points: int = Field(
        default=400, ge=8, le=MOST_POINTS_A_WAVE, description="Points that tune its kernels."
    )


class SamplerSection(ClosedModel):
    """How draws are made; as ``bordersim.inference.sampling.Effort``."""

    draws: int = Field(default=1_000, ge=20, le=100_000, description="Kept.")
    walkers: int = Field(
        default=0, ge=0, le=4_096, description="Of each ensemble; 0 for six a dimension."
    )
    ensembles: int = Field(default=2, ge=1, le=16, description="Started and run apart.")
    lengths: float = Field(
        default=30.0, gt=0.0, description="Autocorrelation times that each must run."
    )
    steps: int = Field(default=6_000, ge=50, le=1_000_000, description="At most.")
    propose: Annotated[int | None, Given] = Field(
        default=None,
        ge=50,
        le=1_000_000,
        description="Steps at most to choose the points of a wave; as many when left out.",
    )


class CheckSection(ClosedModel):
    """Regression ABC on the same table, beside the emulator."""

    accept: float = Field(
        default=0.8, gt=0.0, le=1.0, description="Share of the points nearest to the reports."
    )
    disagree: float = Field(
        default=1.0,
        gt=0.0,
        description="Medians further apart than so many standard deviations are reported.",
    )
    truths: int = Field(
        default=100, ge=0, le=1_000, description="Known truths of the self-check; 0 for none."
    )


class IdentifiabilitySection(ClosedModel):
    """When the data are said to tell nothing."""

    contraction: float = Field(
        default=0.25,
        ge=0.0,
        lt=1.0,
        description="1 - posterior sd / prior sd below which a parameter is not identified.",
    )
    correlation: float = Field(
        default=0.5, gt=0.0, le=1.0, description="Correlations at least so strong are listed."
    )
    effective: int = Field(
        default=100, ge=2, description="Draws that reweighting must leave; else sampled anew."
    )


class AlternativeEntry(ClosedModel):
    """Another structure of the model, fitted like the main one and compared with it."""

    name: Name = Field(description="Of its folder.")
    title: str = Field(default="", description="What it is, for people.")
    set_: dict[str, float] = Field(
        alias="set", min_length=1, description="Parameters that make it another structure."
    )


class AlternativesSection(ClosedModel):
    """Structures to be compared, and what may be spent on each."""

    points: int = Field(
        ge=8, le=MOST_POINTS_A_WAVE, description="Of the last wave, at which each is run."
    )
    replicates: int = Field(default=1, ge=1, le=10, description="Runs at every point.")
    structures: list[AlternativeEntry] = Field(min_length=1, description="Beside the main one.")


class CalibrationFile(ClosedModel):
    """One calibration file."""

    schema_tag: Literal["bordersim/calibration@1"] = Field(
        alias="schema", description="Kind and version of this file."
    )
    name: Annotated[Name | None, Given] = Field(
        default=None, description="Name of its folder of results; the file's when left out."
    )
    title: str = Field(default="", description="What is fitted, for people.")
    scenario: str = Field(description="Scenario file, beside this one or shipped.")
    until: Month = Field(description="Reports up to this month are fitted.")
    simulate_until: Month = Field(description="Runs go on to here, so that later reports judge.")
    scale: Annotated[float | None, Given] = Field(
        default=None, gt=0.0, le=1.0, description="Share of the nation; the scenario's."
    )
    seed: int = Field(default=1, ge=0, le=LAST_SEED, description="Of design and draws.")
    first_seed: int = Field(
        default=1, ge=0, le=LAST_SEED, description="Of the runs: each point has others."
    )
    priors: list[dict[str, Any]] = Field(
        min_length=1, max_length=MOST_PRIORS, description="One for each parameter."
    )
    screening: Annotated[ScreeningSection | None, Given] = Field(
        default=None, description="Left out, all parameters are kept."
    )
    waves: list[WaveEntry] = Field(min_length=1, max_length=6, description="In order.")
    nuisances: dict[str, NuisanceEntry] = Field(
        default_factory=dict, description="Priors instead of those of the observation model."
    )
    emulator: EmulatorSection = Field(default=EmulatorSection(), description="Stand-in.")
    sampler: SamplerSection = Field(default=SamplerSection(), description="Draws.")
    check: CheckSection = Field(default=CheckSection(), description="Second method.")
    identifiability: IdentifiabilitySection = Field(
        default=IdentifiabilitySection(), description="Verdicts."
    )
    alternatives: Annotated[AlternativesSection | None, Given] = Field(
        default=None, description="Other structures."
    )
    observables: list[str] = Field(
        default_factory=list, description="Series kept beside those that targets need."
    )
