"""Tables of the evidence whose every row is one entry, or one split into parts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from bordersim.errors import BordersimError, Problem, shortened, suggestion
from bordersim.periods import parse_period
from bordersim.registry.codebook import FIGURES, Codebook, PointRule
from bordersim.registry.entries import CALIBRATE, Entry
from bordersim.tables import Row, read_table

COLUMNS = (
    "id", "period", "quantity", "place", "low", "high", "digit", "unit",
    "kind", "use", "grade", "source", "note",
)  # fmt: skip
"""Columns of these tables; no other is allowed."""

SPLIT = ":"
PARTS = ("trafficker", "guards", "Chinese side")
"""Whose the parts of a split fee are, in the order of the report."""

Ends = tuple[float, float]


def read_rows(
    path: Path, book: Codebook, claims: Mapping[str, str], problems: list[Problem]
) -> list[Entry]:
    """Read a table of entries.

    Parameters
    ----------
    path
        CSV file with ``COLUMNS``.
    book
        What its words mean.
    claims
        Id to what a report says in words, where the figure is one of its.
    problems
        Receives every mistake.

    Returns
    -------
    list of Entry
        Rows with a mistake are left out.
    """
    entries: list[Entry] = []
    for row in read_table(path, COLUMNS, problems, closed=True):
        before = len(problems)
        check_words(row, book, problems)
        check_period(row.where, row.cells["period"], problems)
        ends = _ends(row, problems)
        if len(problems) == before and not entries_mistake(row, problems):
            entries.extend(_entries(row, ends, book, claims))
    return entries


def check_words(row: Row, book: Codebook, problems: list[Problem]) -> None:
    """Report cells whose word is not in the codebook, or that are empty and must not be.

    Parameters
    ----------
    row
        With some of the columns id, kind, use, grade, unit, quantity and source.
    book
        What may stand there.
    problems
        Receives one problem a cell.
    """
    figure = row.cells.get("kind", "exact") in FIGURES
    known = {"kind": book.kinds, "use": book.uses, "grade": book.grades}
    known |= {"unit": book.units, "quantity": book.quantities} if figure else {}
    for column, words in known.items():
        got = row.cells.get(column)
        if got is not None and got not in words:
            message = f'got "{shortened(got)}"{suggestion(got, words)}'
            problems.append(Problem(row.where, column, message))
    for column in ("id", "source"):
        if not row.cells.get(column, "x").strip():
            message = "is empty; every figure has a name and somebody who says it"
            problems.append(Problem(row.where, column, message))


def check_period(where: str, text: str, problems: list[Problem]) -> None:
    """Report a period that cannot be read.

    Parameters
    ----------
    where, text
        File and line; the cell.
    problems
        Receives the mistake.
    """
    try:
        parse_period(text)
    except BordersimError as error:
        problems.append(Problem(where, "period", str(error)))


def entries_mistake(row: Row, problems: list[Problem]) -> bool:
    """Report a kind, a use and figures that do not belong together."""
    cells = row.cells
    kind, use = cells["kind"], cells["use"]
    low, high = cells["low"].strip(), cells["high"].strip()
    found = ""
    if kind not in FIGURES and (low or high):
        found = f"a row of kind {kind} gives no figure, but low or high is filled in"
    elif kind not in FIGURES and use == CALIBRATE:
        found = f"a row of kind {kind} gives no figure and cannot be fitted"
    elif (kind == "forecast") != (use == "forecast"):
        found = f"kind {kind} with use {use}: a forecast is only ever a forecast"
    elif kind in ("exact", "point", "interval", "ratio") and not (low and high):
        found = f"a row of kind {kind} needs low and high"
    elif kind in ("exact", "point") and low != high:
        found = f"a row of kind {kind} gives one figure; got {low} and {high}"
    elif (kind == "upper" and not high) or (kind == "lower" and not low):
        found = f"a row of kind {kind} needs {'high' if kind == 'upper' else 'low'}"
    elif kind == "forecast" and not (low or high):
        found = "a forecast needs low or high"
    if found:
        problems.append(Problem(row.where, "kind", found))
    return bool(found)


def _ends(row: Row, problems: list[Problem]) -> list[Ends]:
    """Low and high of the row, or of each part of a split; NaN where a cell is empty."""
    cells = [row.cells["low"].strip(), row.cells["high"].strip()]
    if any(SPLIT in cell for cell in cells):
        return _parts(row, cells, problems)
    values = [
        row.number(column, problems) if cell else math.nan
        for column, cell in zip(("low", "high"), cells, strict=True)
    ]
    if row.cells["digit"].strip():
        row.within("digit", (1e-9, math.inf), problems)
    low, high = values
    if low > high:
        problems.append(Problem(row.where, "low", f"got {low:g}, above high ({high:g})"))
    return [(low, high)]


def _parts(row: Row, cells: Sequence[str], problems: list[Problem]) -> list[Ends]:
    split = [cell.split(SPLIT) for cell in cells]
    try:
        low, high = ([float(part) for part in parts] for parts in split)
    except ValueError:
        low = high = []
    if len(low) != len(PARTS) or len(high) != len(PARTS) or not (sum(low) > 0 and sum(high) > 0):
        message = f'got "{shortened(cells[0])}" and "{shortened(cells[1])}", expected such as 4:3:3'
        problems.append(Problem(row.where, "low", message))
        return []
    return [(a / sum(low), b / sum(high)) for a, b in zip(low, high, strict=True)]


def _entries(
    row: Row, ends: Sequence[Ends], book: Codebook, claims: Mapping[str, str]
) -> Iterator[Entry]:
    cells = row.cells
    if len(ends) == 1:
        digit = last_digit(cells["digit"] or cells["low"] or "1")
        low, high = read_as(cells["kind"], ends[0], digit, book.point)
        yield make_entry(row, book, (low, high), ends[0], claims.get(cells["id"], ""))
        return
    tenth = 1 / sum(float(part) for part in cells["low"].split(SPLIT))
    for part, name in zip(ends, PARTS, strict=True):
        read = read_as(cells["kind"], part, tenth, book.point)
        named = cells | {"id": f"{cells['id']}.{name.split()[0].lower()}"}
        named |= {"place": name, "unit": "share"}
        yield make_entry(Row(row.where, named), book, read, part, "")


def last_digit(text: str) -> float:
    """Give the unit of the last digit that a number as written says something about.

    Parameters
    ----------
    text
        Such as ``3.50`` (0.01), ``1500000`` (100,000) or, from a column ``digit``, ``1000``.

    Returns
    -------
    float
        A power of ten; 1 for what is no number.
    """
    try:
        _, digits, exponent = Decimal(text.strip()).as_tuple()
    except ArithmeticError:
        return 1.0
    places = int(exponent)
    if places < 0 or not any(digits):
        return float(10.0 ** min(places, 0))
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return float(10.0 ** (places + zeros))


def read_as(kind: str, ends: Ends, digit: float, rule: PointRule) -> Ends:
    """Give the interval that a report is read as.

    Parameters
    ----------
    kind
        How it is worded.
    ends
        As printed.
    digit
        Unit of the last digit.
    rule
        Of the codebook.

    Returns
    -------
    tuple of float
        A bound has one infinite end; anything but a point or a bound stays as it is.
    """
    low, high = ends
    if kind == "point":
        half = max(rule.of_last_digit * digit, rule.at_least * abs(low))
        return low - half, high + half
    if kind == "upper":
        return -math.inf, high
    if kind == "lower":
        return low, math.inf
    if kind == "forecast":
        return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)
    return low, high


def make_entry(row: Row, book: Codebook, read: Ends, printed: Ends, claim: str) -> Entry:
    """Make an entry of a row's cells.

    Parameters
    ----------
    row
        With the columns of ``COLUMNS`` but the figures.
    book
        Gives the definition.
    read, printed
        The figure as it is read and as it stands.
    claim
        What a report says in words; made from the figure when empty.

    Returns
    -------
    Entry
        Of these.
    """
    cells = row.cells
    return Entry(
        id=cells["id"],
        claim=claim or _claim(cells, printed),
        quantity=cells["quantity"],
        place=cells["place"],
        period=cells["period"],
        low=read[0],
        high=read[1],
        reported_low=printed[0],
        reported_high=printed[1],
        unit=cells["unit"],
        kind=cells["kind"],
        definition=book.quantities.get(cells["quantity"], ""),
        source=cells["source"],
        reliability=cells["grade"],
        use=cells["use"],
        note=cells["note"],
        where=row.where,
    )


def _claim(cells: Mapping[str, str], ends: Ends) -> str:
    what = f"{cells['quantity']} ({cells['place']})" if cells["place"] else cells["quantity"]
    if cells["kind"] == "upper":
        ends = math.nan, ends[1]
    return f"{what}, {cells['period']}: {amount(ends, cells['unit'])}"


def amount(ends: Ends, unit: str) -> str:
    """Write a figure as printed: ``2,914 people``, ``up to 1,000 CNY``, ``0.16-0.26``.

    Parameters
    ----------
    ends
        Low and high; NaN where an end is open.
    unit
        Key of the codebook.

    Returns
    -------
    str
        Empty when both ends are open.
    """
    low, high = (f"{end:,.4g}" if abs(end) < 1000 else f"{end:,.0f}" for end in ends)
    words = f" {unit}" if unit not in ("", "share", "ratio") else ""
    if math.isnan(ends[0]) and math.isnan(ends[1]):
        return ""
    if math.isnan(ends[0]):
        return f"up to {high}{words}"
    if math.isnan(ends[1]):
        return f"at least {low}{words}"
    return f"{low}{words}" if ends[0] == ends[1] else f"{low}-{high}{words}"
