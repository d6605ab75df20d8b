"""Indices as the words and digits of a table, in a terminal or a notebook."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from bordersim.reported import share_simulated
from bordersim.sensing.indices import Luck
from bordersim.sweeping.designs import MORRIS
from bordersim.wording import count, number

if TYPE_CHECKING:
    from bordersim.sensing.analysis import Answer, Sensitivity

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Headings, and rows of cells; the last says what an index is worth."""

NOISE, INERT, UNKNOWN = "noise", "inert", "unknown"
"""Not above its floor; moves nothing at all; not to be told with one seed."""


def head(found: Sensitivity) -> str:
    """What was done, in one line."""
    screening = found.inputs.kind == MORRIS
    blocks = count(found.n_blocks, "trajectory" if screening else "base point")
    if screening and found.n_blocks != 1:
        blocks = f"{found.n_blocks:,} trajectories"
    kind = "Morris screening" if screening else "Sobol indices"
    inputs = count(len(found.inputs.axes), "input")
    seeds = count(found.n_seeds, "seed")
    return f"{kind}: {inputs}, {blocks}, {seeds} at each point, {share_simulated(found.scale)}"


def title(found: Sensitivity, answer: Answer) -> str:
    """Which outcome of which scenario a table is about."""
    name = answer.quantity.name.replace("_", " ")
    of = f" ({answer.of})" if answer.of else ""
    several = len({one.scenario for one in found.answers}) > 1
    where = f", {answer.scenario}" if several else ""
    how = {"total": "added up", "mean": "mean", "ratio": "mean"}[answer.quantity.how]
    return f"{name}{of}{where}: {answer.quantity.unit}, {how}"


def luck_words(answer: Answer, n_seeds: int) -> str:
    """Mean and spread of an outcome, and what luck has to do with them."""
    said = f"Mean {number(answer.mean, 3)}, standard deviation {number(answer.spread, 3)}"
    luck: Luck = answer.luck
    if n_seeds == 1:
        said += "; one seed, so that luck is not known"
    elif not math.isnan(luck.share):
        said += f"; luck makes {_percent(luck.share)} of the variance between points"
        if not math.isnan(luck.cancelled):
            said += f", the same seeds having cancelled {_percent(luck.cancelled)} of it"
    if answer.left_out:
        said += f"; {count(answer.left_out, 'block')} of points left out, without an outcome"
    return f"{said}."


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.005 or share == 0 else "under 1%"


def index_table(found: Sensitivity, answer: Answer) -> Table:
    """Indices with their intervals and floors, one row an input."""
    rows = found.rows_of(answer)
    if found.inputs.kind == MORRIS:
        headings = ("input", "mu* [90 %]", "floor", "mu", "sigma", "")
        return headings, [
            (
                row["input"],
                _with_interval(row, "mu_star"),
                _number(row["mu_star_floor"]),
                _signed(row["mu"]),
                _number(row["sigma"]),
                verdict(row, "mu_star"),
            )
            for row in rows
        ]
    headings = ("input", "total [90 %]", "floor", "first [90 %]", "floor", "")
    return headings, [
        (
            row["input"],
            _with_interval(row, "st"),
            _share(row["st_floor"]),
            _with_interval(row, "s1"),
            _share(row["s1_floor"]),
            verdict(row, "st"),
        )
        for row in rows
    ]


def pair_table(found: Sensitivity, most: int) -> Table:
    """The largest indices of pairs, both of which stand above their floors."""
    rows = [row for row in found.pairs() if row["above_noise"]][:most]
    several = len({one.scenario for one in found.answers}) > 1
    return ("outcome", "input", "with", "second [90 %]"), [
        (
            row["outcome"].replace("_", " ") + (f", {row['scenario']}" if several else ""),
            row["input"],
            row["with"],
            _with_interval(row, "s2"),
        )
        for row in rows
    ]


def methods(found: Sensitivity) -> list[str]:
    """What the columns mean."""
    floor = (
        "Floor: what an input that only changes luck would reach, at most, in 95 of 100 such "
        "studies. Noise: not above its floor, so not distinguishable from luck. Inert: it moved "
        "nothing at all."
    )
    if found.inputs.kind == MORRIS:
        return [
            "mu*: mean size of the effect of an input across its whole range, in the unit of the "
            "outcome; mu: with sign; sigma: how much it differs with the other inputs.",
            floor,
        ]
    return [
        "First: share of the variance between points that an input makes alone; total: with all "
        "that it interacts with. Shares of totals may add up to more than 1.",
        floor,
    ]


def verdict(row: Mapping[str, Any], main: str) -> str:
    """What an index is worth, in words; empty when it stands above the floor."""
    if row["above_noise"] is None:
        return UNKNOWN
    if row["above_noise"]:
        return ""
    return INERT if row[main] == 0 and row[f"{main}_floor"] == 0 else NOISE


def _with_interval(row: Mapping[str, Any], name: str) -> str:
    text = _share if name in ("s1", "st", "s2") else _number
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{text(row[name])} [{text(low)}, {text(high)}]"


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else number(value, 3)


def _signed(value: float) -> str:
    return f"+{_number(value)}" if value > 0 else _number(value)


def _share(value: float) -> str:
    if math.isnan(value):
        return "-"
    return "<0.01" if 0.0 < value < 0.005 else f"{value:.2f}".replace("-0.00", "0.00")


def sensitivity_html(found: Sensitivity) -> str:
    """Indices as tables of a notebook."""
    tables = "".join(
        f"<p><b>{escape(title(found, answer))}</b><br>"
        f"<small>{escape(luck_words(answer, found.n_seeds))}</small></p>"
        + _html(index_table(found, answer))
        for answer in found.answers
    )
    pairs = pair_table(found, 12)
    return (
        f"<p>{escape(head(found))}; {found.span}; simulated, no forecast</p>{tables}"
        + (_html(pairs) if pairs[1] else "")
        + f"<p><small>{escape(' '.join((*found.notes, *methods(found))))}</small></p>"
    )


def _html(table: Table) -> str:
    headings, rows = table
    words = {0, len(headings) - 1}

    def cells(tag: str, texts: tuple[str, ...]) -> str:
        sides = ("left" if k in words else "right" for k in range(len(texts)))
        return "".join(
            f'<{tag} style="text-align:{side}">{escape(text)}</{tag}>'
            for side, text in zip(sides, texts, strict=True)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', headings)}</tr></thead><tbody>{body}</tbody></table>"
