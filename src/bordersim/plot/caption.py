"""Words of the page: what was simulated, what the marks mean, who said what."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from bordersim._version import __version__
from bordersim.dates import month_label
from bordersim.plot.marks import Mark
from bordersim.plot.panels import Panel
from bordersim.plot.series import Runs, common_span
from bordersim.policies import Policy
from bordersim.reported import seeds_of, share_simulated
from bordersim.study import StoredRun

SHOWN_RUNS = 4
"""Run ids named before the rest are counted."""

TOO_LOW = 0.02
"""Marks below this share of a linear axis are told in words."""


def basis_of(runs: Runs) -> str:
    """Span, share of the population, seeds."""
    span = common_span(runs)
    count = "one run" if len(runs) == 1 else f"{len(runs)} runs"
    return (
        "Simulated, not observed; not a forecast. "
        f"{month_label(span.first)} to {month_label(span.last)}; "
        f"{share_simulated(runs[0].scale)}; {count}, {seeds_of(runs)}."
    )


def notes_of(runs: Runs, panels: Sequence[Panel], policies: Sequence[Policy] | None) -> list[str]:
    """Paragraphs below the panels."""
    letters = dict(zip("abcdef", panels, strict=True))
    notes = [f"{_lines(runs)} {_definitions(letters)}", sources_of(panels)]
    return [*filter(None, notes), _provenance(runs, policies)]


def _lines(runs: Runs) -> str:
    if len(runs) == 1:
        return "Lines: one run; other seeds give other numbers."
    return f"Lines: mean of {len(runs)} runs; shading: the middle 90 % of them."


def _definitions(letters: dict[str, Panel]) -> str:
    texts = []
    if letters["a"].marks:
        texts.append(
            "(a) Simulated by month of debriefing; reported by calendar year by the Ministry of "
            "Unification, whose first releases differ by 1-2 %."
        )
    texts.append(
        f"(b) Means over the deals of each {letters['b'].period}; grey: cheapest to dearest of "
        "the six places. Reports in yuan or dollars at the approximate mean rate of the year."
    )
    texts.append(
        "(d) Levels of death and custody rest on assumptions; no count exists to hold them "
        "against. (e) Guards who took any bribe within the months that an inspection looks "
        "back on, for goods too; whose price is at or below the going bribe; their part of the "
        f"fees of each {letters['b'].period}. (f) Perceived chance of being punished in a year."
    )
    return " ".join(texts)


def sources_of(panels: Sequence[Panel]) -> str:
    """Who reported what: sources in order of their first mark, each with its numbers."""
    by_source: dict[str, list[str]] = {}
    for panel in panels:
        for mark in panel.marks:
            if mark.number:
                by_source.setdefault(mark.source, []).append(_numbered(mark, panel))
    named = (f"{', '.join(marks)} {source}" for source, marks in by_source.items())
    return f"Reports: {'; '.join(named)}." if by_source else ""


def _numbered(mark: Mark, panel: Panel) -> str:
    """Number of a mark, with its value when the axis cannot show it."""
    value = ""
    if panel.scale == "linear" and mark.high < TOO_LOW * panel.highest:
        ends = dict.fromkeys(f"{end:.2g}" for end in (mark.low, mark.high) if isfinite(end))
        value = "-".join(ends)
    told = ", ".join(text for text in (value, mark.about) if text)
    return f"{mark.number} ({told})" if told else str(mark.number)


def _provenance(runs: Runs, policies: Sequence[Policy] | None) -> str:
    ids = [run.run_id for run in runs]
    more = f" and {len(ids) - SHOWN_RUNS} more" if len(ids) > SHOWN_RUNS else ""
    named = ", ".join(ids[:SHOWN_RUNS]) + more
    text = (
        f'Scenario "{runs[0].scenario_name}"; bordersim {_version(runs)}; '
        f"run{'s' if len(ids) > 1 else ''} {named}."
    )
    if policies is None:
        return text + " Its policies are not those of any shipped scenario and are not shown."
    return text if policies else text + " No policy of the scenario begins within the span."


def _version(runs: Runs) -> str:
    versions = {
        str(run.row.columns["version"]) if isinstance(run, StoredRun) else __version__
        for run in runs
    }
    return ", ".join(sorted(versions))
