"""What these results cannot say, and what they must not be used for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bordersim.calibrating.results import Calibration
from bordersim.errors import BordersimError
from bordersim.parts import OK
from bordersim.reporting.against import Compared
from bordersim.reporting.attributed import Answer, verdict_words
from bordersim.reporting.content import Block, Listed, Part, Section
from bordersim.reporting.finding import Found
from bordersim.reporting.fitted import not_identified
from bordersim.reporting.scorecards import Card
from bordersim.wording import count, number

FEW_PAIRS = 8
"""Pairs below which an interval says little."""

GENERAL = (
    "Arrivals alone cannot tell markets from enforcement: both move after 2009. Fees, people in "
    "China, places and sexes are what may. Many reports have one source.",
    "How people answer to money for informing is identified by no reported outcome: results that "
    "hang on a bounty hang on a prior.",
    "Levels of death and custody rest on assumptions; there are no counts to check them.",
    "The census is held constant: nobody is born, ages or dies at home. The interior of China is "
    "one place, and the way south has one capacity.",
    "What is simulated is no forecast, and shares of a simulated crowd say nothing of a person.",
)
NOT_FOR = (
    "To plan enforcement: where to post guards or cameras, how high to set a bounty, whom to "
    "inspect.",
    "To target anyone: residents are made up, and a profile of likely leavers read from the "
    "model is a profile of its assumptions.",
    "To find or close routes: places are provinces and long stretches of river, on purpose.",
    "To decide a person's case, or to foretell how many will come.",
)


def limits_section(
    found: Found, cards: Sequence[Card], answers: Sequence[Answer], made: Sequence[Compared]
) -> Section:
    """Tell limits of these results first, then of the model, then of its use."""
    own = [*_of_runs(found), *_of_fit(found, cards), *_of_answers(answers), *_of_pairs(made)]
    blocks: list[Block] = []
    if own:
        blocks.append(Part("Of these results", [Listed(tuple(own))]))
    blocks.append(Part("Of the model", [Listed(GENERAL)]))
    blocks.append(Part("What it must not be used for", [Listed(NOT_FOR)]))
    return Section("limits", "Limits and responsible use", blocks)


def _of_runs(found: Found) -> list[str]:
    said = [f"Damaged, and left out: {text}" for text in found.damage]
    engines = {str(row["engine"]) for one in found.every_study() for row in one.rows}
    if len(engines) > 1:
        said.append(f"Runs of {len(engines)} engines stand side by side; they are never paired.")
    for one in found.every_study():
        lacking = int((one.cells.drop_duplicates("run_id")["status"] != OK).sum())
        if lacking:
            said.append(f"{one.name}: {count(lacking, 'run')} failed, damaged or missing.")
        scales = {float(row["scale"]) for row in one.rows}
        if scales and min(scales) < 1:
            part = ", ".join(number(value) for value in sorted(scales))
            said.append(f"{one.name}: {part} of the residents, scaled up; rare events are noisy.")
        if not one.drawn and one.folder not in {
            s.folder for a in found.attributions for s in a.sets
        }:
            said.append(f"{one.name}: one set of parameters, so intervals hold luck alone.")
    return said


def _of_fit(found: Found, cards: Sequence[Card]) -> list[str]:
    said = []
    for card in cards:
        verdicts: Any = card.found.verdicts
        fails = [str(one.what) for one in verdicts if not one.holds]
        if fails:
            said.append(
                f"{card.name}: bars that do not hold or are not judged: {'; '.join(fails)}."
            )
    for folder in found.calibrations:
        try:
            rows = Calibration.open(folder.folder).table("identifiability").to_dict("records")
        except BordersimError:
            continue
        names = not_identified([{str(key): cell for key, cell in row.items()} for row in rows])
        if names:
            said.append(f"{folder.name}: not identified by the reports: {', '.join(names)}.")
    said += [f"{one.name}: a calibration that is not done." for one in found.unfinished]
    return said


def _of_answers(answers: Sequence[Answer]) -> list[str]:
    return [f"{one.name}: {verdict_words(one.found)}" for one in answers if one.found is not None]


def _of_pairs(made: Sequence[Compared]) -> list[str]:
    few = [
        f"{one.b} ({len(one.found.pairs)})"
        for one in made
        if one.found is not None and len(one.found.pairs) < FEW_PAIRS
    ]
    return [f"Compared in fewer than {FEW_PAIRS} pairs: {', '.join(few)}."] if few else []
