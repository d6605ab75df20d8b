"""The ids that a policy or a lever may cite."""

from __future__ import annotations

from pathlib import Path

from bordersim.errors import Problem, ScenarioError
from bordersim.registry.texts import is_mechanism, read_facts
from bordersim.tables import read_table


def read_evidence(folder: Path) -> dict[str, str]:
    """Collect every id of ``reported.md`` and ``timeline.csv`` with what it says.

    Parameters
    ----------
    folder
        The evidence folder.

    Returns
    -------
    dict of str
        Such as ``S1.fee_2010``, ``M4``, ``T.2012-04.command``, to the fact in a line.

    Raises
    ------
    ScenarioError
        If a file is missing or an id of the timeline is given twice.
    """
    problems: list[Problem] = []
    rows = read_table(folder / "timeline.csv", ("id", "date", "event", "source"), problems)
    facts: dict[str, str] = {}
    for row in rows:
        name = row.cells["id"]
        if name in facts:
            problems.append(Problem(row.where, "id", f'"{name}" is given twice'))
        facts[name] = f"{row.cells['date']}: {row.cells['event']} ({row.cells['source']})"
    facts.update((fact.id, fact.text) for fact in read_facts(folder / "reported.md", problems))
    if problems:
        raise ScenarioError(problems)
    return facts


def read_evidence_ids(folder: Path) -> frozenset[str]:
    """Collect every id that may be cited; see ``read_evidence``.

    Parameters
    ----------
    folder
        The evidence folder.

    Returns
    -------
    frozenset of str
        The ids alone.

    Raises
    ------
    ScenarioError
        As ``read_evidence``.
    """
    return frozenset(read_evidence(folder))


def mechanisms(ids: frozenset[str]) -> tuple[str, ...]:
    """Give the mechanisms among evidence ids.

    Parameters
    ----------
    ids
        From ``read_evidence_ids``.

    Returns
    -------
    tuple of str
        ``M1``, ``M2``, ... in order of number.
    """
    found = [name for name in ids if is_mechanism(name)]
    return tuple(sorted(found, key=lambda name: int(name[1:])))
