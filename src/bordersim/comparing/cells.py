"""Effects and fates as the words and digits of a table, in a terminal or a notebook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bordersim.wording import number

Row = Mapping[str, Any]
Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Headings, and rows of cells."""

SMALLEST = 0.5
"""People below which a move is not shown by itself."""


def signed(value: float, places: int | None = None) -> str:
    """A difference with its sign; a dash where it is not known.

    Parameters
    ----------
    value
        Any number.
    places
        Decimals; as many as four digits need when None.
    """
    if math.isnan(value):
        return "-"
    if abs(value) >= 1000:
        text = f"{abs(value):,.0f}"
    else:
        text = f"{abs(value):.{places}f}" if places is not None else number(abs(value), 3)
    if not text.strip("0."):
        return text
    return f"{'-' if value < 0 else '+'}{text}"


def _value(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else number(value, 3)


def _people(value: float) -> str:
    return f"{value:,.0f}"


def _places(row: Row) -> int | None:
    """Decimals of people: none, unless there are few."""
    return 0 if abs(row["a"]) >= 100 or abs(row["b"]) >= 100 else None


def effect_cell(row: Row) -> str:
    """Effect and its interval."""
    places = _places(row)
    if math.isnan(row["low"]):
        return signed(row["effect"], places)
    ends = (signed(row[end], places) for end in ("low", "high"))
    return f"{signed(row['effect'], places)} [{', '.join(ends)}]"


def relative_cell(row: Row) -> str:
    """Effect in per cent of A, and its interval."""
    value, ends = row["relative"], (row["relative_low"], row["relative_high"])
    if math.isnan(value):
        return "-"
    places = 1 if abs(value) < 0.095 else 0
    texts = [signed(100 * one, places) for one in (value, *ends)]
    return f"{texts[0]} %" + ("" if math.isnan(ends[0]) else f" [{texts[1]}, {texts[2]}]")


def name_cell(row: Row) -> str:
    """What was compared, and of whom."""
    name = str(row["observable"]).replace("_", " ")
    return f"{name} ({row['of']})" if row["of"] else name


def by_point(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of each point of the design under its values; under nothing if there is one."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["at"], []).append(row)
    return found


def effect_table(rows: Sequence[Row]) -> Table:
    """Means, effect and interval, one row a quantity; ``units_of`` says in what."""
    headings = ("quantity", "A", "B", "effect [90 %]", "of A [90 %]")
    return headings, [
        (
            name_cell(row),
            _value(row["a"]),
            _value(row["b"]),
            effect_cell(row),
            relative_cell(row),
        )
        for row in rows
    ]


def units_of(rows: Sequence[Row]) -> str:
    """Units of the rows in one sentence."""
    units: dict[str, list[str]] = {}
    for row in rows:
        unit = f"{row['unit']}, {'added up' if row['over'] == 'total' else 'mean'}"
        name = str(row["observable"]).replace("_", " ")
        if name not in units.setdefault(unit, []):
            units[unit].append(name)
    if len(units) == 1:
        return f"{next(iter(units))} over the window.".capitalize()
    told = "; ".join(f"{', '.join(names)}: {unit}" for unit, names in units.items())
    return f"Over the window, {told}."


def error_table(rows: Sequence[Row], precision: str) -> Table:
    """What seeds contribute, and how many pairs more precision would take."""
    of_draws = any(row["draws"] > 1 for row in rows)
    headings = (
        "quantity", "Monte-Carlo error", "pairs", *(("draws", "luck") * of_draws),
        "variance reduced", f"pairs for {precision}",
    )  # fmt: skip
    return headings, [
        (
            name_cell(row),
            _value(row["mc_error"]),
            str(row["pairs"]),
            *((str(row["draws"]), _share(row["seed_share"])) * of_draws),
            _times(row["variance_reduction"]),
            "-" if row["pairs_needed"] is None else f"{row['pairs_needed']:,}",
        )
        for row in rows
    ]


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"


def _times(value: float) -> str:
    if math.isnan(value):
        return "-"
    return "all of it" if math.isinf(value) else f"{number(value, 2)} x"


def fate_effect_table(rows: Sequence[Row]) -> Table:
    """Effects of a ledger, and their two parts where it was split."""
    split = "direct" in rows[0] if rows else False
    headings = ("effect on", "A", "B", "effect", *(("direct", "through market") * split))
    return headings, [
        (
            str(row["effect on"]),
            _people(row["a"]),
            _people(row["b"]),
            signed(row["effect"], 0),
            *((signed(row["direct"], 0), signed(row["market"], 0)) if split else ()),
        )
        for row in rows
    ]


def source_table(rows: Sequence[Row], verb: str) -> Table:
    """What an effect is made of; ``verb`` says what is gained, such as "arrive"."""
    headings = (f"who would otherwise not {verb}", f"{verb} in B only", f"{verb} in A only", "net")
    listed = sorted(rows, key=lambda row: -abs(row["net"]))
    return headings, [
        (str(row["fate"]), _people(row["gained"]), _people(row["lost"]), signed(row["net"], 0))
        for row in listed
    ]


def move_table(rows: Sequence[Row], most: int) -> Table:
    """The largest groups whose fate differs."""
    listed = [row for row in rows if row["people"] >= SMALLEST]
    return ("in A", "in B", "people"), [
        (str(row["in A"]), str(row["in B"]), _people(row["people"])) for row in listed[:most]
    ]
