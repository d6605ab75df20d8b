"""Policies with the basis of their size and the evidence they cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bordersim.layers import policy_rows
from bordersim.parameters import Parameters
from bordersim.registry import Entry, Registry
from bordersim.scenario import Scenario

FITTED, REPORTED, ASSUMED, HELD = "fitted", "reported", "assumed", "held"
"""Where a policy's size comes from; nothing is sized by what is held as it was."""

_BASES = {"calibrated": FITTED, "estimate": REPORTED}
"""Basis of a size that a parameter holds, by the parameter's kind; else it is assumed."""

Row = dict[str, Any]


def cited_policies(scenario: Scenario, evidence: Registry) -> list[Row]:
    """Give every policy with where its size comes from and what it cites.

    Parameters
    ----------
    scenario
        Any scenario.
    evidence
        Where its ids are looked up.

    Returns
    -------
    list of dict
        As ``bordersim.layers.policy_rows``, in the order in which they act, with ``size``
        (``basis`` and ``because``) and ``cites`` in place of ``evidence``.
    """
    rows = []
    for row in policy_rows(scenario):
        entries = [evidence[name] for name in row["evidence"]]
        known = {key: value for key, value in row.items() if key != "evidence"}
        known["size"] = _size(row, entries, scenario.parameters)
        known["cites"] = [entry_row(entry, evidence) for entry in entries]
        rows.append(known)
    return rows


def entry_row(entry: Entry, evidence: Registry) -> Row:
    """Give an entry as plain data.

    Parameters
    ----------
    entry
        Of the registry.
    evidence
        The registry, which spells sources out.

    Returns
    -------
    dict
        Its fields; ``source`` with short names spelt out, ``cited_as`` as in the table.
    """
    return {
        "id": entry.id,
        "claim": entry.claim,
        "quantity": entry.quantity,
        "place": entry.place,
        "period": entry.period,
        "low": entry.low,
        "high": entry.high,
        "reported_low": entry.reported_low,
        "reported_high": entry.reported_high,
        "unit": entry.unit,
        "kind": entry.kind,
        "definition": entry.definition,
        "source": evidence.citation(entry),
        "cited_as": entry.source,
        "reliability": entry.reliability,
        "use": entry.use,
        "note": entry.note,
        "where": entry.where,
    }


def _size(row: Mapping[str, Any], entries: list[Entry], parameters: Parameters) -> Row:
    """Where the number a policy works with comes from, and why it is taken for that."""
    if row["value"] is None:
        return {"basis": HELD, "because": "kept as it was the month before"}
    if row["parameter"] is not None:
        parameter = parameters[row["parameter"]]
        basis = _BASES.get(parameter.kind, ASSUMED)
        return {"basis": basis, "because": parameter.source or parameter.reason}
    sized = [entry for entry in entries if entry.gives_size]
    if sized:
        said = "; ".join(f"{entry.id}: {entry.note or entry.claim}" for entry in sized)
        return {"basis": REPORTED, "because": said}
    because = "the evidence gives no size" if entries else "no evidence is cited"
    return {"basis": ASSUMED, "because": because}
