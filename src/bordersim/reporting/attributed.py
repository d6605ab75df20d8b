"""What explains a change: shares, what the data say of them, orders, structures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.attributing.dividing import CHANGE
from bordersim.attributing.judging import IDENTIFIED
from bordersim.attributing.reading import read_attribution
from bordersim.attributing.showing import (
    SUM,
    beside_table,
    head,
    level_words,
    methods,
    order_table,
    pair_table,
    share_table,
    structure_table,
    verdict_table,
)
from bordersim.attributing.stored import QUESTION_FILE, stored_attribution
from bordersim.comparing.cells import Table as Cells
from bordersim.data_files import scenarios_folder
from bordersim.errors import BordersimError
from bordersim.reporting.content import Absent, Block, Fold, Listed, Part, Prose, Section, Table
from bordersim.reporting.finding import FoundAttribution
from bordersim.reporting.pictures import drawn

if TYPE_CHECKING:
    from bordersim.attributing.answers import Attribution

_DRAWN = ("arrivals", "fee", "deaths")
"""Observables of the waterfall, as far as they were divided."""


@dataclass(frozen=True)
class Answer:
    """An attribution, or why it cannot be told."""

    name: str
    found: Attribution | None
    why: str = ""


def answers_of(found: Sequence[FoundAttribution], files: Sequence[Path]) -> list[Answer]:
    """Work out each attribution anew from its stored runs.

    Parameters
    ----------
    found
        Folders of coalitions.
    files
        Attribution files to look among first; then the one the folder keeps, then the shipped.
    """
    return [_answer(one, files) for one in found]


def _answer(one: FoundAttribution, files: Sequence[Path]) -> Answer:
    shipped = sorted((scenarios_folder() / "attribution").glob("*.yaml"))
    kept = [path for path in (one.folder / QUESTION_FILE,) if path.is_file()]
    tried: list[str] = []
    for path in (*files, *kept, *shipped):
        if path in shipped and path.stem != one.folder.name:
            continue
        try:
            if path in kept or read_attribution(path).name == one.folder.name:
                return Answer(one.name, stored_attribution(path, one.folder))
        except BordersimError as error:
            tried.append(f"{path.name}: {' '.join(str(error).split())}")
    if not tried:
        said = f'no attribution file named "{one.folder.name}" is at hand'
    else:
        said = f"{'; '.join(tried)}. Its runs may be of another file, posterior or engine"
    return Answer(one.name, None, f"{said}. Name the file it was made from: --attribution FILE")


def attribution_section(answers: Sequence[Answer], more: Sequence[Part] = ()) -> Section:
    """Tell every attribution, and what has to do with them."""
    blocks: list[Block] = []
    for one in answers:
        if one.found is None:
            blocks.append(Part(one.name, [Absent(f"Cannot be told. {one.why}.")]))
        else:
            blocks.append(_part(one.found))
    if not blocks:
        blocks.append(
            Absent("No attribution is here. `bordersim attribute FILE` divides a change.")
        )
    return Section("attribution", "Attribution: what explains a change", [*blocks, *more])


def _part(found: Attribution) -> Part:
    first, *others = found.observables
    shares = _table("Shares of the change", share_table(found, first), (SUM,))
    verdicts = _table("What the data say of each share", verdict_table(found, first))
    verdicts = replace(verdicts, note=_VERDICTS)
    blocks: list[Block] = [Prose(head(found)), Prose(f"{level_words(found, first)}."), shares]
    blocks.append(Prose(verdict_words(found)))
    shown = [name for name in _DRAWN if name in found.observables] or [first]
    blocks.append(drawn(lambda: found.waterfall(*shown), _alt(found, first), _CAPTION))
    blocks.append(verdicts)
    orders = _table("What the order of the factors does", order_table(found, first))
    pairs = _table("What two do together beyond what each does alone", pair_table(found, first))
    blocks.append(Fold("Orders and interactions", [orders, *([pairs] if pairs.rows else [])]))
    if others:
        blocks.append(_table("Beside it, harm included", beside_table(found, others)))
    if found.alternatives:
        blocks.append(_table("Under other structures", structure_table(found, first)))
    told = (*(f"{note}." for note in found.notes()), *methods(found))
    blocks.append(Fold("How it is measured", [Listed(tuple(told))]))
    return Part(found.question.title, blocks)


_VERDICTS = (
    "sd: spread of the posterior over that of the prior; of weight: the same of a share's weight "
    "among all. The nearer to 1, the less the data tell."
)
_CAPTION = (
    "From the first period to the last, factor by factor, with 90 % intervals; hatched where "
    "the data do not say how large a share is."
)


def verdict_words(found: Attribution) -> str:
    """Which shares the data identify, in a sentence."""
    rows = found.verdicts(found.observables[0])
    known = [str(row["part"]) for row in rows if row["verdict"] == IDENTIFIED]
    rest = [f"{row['part']} ({row['verdict']})" for row in rows if row["verdict"] != IDENTIFIED]
    said = f"Narrowed by the data: {', '.join(known) or 'no share'}."
    return said + (f" Of the others: {', '.join(rest)}." if rest else "")


def _alt(found: Attribution, observable: str) -> str:
    rows = share_table(found, observable)[1]
    shares = ", ".join(f"{row[0]} {row[1]}" for row in rows)
    return f"{level_words(found, observable)}. Shares with 90 % intervals: {shares}."


def _table(caption: str, table: Cells, last: tuple[str, ...] = ()) -> Table:
    headings, rows = table
    foot = [row for row in rows if row[0] in last or row[0] == CHANGE]
    body = [row for row in rows if row not in foot]
    return Table(caption, tuple(name or "part" for name in headings), body, foot=foot)
