"""Which report that nobody has made would tell most, where a folder holds the runs for that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.errors import BordersimError
from bordersim.reporting.content import Block, Fold, Listed, Part, Prose, Table
from bordersim.reporting.finding import FoundStudy
from bordersim.reporting.pictures import drawn
from bordersim.valuing.api import facts_file
from bordersim.valuing.carrying import Doing, plans_of
from bordersim.valuing.measuring import measured
from bordersim.valuing.page import alt_text, report_table
from bordersim.valuing.reading import read_next_facts
from bordersim.valuing.results import valued
from bordersim.valuing.showing import best_words, head, methods, part_table, value_table
from bordersim.valuing.targets import WEIGHT

if TYPE_CHECKING:
    from bordersim.comparing.cells import Table as Cells
    from bordersim.valuing.results import NextFacts


def facts_of(studies: Sequence[FoundStudy]) -> dict[Path, NextFacts]:
    """Value the facts that ship from every study that was made for them.

    Parameters
    ----------
    studies
        Among which they are looked for, the attribution they are about beside them.

    Returns
    -------
    dict
        By folder of the study; without those of which a run is missing on either side.
    """
    found = {one.folder: _facts(one.folder) for one in studies}
    return {folder: facts for folder, facts in found.items() if facts is not None}


def _facts(folder: Path) -> NextFacts | None:
    if folder.name != facts_file().stem:
        return None
    try:
        asked = read_next_facts(facts_file())
        plans = plans_of(asked, Doing(folder.parent, n_workers=1))
        return None if plans.lacking() else valued(asked, measured(asked, plans))
    except BordersimError:
        return None  # of another version or too few draws: told as any other runs


def facts_part(found: NextFacts) -> Part:
    """Tell what each report would take away of what is uncertain, and whom it could hurt."""
    blocks: list[Block] = []
    if trial := found.trial():
        blocks.append(Prose(f"A trial, no answer: made from {trial}."))
    blocks += [
        Prose(f"{head(found)} Value within the model, before anybody has reported anything."),
        Prose(best_words(found)),
        _table("What each report would take away of who did it", value_table(found)),
        drawn(found.plot, f"{alt_text(found)}.", _CAPTION),
        Fold("By factor", [_table("By factor, of its weight", part_table(found, WEIGHT))]),
        Fold(
            "Who could make these reports, and whom that could hurt",
            [_table("Reports that nobody has made", report_table(found))],
        ),
    ]
    notes = (*(f"{note}." for note in found.notes()), *methods(found))
    return Part(found.asked.title, [*blocks, Fold("How value is worked out", [Listed(notes)])])


_CAPTION = "Variance that each report would take away, in per cent: overall, and by factor."


def _table(caption: str, content: Cells) -> Table:
    return Table(caption, *content)
