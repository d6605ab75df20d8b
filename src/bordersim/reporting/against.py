"""Which scenario is compared with which, and over which years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bordersim.comparing import Comparison, compare
from bordersim.comparing.pairing import Side, paired
from bordersim.comparing.quantities import HARM, Cut, quantity_of
from bordersim.comparing.sides import side_of
from bordersim.errors import BordersimError
from bordersim.reporting.finding import HISTORIES, FoundStudy, baseline_of
from bordersim.reports import Period

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers

ASKED = ("arrivals", "attempts", "crossings", "fee_real", "interceptions")
"""What is compared, as far as it is stored; harm is added behind it."""

OWN = "baseline"
"""Name of the baseline that ``bordersim init`` writes beside a question."""

Told = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """A scenario against its baseline, or why it cannot be compared.

    Attributes
    ----------
    a, b
        Names of the baseline and of the scenario.
    found
        None where they cannot be compared.
    why
        They cannot.
    study
        That holds both; None where each has one of its own.
    folder
        Of the scenario's runs.
    label
        Of the scenario, unlike any other.
    years
        Why these years are compared; empty where somebody chose them.
    """

    a: str
    b: str
    found: Comparison | None
    why: str = ""
    study: FoundStudy | None = None
    folder: str = ""
    label: str = ""
    years: str = ""


_SINCE = "Years: from the first in which a pair differs; before it both sides are the same runs."


def comparisons_of(
    studies: Sequence[FoundStudy], told: Told, answered: Mapping[Path, Answers]
) -> list[Compared]:
    """Compare every scenario with the baseline of its study, or of those beside it.

    Parameters
    ----------
    studies
        Of which.
    told
        Hears what is being done.
    answered
        By folder, studies whose questions say what is compared, and over which years.
    """
    made = []
    for one in studies:
        if one.folder in answered:
            made += [
                Compared(contrast.baseline, contrast.scenario, found, study=one, folder=one.name)
                for contrast, (found, _) in answered[one.folder].comparisons.items()
            ]
    for a, b, one, study in _sides([one for one in studies if one.folder not in answered]):
        told(f"comparing {b.name} with {a.name}")
        where = Compared(a.name, b.name, None, study=study, folder=one.name)
        try:
            found = _since_they_differ(_compared(a, b))
            made.append(replace(where, found=found, years=_SINCE))
        except BordersimError as error:
            made.append(replace(where, why=str(error)))
    return _labelled(made)


def _labelled(made: Sequence[Compared]) -> list[Compared]:
    """Tell scenarios of one name apart by the folders of their runs."""
    times = Counter((one.a, one.b) for one in made)
    return [
        replace(one, label=one.b if times[one.a, one.b] == 1 else f"{one.b} ({one.folder})")
        for one in made
    ]


def _sides(
    studies: Sequence[FoundStudy],
) -> Iterator[tuple[Side, Side, FoundStudy, FoundStudy | None]]:
    """Baseline, scenario, the study that holds the scenario, and it again if it holds both."""
    for one in studies:
        for name in one.scenarios:
            if name != one.baseline:
                yield side_of(one.study, one.baseline), side_of(one.study, name), one, one
    alone = [one for one in studies if len(one.scenarios) == 1]
    for drawn_ones in (False, True):
        group = [one for one in alone if one.drawn == drawn_ones]
        sides = [side_of(one.study, one.scenarios[0]) for one in group]
        for one, b in zip(group, sides, strict=True):
            a = _base_of(b, sides)
            if a is not None:
                yield a, b, one, None


def _base_of(b: Side, sides: Sequence[Side]) -> Side | None:
    """What a scenario with a folder of its own is compared with: where most pairs are found.

    Of as many, the baseline that was written for the question comes first. None of a baseline.
    """
    order = (OWN, *HISTORIES)
    there = sorted(
        (one for one in sides if one.name in order), key=lambda one: order.index(one.name)
    )
    if not there:
        base = baseline_of([one.name for one in sides])
        there = [one for one in sides if one.name == base]
    if b.name in (OWN, HISTORIES[0]) or b is there[0]:
        return None
    others = [one for one in there if one.name != b.name]
    return max(others, key=lambda one: len(paired(one, b)[0]))


def _compared(a: Side, b: Side) -> Comparison:
    names = [name for name in ASKED if _stored(a, name) and _stored(b, name)]
    if "arrivals" in names and not all(_stored(side, one) for side in (a, b) for one in HARM):
        names.remove("arrivals")  # harm would have to stand beside it
    return compare(a, b, names, None, Cut())


def _stored(side: Side, name: str) -> bool:
    parts = set(quantity_of(name).parts)
    kept = (row.get("observables") for row in side.runs)
    return all(one is None or parts <= set(one) for one in kept)


def _since_they_differ(found: Comparison) -> Comparison:
    """From the first year in which any pair differs: years that are the same thin effects out."""
    differs = [~np.isclose(one.a, one.b, rtol=0, atol=0, equal_nan=True) for one in found.measured]
    months = np.flatnonzero(np.any([each.any(axis=(0, 1)) for each in differs], axis=0))
    if not len(months):
        return found
    january = (found.covered.first + int(months[0])) // 12 * 12
    return replace(found, window=Period(max(found.covered.first, january), found.covered.last))
