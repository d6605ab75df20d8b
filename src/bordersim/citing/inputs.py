"""Parameters by kind, and where the data files have their numbers from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bordersim.data_files import scenarios_folder
from bordersim.errors import Problem
from bordersim.provenance import in_force
from bordersim.scenario import Scenario
from bordersim.tables import read_table
from bordersim.text_files import label_of
from bordersim.vocabulary import read_vocabulary

KINDS = ("calibrated", "estimate", "assumption", "law")
"""Kinds of parameters, in the order in which they are told."""

Row = dict[str, Any]


def cited_parameters(scenario: Scenario) -> list[Row]:
    """Give every parameter with its kind and where its value comes from.

    Parameters
    ----------
    scenario
        Any scenario.

    Returns
    -------
    list of dict
        By kind: key, title, value, unit, kind, source, reason; ``ships`` is the shipped
        value where the scenario has another, and ``set_by`` who set that.
    """
    shipped, layers = read_vocabulary().parameters, in_force(scenario.history)
    rows = []
    for key in scenario.parameters:
        parameter = scenario.parameters[key]
        same = key in shipped and shipped[key].value == parameter.value
        rows.append(
            {
                "key": key,
                "title": parameter.title,
                "value": list(parameter.values()),
                "unit": parameter.unit,
                "kind": parameter.kind,
                "source": parameter.source,
                "reason": parameter.reason,
                "ships": None if same or key not in shipped else list(shipped[key].values()),
                "set_by": "" if same else layers.get(key, ""),
            }
        )
    return sorted(rows, key=lambda row: KINDS.index(row["kind"]))


def cited_data() -> list[Row]:
    """Give every data file of the model with its sources.

    Returns
    -------
    list of dict
        ``file``; ``says``, the comment it begins with; ``sources``, each with its rows.
    """
    return [_file(path) for path in sorted((scenarios_folder() / "data").glob("*.csv"))]


def _file(path: Path) -> Row:
    problems: list[Problem] = []
    rows = read_table(path, (), problems)
    counts: dict[str, int] = {}
    for row in rows:
        source = row.cells.get("source", "")
        if source:
            counts[source] = counts.get(source, 0) + 1
    lines = path.read_text("utf-8").splitlines()
    says = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    sources = [{"source": source, "rows": count} for source, count in counts.items()]
    return {"file": label_of(path), "says": says, "rows": len(rows), "sources": sources}
