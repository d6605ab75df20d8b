"""What went into a stored run and what came out of it, as plain data."""

from __future__ import annotations

import json
from typing import Any

from bordersim.codes import HARMS
from bordersim.errors import ScenarioError
from bordersim.part_files import DamagedPartError
from bordersim.parts import OK
from bordersim.reports import rows_of
from bordersim.run_catalogue import Entry
from bordersim.study import stored_run
from bordersim.vocabulary import read_vocabulary

FLOWS = ("crossings", "arrivals", *HARMS)
"""Observables whose totals head the results of a run; what is won beside what it costs."""


def inputs_of(entry: Entry) -> dict[str, Any]:
    """Give the numbers that a run was made from.

    Parameters
    ----------
    entry
        The run, finished or not.

    Returns
    -------
    dict
        ``parameters`` to numbers in their units; ``changed``, those that differ from
        what ships today, with both; and the hash of the lever paths.
    """
    inputs = json.loads(entry.columns["inputs"])
    numbers = {key: _numbers(text) for key, text in inputs.get("parameters", {}).items()}
    return {
        "lever_paths": inputs.get("lever_paths", ""),
        "parameters": numbers,
        "changed": _changed(numbers) if numbers else [],
    }


def _numbers(text: str) -> list[float]:
    return [float.fromhex(word) for word in text.split()]


def _changed(numbers: dict[str, list[float]]) -> list[dict[str, Any]]:
    try:
        shipped = read_vocabulary().parameters
    except ScenarioError:  # nothing to compare with
        return []
    today = {key: list(shipped[key].values()) for key in shipped}
    return [
        {"key": key, "here": numbers.get(key), "ships": today.get(key)}
        for key in dict.fromkeys((*numbers, *today))
        if numbers.get(key) != today.get(key)
    ]


def results_of(entry: Entry) -> tuple[dict[str, Any] | None, str | None]:
    """Give the headline results of a run.

    Parameters
    ----------
    entry
        The run.

    Returns
    -------
    results
        ``totals`` over the whole span and ``years`` (those simulated in full): people
        who cross, arrive and come to harm, and the mean stock in China. None where
        there are none.
    damage
        What is wrong with the run's data, or None.
    """
    if entry.status != OK:
        broken = entry.store.inventory().broken.get(entry.run_id)
        return None, None if broken is None else str(broken)
    run = stored_run(entry.store, entry.row)
    try:
        totals = {name: float(run.by_place(name).sum()) for name in FLOWS}
        stock = float(run.by_place("stock_china").sum(axis=1).mean())
        years = rows_of(run.summary().rename_axis("year").reset_index())
    except DamagedPartError as error:
        return None, str(error)
    return {"totals": totals | {"stock_china": stock}, "years": years}, None
