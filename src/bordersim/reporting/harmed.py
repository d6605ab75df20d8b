"""Harm in every scenario, and years of it under the posterior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bordersim.codes import HARMS
from bordersim.dates import month_label
from bordersim.figures import total
from bordersim.reported import BAND
from bordersim.reporting.content import Absent, Block, Part, Prose, Section, Table
from bordersim.reporting.finding import FoundStudy
from bordersim.reporting.scorecards import Card
from bordersim.reports import Period
from bordersim.validating.tables import HARM_WORDS, harms_rows

MOST = 400
"""Runs of a scenario that are read."""

NAMES = ("arrivals", *HARMS)

_ASSUMED = (
    "Levels of death and custody rest on assumptions: no count exists to hold them against. Read "
    "which way they move and how far, not how many."
)


def harms_section(studies: Sequence[FoundStudy], cards: Sequence[Card]) -> Section:
    """Tell harm beside arrivals, study by study."""
    blocks: list[Block] = [Prose(_ASSUMED)] if studies or cards else []
    for one in studies:
        rows = [row for name in one.scenarios for row in _rows(one, name)]
        if not rows:
            blocks.append(Part(one.name, [Absent("No finished run here keeps harm.")]))
            continue
        what = "luck"
        if one.drawn:
            what = "draws and luck"
        if one.n_points > 1:
            what += " and the points of the design"
        note = f"People over the whole span: mean over runs [middle 90 %, over {what}]."
        headings = ("scenario", *(HARM_WORDS[name] for name in NAMES), "runs")
        table = Table(f"Arrivals and harm: {one.name}", headings, rows, note=note)
        blocks.append(Part(one.name, [table]))
    for card in cards:
        spans = tuple(dict.fromkeys(card.found.harms()["years"]))
        rows = harms_rows(card.found, brackets=True)
        if spans and rows:
            table = Table(
                f"People a year, posterior: {card.name}", ("harm", *spans),
                rows, note="Median over draws and the band.",
            )  # fmt: skip
            blocks.append(Part(f"By years: {card.name}", [table]))
    if not blocks:
        blocks.append(Absent("No runs are here of which harm could be told."))
    return Section("harms", "Harms", blocks)


def _rows(one: FoundStudy, scenario: str) -> list[tuple[str, ...]]:
    """A row for each span of a scenario's runs."""
    values: dict[Period, list[list[float]]] = {}
    for key in one.ids(scenario)[:MOST]:
        run: Any = one.study.loader(key)()
        span = Period(run.start_month, run.end_month)
        kept = [
            total(run, name, span) if getattr(run, "has", lambda _: True)(name) else np.nan
            for name in NAMES
        ]
        values.setdefault(span, []).append(kept)
    return [
        (
            f"{scenario}\n{month_label(span.first)} to {month_label(span.last)}",
            *(_cell(column) for column in np.array(listed).T),
            f"{len(listed):,}",
        )
        for span, listed in values.items()
        if np.isfinite(np.array(listed)).any()
    ]


def _cell(values: Any) -> str:
    if not np.isfinite(values).all():
        return "-"
    text = f"{values.mean():,.0f}"
    if len(values) == 1:
        return text
    low, high = np.quantile(values, BAND)
    return f"{text}\n[{low:,.0f}, {high:,.0f}]"
