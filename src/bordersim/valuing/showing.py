"""The value of facts as the words and digits of tables, in a terminal, a notebook or a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from bordersim.attributing.spec import period_text
from bordersim.comparing.cells import Table
from bordersim.valuing.spec import LOG, Fact
from bordersim.valuing.targets import ALL, WEIGHT
from bordersim.wording import count, number

if TYPE_CHECKING:
    from bordersim.valuing.results import NextFacts, Row

ABOUT = "~"
"""Before a figure that rests on the linear forecast alone."""

OPEN = "?"
"""Behind a figure that a fact which tells nothing could reach by chance."""

TOGETHER = "together: "

NOW = "sd now"
"""Row of how uncertain each part is before any report."""


def head(found: NextFacts) -> str:
    """What is valued, and from how many draws."""
    asked = found.asked
    question = asked.question
    change = f"{period_text(question.first)} to {period_text(question.last)}"
    made = f"{count(len(found.targets.values), 'draw')} x {count(question.n_seeds, 'seed')}"
    facts = f"{count(len(found.values), 'fact')} valued"
    return (
        f"{question.name}: {asked.observable.replace('_', ' ')}, {change}; {facts} on {made} "
        "of the posterior."
    )


def value_table(found: NextFacts) -> Table:
    """What each fact takes of who did it: both methods, the interval, the draws left."""
    headings = ("report", "variance gone, %", "linear, %", "width, %", "draws left")
    rows: list[tuple[str, ...]] = []
    for row in found.rows(WEIGHT, ALL):
        rows.append(
            (
                row_name(row),
                told(row),
                _percent(row["linear"], row["linear_error"]),
                "-" if math.isnan(row["narrower"]) else f"{-100 * row['narrower']:+.0f}",
                f"{row['effective']:.0f}",
            )
        )
    return headings, rows


def part_table(found: NextFacts, kind: str) -> Table:
    """What each fact takes of the variance of every factor's weight or share."""
    by_part = {
        part: {row["fact"]: told(row) for row in found.rows(kind, part)} for part in found.parts
    }
    shown = [*(part for part in found.parts if part != ALL), ALL]
    headings = ("report", *("who did it" if part == ALL else part for part in shown))
    now = np.sqrt(found.targets.variance)
    spread = [number(float(now[found.targets.row(kind, part)]), 2) for part in shown]
    return headings, [
        (NOW, *spread),
        *((row_name(row), *(by_part[part][row["fact"]] for part in shown)) for row in found.rows()),
    ]


def row_name(row: Row) -> str:
    """A fact, or several; of several, one below the other."""
    names = row["facts"]
    return names[0] if len(names) == 1 else TOGETHER + "\n + ".join(names)


def told(row: Row) -> str:
    """A reduction in per cent and its error, marked where it rests on little."""
    if math.isnan(row["best"]):
        return "-"
    if not row["judged"]:
        return ABOUT + _percent(row["linear"], row["linear_error"])
    return _percent(row["reduction"], row["error"]) + ("" if row["clear"] else OPEN)


def _percent(value: float, error: float) -> str:
    if math.isnan(value):
        return "-"
    text = f"{100 * value:.0f}"
    return f"{'0' if text == '-0' else text} ± {100 * error:.0f}"


def error_words(fact: Fact) -> str:
    """The error of a report, so that it can be pictured."""
    if fact.scale == LOG:
        return f"within {100 * (math.exp(fact.error) - 1):.0f} %"
    high = 1.0 / (1.0 + math.exp(-fact.error))
    return f"for a half, .{100 * (1 - high):02.0f} to .{100 * high:02.0f}"


def best_words(found: NextFacts) -> str:
    """Which fact takes most, in a sentence."""
    rows = found.rows()
    single = next(row for row in rows if len(row["facts"]) == 1)
    fact = next(one for one in found.measured.there if one.id == single["fact"])
    if not single["best"] > 0 or (single["judged"] and not single["clear"]):
        return "No single report listed here would narrow who did it by more than chance does."
    words = (
        f"The most telling single report would take away {_of_variance(single)} of the variance "
        f"of who did it: {fact.title}."
    )
    more = [row for row in rows if len(row["facts"]) > 1]
    if more:
        words += f" The best {len(more[-1]['facts'])} together: {_of_variance(more[-1])}."
    return f"{words} {_by_part_words(found)}".strip()


def _by_part_words(found: NextFacts) -> str:
    """Which fact tells most of each factor's weight, where one stands out of chance."""
    told_of = []
    for part in found.parts:
        rows = [row for row in found.rows(WEIGHT, part) if len(row["facts"]) == 1]
        if part != ALL and rows and rows[0]["clear"]:
            told_of.append(f"{part}, {rows[0]['fact']} ({100 * rows[0]['reduction']:.0f} %)")
    return f"Of single weights: {'; '.join(told_of)}." if told_of else ""


def _of_variance(row: Row) -> str:
    if row["judged"]:
        return f"{100 * row['reduction']:.0f} % (± {100 * row['error']:.0f})"
    return f"about {100 * row['linear']:.0f} % (± {100 * row['linear_error']:.0f}, linear)"


def methods(found: NextFacts) -> list[str]:
    """What the columns mean, and what they do not."""
    return [
        "Variance gone: the part of what is uncertain now that the report would take away, on "
        "average over what it may turn out to say; ± one standard error. 75 % of a variance is "
        "half of a standard deviation.",
        "Width: how the 90 % intervals change, all added up. Draws left: the median effective "
        "number of draws that agree with a report.",
        f"{OPEN}: a report that tells nothing reaches as much in 1 of 20 cases. {ABOUT}: too few "
        "draws agree with such reports to reweight; linear forecast.",
        "Who did it: the variances of all weights added up; a weight is a share over the sum of "
        "the sizes of all, momentum among them.",
        "Value is worked out within the model, and of what the posterior draws: what was fixed "
        "in the calibration has none here.",
    ]


def next_facts_html(found: NextFacts) -> str:
    """Values, overall and by factor, as tables of a notebook."""
    tables = (("Who did it", value_table(found)), ("By factor", part_table(found, WEIGHT)))
    text = "".join(f"<p><b>{escape(title)}</b></p>{_html(table)}" for title, table in tables)
    notes = " ".join((*(f"{note}." for note in found.notes()), *methods(found)))
    trial = f"<br>A trial, no answer: {escape(found.trial())}." if found.trial() else ""
    return (
        f"<p><b>{escape(found.asked.title)}</b><br>{escape(head(found))}{trial}</p>{text}"
        f"<p><small>{escape(notes)}</small></p>"
    )


def _html(table: Table) -> str:
    headings, rows = table

    def cells(tag: str, texts: Sequence[str]) -> str:
        return "".join(
            f'<{tag} style="text-align:{"right" if k else "left"}">'
            f"{escape(text).replace(chr(10), '<br>')}</{tag}>"
            for k, text in enumerate(texts)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', headings)}</tr></thead><tbody>{body}</tbody></table>"


def spread_table(found: NextFacts) -> Table:
    """How far draws differ about each fact, beside the error of its report."""
    headings = ("report", "scale", "draws differ by", "report errs by", "luck")
    return headings, [
        (
            row["fact"],
            row["scale"],
            *(number(row[key], 2) for key in ("spread", "error", "luck")),
        )
        for row in found.figure_rows()
    ]
