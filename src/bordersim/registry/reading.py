"""The whole evidence, read and checked at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.errors import Problem, ScenarioError
from bordersim.registry.codebook import Codebook, read_codebook
from bordersim.registry.entries import Entry, Registry
from bordersim.registry.rows import read_rows
from bordersim.registry.texts import Fact, read_facts, read_mechanisms, read_timeline
from bordersim.registry.wide import read_arrivals, read_money, read_provinces
from bordersim.tables import read_table

TABLES = ("arrivals_subannual", "fees", "shares", "china", "claims", "drivers")
"""Tables whose rows are entries."""

SOURCES = ("source", "grade", "citation")


def registry() -> Registry:
    """Read the shipped evidence; remembered until one of its files changes.

    Returns
    -------
    Registry
        Every entry.

    Raises
    ------
    ScenarioError
        With every mistake in every file.
    """
    folder, money = evidence_folder(), scenarios_folder() / "data" / "money.csv"
    files = sorted(path for path in folder.iterdir() if path.suffix in (".csv", ".md", ".yaml"))
    stats = [path.stat() for path in (*files, money)]
    return _remembered(folder, money, tuple((s.st_mtime_ns, s.st_size) for s in stats))


@lru_cache(maxsize=2)
def _remembered(folder: Path, money: Path, stamps: tuple[tuple[int, int], ...]) -> Registry:
    # The stamps are only part of the cache's key.
    return read_registry(folder, money)


def read_registry(folder: Path, money: Path) -> Registry:
    """Read a folder of evidence.

    Parameters
    ----------
    folder
        With the codebook, the tables and ``reported.md``.
    money
        Table of exchange rates and prices.

    Returns
    -------
    Registry
        Every entry, in the order of the files.

    Raises
    ------
    ScenarioError
        With every mistake in every file.
    """
    problems: list[Problem] = []
    book = read_codebook(folder, problems)
    if book is None:
        raise ScenarioError(problems)
    sources, grades = _sources(folder / "sources.csv", book, problems)
    facts = read_facts(folder / "reported.md", problems)
    claims = {fact.id: fact.text for fact in facts}
    entries = read_arrivals(folder / "arrivals.csv", book, problems)
    for name in TABLES:
        entries += read_rows(folder / f"{name}.csv", book, claims, problems)
    entries += read_provinces(folder / "provinces.csv", book, problems)
    entries += read_mechanisms(facts, grades, problems)
    entries += read_timeline(folder / "timeline.csv", book, problems)
    entries += read_money(money, book, problems)
    if not problems:
        problems.extend(_repeated(entries))
        problems.extend(_unmatched(entries, facts))
    if problems:
        raise ScenarioError(problems)
    return Registry(entries, book.grades, sources)


def _sources(
    path: Path, book: Codebook, problems: list[Problem]
) -> tuple[dict[str, str], dict[str, str]]:
    """Citation and grade of every source that has a short name."""
    citations: dict[str, str] = {}
    grades: dict[str, str] = {}
    for row in read_table(path, SOURCES, problems, closed=True):
        name, grade = row.cells["source"], row.cells["grade"]
        if grade not in book.grades:
            message = f'got "{grade}"; allowed: {", ".join(book.grades)}'
            problems.append(Problem(row.where, "grade", message))
        if name in citations:
            problems.append(Problem(row.where, "source", f'"{name}" is given twice'))
        citations[name], grades[name] = row.cells["citation"], grade
    return citations, grades


def _repeated(entries: Iterable[Entry]) -> list[Problem]:
    first: dict[str, str] = {}
    problems = []
    for entry in entries:
        if entry.id in first:
            message = f'"{entry.id}" is given twice, first at {first[entry.id]}'
            problems.append(Problem(entry.where, "id", message))
        first.setdefault(entry.id, entry.where)
    return problems


def _unmatched(entries: Iterable[Entry], facts: Iterable[Fact]) -> list[Problem]:
    """Facts of the founding reports without a row, and rows without their fact."""
    told = {fact.id: fact for fact in facts}
    given = {entry.id: entry for entry in entries}
    found = [
        Problem(fact.where, fact.id, "no table says what may be done with it; add it to claims.csv")
        for fact in told.values()
        if fact.id not in given
    ]
    found += [
        Problem(entry.where, "id", f'"{entry.id}" is no fact of reported.md; add what is said')
        for entry in given.values()
        if entry.id.startswith(("S1.", "S2.")) and entry.id not in told
    ]
    return found
