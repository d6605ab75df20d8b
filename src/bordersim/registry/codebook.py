"""``codebook.yaml``: what the words of the evidence's tables mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bordersim.closed_schema import ClosedModel, validate
from bordersim.errors import Problem
from bordersim.registry.entries import USES
from bordersim.yaml_source import read_yaml

FILE = "codebook.yaml"

FIGURES = ("exact", "point", "interval", "ratio", "upper", "lower", "forecast")
"""Kinds of entries that give a number."""

WORDS = ("event", "mechanism", "context")
"""Kinds that give none."""

Meaning = Annotated[str, Field(min_length=1)]


class PointRule(ClosedModel):
    """How a single rounded figure becomes an interval."""

    of_last_digit: float = Field(ge=0.0, le=1.0, description="Share of the last digit's unit.")
    at_least: float = Field(ge=0.0, lt=1.0, description="Share of the figure itself.")


class Codebook(ClosedModel):
    """Meanings of grades, uses, kinds, units and quantities; the rule for points."""

    schema_: Literal["bordersim/evidence@1"] = Field(alias="schema")
    grades: dict[str, Meaning] = Field(min_length=1)
    uses: dict[str, Meaning]
    kinds: dict[str, Meaning]
    point: PointRule
    units: dict[str, Meaning]
    quantities: dict[str, Meaning]


def read_codebook(folder: Path, problems: list[Problem]) -> Codebook | None:
    """Read the codebook of a folder of evidence.

    Parameters
    ----------
    folder
        The evidence.
    problems
        Receives what is wrong with it.

    Returns
    -------
    Codebook or None
        None where it is not one.
    """
    document = read_yaml(folder / FILE, problems)
    if document is None:
        return None
    book = validate(Codebook, document, problems)
    if book is None:
        return None
    # Code asks for uses and kinds by name: a word it does not know would do nothing.
    for key, given, known in (
        ("uses", book.uses, USES),
        ("kinds", book.kinds, (*FIGURES, *WORDS)),
    ):
        if set(given) != set(known):
            message = f"got {', '.join(given)}; expected {', '.join(known)}"
            problems.append(document.problem((key,), message))
    return book
