"""The ids that a policy or a lever may cite."""

from __future__ import annotations

import re
from pathlib import Path

from bordersim.errors import Problem, ScenarioError
from bordersim.tables import read_table

_CITED_ROW = re.compile(r"\|\s*((?:S[12]\.\w+)|(?:M\d+))\s*\|")
_MECHANISM = re.compile(r"M\d+\Z")


def read_evidence_ids(folder: Path) -> frozenset[str]:
    """Collect every id of ``reported.md`` and ``timeline.csv``.

    Parameters
    ----------
    folder
        The evidence folder.

    Returns
    -------
    frozenset of str
        Such as ``S1.fee_2010``, ``M4``, ``T.2012-04.command``.

    Raises
    ------
    ScenarioError
        If a file is missing or an id of the timeline is given twice.
    """
    problems: list[Problem] = []
    rows = read_table(folder / "timeline.csv", ("id", "date", "source"), problems)
    ids: set[str] = set()
    for row in rows:
        if row.cells["id"] in ids:
            problems.append(Problem(row.where, "id", f'"{row.cells["id"]}" is given twice'))
        ids.add(row.cells["id"])
    try:
        lines = (folder / "reported.md").read_text("utf-8").splitlines()
    except OSError as error:
        problems.append(Problem("reported.md", "", f"cannot be read: {error}"))
        lines = []
    ids.update(match[1] for line in lines if (match := _CITED_ROW.match(line)) is not None)
    if problems:
        raise ScenarioError(problems)
    return frozenset(ids)


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
    found = [name for name in ids if _MECHANISM.match(name)]
    return tuple(sorted(found, key=lambda name: int(name[1:])))
