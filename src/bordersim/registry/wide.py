"""Tables of the evidence with several figures a row: arrivals by sex, homes, money."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bordersim.errors import Problem
from bordersim.registry.codebook import Codebook
from bordersim.registry.entries import Entry
from bordersim.registry.rows import check_words, make_entry, read_as
from bordersim.tables import Row, read_table

ARRIVALS = ("year", "total", "male", "female", "use", "grade", "sex_grade", "status", "source")
PROVINCES = (
    "province", "population_2008", "borders", "cumulative_defectors_2024", "female_share",
    "use", "grade", "source", "note",
)  # fmt: skip
MONEY = ("year", "krw_per_usd", "cny_per_usd", "cpi_korea_2015", "source")

_CENSUS, _HOMES = "2008", "1998-2024"
_RATES = {
    "krw_per_usd": ("won per US dollar", "KRW per USD"),
    "cny_per_usd": ("yuan per US dollar", "CNY per USD"),
    "cpi_korea_2015": ("consumer prices of South Korea", "2015 = 100"),
}
_MOST = (0.0, 1e9)


def read_arrivals(path: Path, book: Codebook, problems: list[Problem]) -> list[Entry]:
    """Read arrivals by year: one entry for the total, one for the share of women.

    Parameters
    ----------
    path
        CSV file with ``ARRIVALS``.
    book
        What its words mean.
    problems
        Receives every mistake.

    Returns
    -------
    list of Entry
        ``arrivals.YEAR`` and ``women.YEAR``.
    """
    entries = []
    for row in read_table(path, ARRIVALS, problems, closed=True):
        before = len(problems)
        check_words(row, book, problems)
        year = int(row.within("year", (1995, 2100), problems, whole=True))
        total = row.within("total", (1, 1e9), problems, whole=True)
        women = _women(row, total, book, problems)
        if len(problems) > before:
            continue
        note = row.cells["status"]
        cells = {"id": f"arrivals.{year}", "period": str(year), "note": note}
        entries.append(_entry(row, book, cells, ("arrivals in the South", "people"), total))
        if women is not None:
            cells = cells | {"id": f"women.{year}", "grade": row.cells["sex_grade"]}
            named = ("share of women among arrivals", "share")
            entries.append(_entry(row, book, cells, named, women / total))
    return entries


def _women(row: Row, total: float, book: Codebook, problems: list[Problem]) -> float | None:
    """Women among a year's arrivals, or None where the sexes were not counted."""
    cells = [row.cells[name].strip() for name in ("male", "female", "sex_grade")]
    if not any(cells):
        return None
    if row.cells["sex_grade"] not in book.grades:
        message = f'got "{row.cells["sex_grade"]}"; allowed: {", ".join(book.grades)}'
        problems.append(Problem(row.where, "sex_grade", message))
    men, women = (row.within(name, _MOST, problems, whole=True) for name in ("male", "female"))
    if men + women != total:
        message = f"{men:,.0f} men and {women:,.0f} women are not {total:,.0f} people"
        problems.append(Problem(row.where, "female", message))
    return women


def read_provinces(path: Path, book: Codebook, problems: list[Problem]) -> list[Entry]:
    """Read the census, the homes of arrivals and the share of women among them.

    Parameters
    ----------
    path
        CSV file with ``PROVINCES``.
    book
        What its words mean.
    problems
        Receives every mistake.

    Returns
    -------
    list of Entry
        ``residents.HOME``, ``home.HOME`` (share of arrivals) and ``home_women.HOME``.
    """
    rows = read_table(path, PROVINCES, problems, closed=True)
    before = len(problems)
    for row in rows:
        check_words(row, book, problems)
    arrived = {
        row.where: row.within("cumulative_defectors_2024", _MOST, problems, whole=True)
        for row in rows
        if row.cells["cumulative_defectors_2024"].strip()
    }
    residents = [row.within("population_2008", (1, 1e9), problems, whole=True) for row in rows]
    women = {
        row.where: row.within("female_share", (0.0, 1.0), problems)
        for row in rows
        if row.cells["female_share"].strip()
    }
    if len(problems) > before or not sum(arrived.values()):
        return []
    whole = sum(arrived.values())
    entries = []
    for row, people in zip(rows, residents, strict=True):
        name = row.cells["province"]
        home = name.lower().replace(" ", "_")
        cells = {"id": f"residents.{home}", "period": _CENSUS, "place": name, "use": "context"}
        entries.append(_entry(row, book, cells, ("residents in 2008", "people"), people))
        cells = {"id": f"home.{home}", "period": _HOMES, "place": name}
        if row.where in arrived:
            named = ("share of arrivals from a home", "share")
            entries.append(_entry(row, book, cells, named, arrived[row.where] / whole))
        cells = cells | {"id": f"home_women.{home}", "use": "context"}
        if row.where in women:
            named = ("share of women among arrivals from a home", "share")
            entries.append(_entry(row, book, cells, named, women[row.where]))
    return entries


def read_money(path: Path, book: Codebook, problems: list[Problem]) -> list[Entry]:
    """Read exchange rates and consumer prices, which bring fees to one money.

    Parameters
    ----------
    path
        ``money.csv`` of the scenarios' data.
    book
        What its words mean.
    problems
        Receives every mistake.

    Returns
    -------
    list of Entry
        ``krw_per_usd.YEAR``, ``cny_per_usd.YEAR`` and ``cpi_korea_2015.YEAR``.
    """
    entries = []
    for row in read_table(path, MONEY, problems, closed=True):
        year = row.cells["year"]
        for column, named in _RATES.items():
            before = len(problems)
            value = row.within(column, (1e-6, 1e9), problems)
            cells = {"id": f"{column}.{year}", "period": year, "use": "context", "grade": "E"}
            if len(problems) == before:
                entries.append(_entry(row, book, cells | {"kind": "point"}, named, value))
    return entries


def _entry(
    row: Row, book: Codebook, cells: Mapping[str, str], named: tuple[str, str], value: float
) -> Entry:
    """One figure of a row, exact unless the cells say otherwise."""
    quantity, unit = named
    plain = {"place": "", "note": "", "kind": "exact"}
    full = plain | row.cells | {"quantity": quantity, "unit": unit} | dict(cells)
    ends = read_as(full["kind"], (value, value), 0.0, book.point)
    return make_entry(Row(row.where, full), book, ends, (value, value), "")
