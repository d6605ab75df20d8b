"""The ids that a policy or a lever may cite."""

from __future__ import annotations

import re
from pathlib import Path

from bordersim.errors import Problem, ScenarioError
from bordersim.tables import read_table
from bordersim.text_files import read_text

_CITED_ROW = re.compile(r"\|\s*((?:S[12]\.\w+)|(?:M\d+))\s*\|\s*([^|]*?)\s*\|")
_MECHANISM = re.compile(r"M\d+\Z")


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
    text = read_text(folder / "reported.md", problems, "text with tables of cited facts") or ""
    cited = (match for line in text.split("\n") if (match := _CITED_ROW.match(line)) is not None)
    facts.update((match[1], match[2]) for match in cited)
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
    found = [name for name in ids if _MECHANISM.match(name)]
    return tuple(sorted(found, key=lambda name: int(name[1:])))
