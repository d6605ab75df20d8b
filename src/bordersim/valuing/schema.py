"""The closed schema of a file of reports that could be made."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bordersim.closed_schema import ClosedModel
from bordersim.schema import Given, Name

NEXT_FACTS_SCHEMA = "bordersim/next-facts@1"
MOST_TOGETHER = 4
"""Facts that are judged together: with each, fewer draws are left that agree with all."""


class AgainstSection(ClosedModel):
    """The same figure elsewhere or at another time, by which the first is divided."""

    period: Annotated[str | int | None, Given] = Field(
        default=None, description="Years or months; those of the fact when left out."
    )
    place: Annotated[str | None, Given] = Field(
        default=None, description="Home or sector; that of the fact when left out."
    )


class FactEntry(ClosedModel):
    """One report that could be made."""

    id: Name = Field(description="Name of the fact.")
    title: str = Field(min_length=1, description="What would be reported, in words.")
    of: list[str] = Field(min_length=1, description="Observables, added up.")
    per: list[str] = Field(
        default_factory=list, description="Observables, added up, by which they are divided."
    )
    period: str | int = Field(description="Years or months, such as 2010:2011 or 2012-04:2012-09.")
    place: Annotated[str | None, Given] = Field(default=None, description="One home or sector.")
    sex: Annotated[Literal["female", "male"] | None, Given] = Field(
        default=None, description="Only they."
    )
    class_: Annotated[Literal["poor", "trader", "elite"] | None, Given] = Field(
        default=None, alias="class", description="Only they."
    )
    against: Annotated[AgainstSection | None, Given] = Field(
        default=None, description="Divide by the same figure of another period or place."
    )
    scale: Literal["log", "logit"] = Field(description="On which the error is said.")
    error: float = Field(gt=0.0, le=3.0, description="Standard deviation of the report.")
    reason: str = Field(min_length=1, description="Why it errs by as much.")
    supplier: str = Field(min_length=1, description="Who could report it.")
    harm: str = Field(min_length=1, description="Whom collecting it could hurt, and how.")


class NextFactsFile(ClosedModel):
    """One file of reports that could be made."""

    schema_tag: Literal["bordersim/next-facts@1"] = Field(
        alias="schema", description="Kind and version of this file."
    )
    name: Annotated[Name | None, Given] = Field(
        default=None, description="Name of its folder of results; the file's when left out."
    )
    title: str = Field(default="The next fact", description="Heading of the page.")
    attribution: str = Field(description="Attribution file, beside this one or shipped.")
    observable: str = Field(default="arrivals", description="Whose division is to be narrowed.")
    together: int = Field(
        default=3, ge=1, le=MOST_TOGETHER, description="How many facts are judged together."
    )
    facts: list[FactEntry] = Field(min_length=1, description="What could be reported.")
