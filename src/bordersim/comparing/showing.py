"""Comparisons and ledgers as a notebook shows them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bordersim.comparing.cells import (
    Table,
    by_point,
    effect_table,
    error_table,
    fate_effect_table,
    move_table,
    source_table,
    units_of,
)
from bordersim.comparing.comparison import PRECISION
from bordersim.comparing.estimates import precision_words
from bordersim.dates import month_label
from bordersim.reports import rows_of

if TYPE_CHECKING:
    from bordersim.comparing.comparison import Comparison
    from bordersim.comparing.ledger import Ledger

SHOWN_MOVES = 15
"""Moves before the rest is counted."""

_WORDS = frozenset({"quantity", "unit", "effect on", "in A", "in B"})


def comparison_html(comparison: Comparison) -> str:
    """Effects with intervals, then errors.

    Parameters
    ----------
    comparison
        Of any number of pairs.

    Returns
    -------
    str
        HTML.
    """
    rows = comparison.rows()
    a, b = map(escape, comparison.names)
    notes = " ".join(
        filter(
            None,
            (units_of(rows), *comparison.methods(), comparison.note and f"{comparison.note}."),
        )
    )
    tables = "".join(
        (f"<p><b>{escape(point)}</b></p>" if point else "")
        + _html(effect_table(here))
        + _html(error_table(here, precision_words(PRECISION)))
        for point, here in by_point(rows).items()
    )
    return (
        f"<p><b>{b}</b> (B) against <b>{a}</b> (A), {comparison.span()}, "
        f"{len(comparison.pairs)} pairs; simulated, no forecast</p>"
        f"{tables}"
        f"<p><small>{escape(notes)}</small></p>"
    )


def ledger_html(ledger: Ledger) -> str:
    """Effects, what arrivals are made of, and the largest moves.

    Parameters
    ----------
    ledger
        Of any number of pairs.

    Returns
    -------
    str
        HTML.
    """
    a, b = map(escape, ledger.names)
    span = " to ".join(map(month_label, (ledger.window.first, ledger.window.last)))
    moves = rows_of(ledger.moves())
    shown = move_table(moves, SHOWN_MOVES)
    more = len(moves) - len(shown[1])
    rest = f"<p><small>and {more} smaller: <code>.moves()</code></small></p>" if more else ""
    return (
        f"<p><b>Fates in {b}</b> (B) against <b>{a}</b> (A), {span}, "
        f"people, mean of {len(ledger.matrices)} pairs</p>"
        f"{_html(fate_effect_table(rows_of(ledger.summary().reset_index())))}"
        f"{_html(source_table(rows_of(ledger.sources().reset_index()), 'arrive'))}"
        f"{_html(shown)}{rest}"
    )


def _html(table: Table) -> str:
    headings, rows = table
    sides = ["left" if name in _WORDS or k == 0 else "right" for k, name in enumerate(headings)]
    head = "".join(f"<th>{escape(name)}</th>" for name in headings)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align:{side}">{escape(cell)}</td>'
            for side, cell in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
