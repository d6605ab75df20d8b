"""The closed schema of a file of questions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bordersim.attributing.schema import IDENTIFIED_BELOW, MOST_DRAWS
from bordersim.closed_schema import ClosedModel
from bordersim.schema import Given, Name
from bordersim.sweeping.schema import LAST_SEED

ANSWERS_SCHEMA = "bordersim/answers@1"
MOST_PAIRS = 1000
USUAL = ["arrivals", "attempts", "fee_real", "repatriations", "deaths", "custody_entries"]


class PriorSection(ClosedModel):
    """Draws of the parameters that the posterior draws, before any report was read."""

    calibration: str = Field(description="Calibration file whose priors are drawn from.")
    count: int = Field(ge=1, le=MOST_DRAWS, description="How many.")
    seed: int = Field(default=1, ge=0, le=LAST_SEED, description="Of the draws.")


class LedgerSection(ClosedModel):
    """Ledgers of fates: their runs are made again, person by person."""

    pairs: int = Field(ge=0, le=MOST_PAIRS, description="Pairs of each comparison; 0 for none.")


class ComparisonEntry(ClosedModel):
    """A scenario against a baseline over some years."""

    scenario: str = Field(description="Name of a scenario of the study.")
    baseline: Annotated[str | None, Given] = Field(
        default=None, description="Another of them, where it is not the baseline of the file."
    )
    window: str = Field(description="Years or months that count, such as 2012:2015.")


class ClaimEntry(ClosedModel):
    """What the reports say of something that a comparison measures."""

    says: str = Field(description="The claim, in own words.")
    evidence: list[str] = Field(min_length=1, description="Where it is made.")
    scenario: str = Field(description="One that the question compares.")
    observable: str = Field(default="arrivals", description="What the claim is about.")
    class_: Annotated[Literal["poor", "trader", "elite"] | None, Given] = Field(
        default=None, alias="class", description="Only of these people."
    )
    expects: Literal["more", "less"] = Field(
        description="What there is in the scenario, against the baseline, if the claim holds."
    )


class QuestionEntry(ClosedModel):
    """One question."""

    id: Name = Field(description="Name of the question.")
    asks: str = Field(description="The question, in words.")
    evidence: list[str] = Field(default_factory=list, description="What raises it.")
    assumed: str = Field(
        default="", description="Why no data can answer it, where sensitivities are assumptions."
    )
    reading: str = Field(
        default="", description="How it is read, where it could be read otherwise."
    )
    attribution: Annotated[str | None, Given] = Field(
        default=None, description="Attribution file, beside this one, whose shares answer it."
    )
    elsewhere: str = Field(default="", description="Where else it is answered.")
    comparisons: list[ComparisonEntry] = Field(
        default_factory=list, description="What is compared to answer it."
    )
    claims: list[ClaimEntry] = Field(default_factory=list, description="What the reports say.")


class AnswersFile(ClosedModel):
    """One file of questions."""

    schema_tag: Literal["bordersim/answers@1"] = Field(
        alias="schema", description="Kind and version of this file."
    )
    title: str = Field(default="Answers", description="Heading of the page.")
    study: str = Field(description="Sweep file, beside this one, that has every scenario.")
    baseline: str = Field(description="Name of the scenario that others are compared with.")
    prior: Annotated[PriorSection | None, Given] = Field(
        default=None, description="What verdicts compare the posterior with."
    )
    identified_below: float = Field(
        default=IDENTIFIED_BELOW,
        gt=0.0,
        lt=1.0,
        description="Posterior sd over prior sd above which an effect is not identified.",
    )
    ledger: LedgerSection = Field(
        default=LedgerSection(pairs=1), description="What became of each person."
    )
    observables: list[str] = Field(
        default_factory=lambda: list(USUAL),
        min_length=1,
        description="What is compared; harm stands beside arrivals all the same.",
    )
    questions: list[QuestionEntry] = Field(min_length=1, description="In the order of the page.")
