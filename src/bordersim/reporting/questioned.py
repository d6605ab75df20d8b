"""What the shipped questions ask, where a folder holds the study that answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.answering.answers import Answers, answers_of
from bordersim.answering.api import questions_file
from bordersim.answering.brief import brief_table, claim_lines, limits
from bordersim.answering.reading import Changes, read_answers
from bordersim.answering.showing import claim_table
from bordersim.answering.spec import Asked
from bordersim.answering.verdicts import AGREES, CONTRADICTS, OPEN
from bordersim.comparing.cells import Table as Cells
from bordersim.errors import BordersimError
from bordersim.reporting.attributed import Answer
from bordersim.reporting.content import Block, Fold, Listed, Part, Prose, Table
from bordersim.reporting.finding import FoundStudy
from bordersim.sweeping.plan import stored_plan
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.attributing.answers import Attribution

_PRIOR = "-prior"


def questions_of(studies: Sequence[FoundStudy], divided: Sequence[Answer]) -> dict[Path, Answers]:
    """Answer the shipped questions from every study that was made for them.

    Parameters
    ----------
    studies
        Among which they are looked for, each with its prior beside it.
    divided
        Attributions of the same folder, which answer some.

    Returns
    -------
    dict
        By folder of the study.
    """
    found = {}
    for one in studies:
        asked = _asked(one)
        if asked is None:
            continue
        beside = one.folder.with_name(one.folder.name + _PRIOR)
        prior = any(other.folder == beside for other in studies)
        asked = asked if prior else replace(asked, prior=None)
        folders = [one.folder, beside] if prior else [one.folder]
        quiet = replace(asked, ledger_pairs=0)
        try:
            found[one.folder] = answers_of(quiet, folders, attributions=_divided(asked, divided))
        except BordersimError:
            continue  # too little of it is there: its scenarios are compared as any others
    return found


def _asked(one: FoundStudy) -> Asked | None:
    """The questions, if this is their study: the same scenarios, draws and seeds."""
    told = stored_plan(one.folder)
    if told is None or not one.scenarios:
        return None
    scales = {float(row["scale"]) for row in one.rows}
    draws = int(told["n_draws"]) if told.get("draws") else None
    changes = Changes(draws=draws, seeds=int(told["n_seeds"]), scale=min(scales))
    try:
        asked = read_answers(questions_file(), changes)
    except BordersimError:
        return None
    same = asked.study.name == told.get("name") and asked.study.identity() == told.get("identity")
    return asked if same else None


def _divided(asked: Asked, divided: Sequence[Answer]) -> dict[str, Attribution]:
    there = {one.found.question.name: one.found for one in divided if one.found is not None}
    named = {
        question.id: question.attribution.stem
        for question in asked.questions
        if question.attribution is not None
    }
    return {key: there[name] for key, name in named.items() if name in there}


def is_prior(one: FoundStudy, answered: Mapping[Path, Answers]) -> bool:
    """Whether a study is only there to judge what another answers."""
    return any(one.folder == folder.with_name(folder.name + _PRIOR) for folder in answered)


def questions_part(found: Answers) -> Part:
    """Tell every question in a line, claims of the reports, and what is not known."""
    claims = [row for question in found.asked.questions for row in found.claims(question)]
    lines = [*claim_lines(found, CONTRADICTS), *claim_lines(found, OPEN)]
    blocks: list[Block] = []
    if trial := found.trial():
        blocks.append(Prose(f"A trial, no answer: made from {trial}."))
    blocks.append(
        _table("The questions of the two founding reports", brief_table(found, sortable=True))
    )
    blocks.append(Prose(claim_words(found)))
    if lines:
        blocks.append(Listed(tuple(map(_plain, lines))))
    blocks.append(Fold("Every claim", [_table("Claims of the reports", claim_table(claims))]))
    blocks.append(
        Fold("What these answers cannot say", [Listed(tuple(map(_plain, limits(found))))])
    )
    return Part(found.asked.title, blocks)


def claim_words(found: Answers) -> str:
    """How many claims hold, in a sentence."""
    verdicts = [row["verdict"] for one in found.asked.questions for row in found.claims(one)]
    return (
        f"Of {count(len(verdicts), 'claim')} of the reports the model agrees with "
        f"{verdicts.count(AGREES)}, contradicts {verdicts.count(CONTRADICTS)} and does not say of "
        f"{verdicts.count(OPEN)}."
    )


def _table(caption: str, content: Cells) -> Table:
    headings, rows = content
    return Table(caption, tuple(headings), [[_plain(cell) for cell in row] for row in rows])


def _plain(text: str) -> str:
    """Without the marks of Markdown."""
    return text.replace("**", "").replace("`", "")
