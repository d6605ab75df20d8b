"""Who set what: every layer that gave a value, in the order in which they act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PACKAGE = "package"
"""Layer of the values that ship in ``parameters.yaml`` and ``levers.yaml``."""

EXTENDED = "extends"
"""Layer of every file that a scenario file extends."""

OWN = "scenario"
"""Layer of the scenario file itself, and of calls that change a scenario."""

SETTING = "--set"
"""Layer of ``--set KEY=VALUE``, on top of all; it names itself in messages, too."""

LAYERS = (PACKAGE, EXTENDED, OWN, SETTING)
"""From the lowest to the highest. Policies act on levers in the order of their list."""

POLICY = "policies."
"""Prefix of the keys under which policies stand in a history."""


@dataclass(frozen=True)
class SetBy:
    """One layer's say on one key.

    Attributes
    ----------
    layer
        One of ``LAYERS``.
    where
        File and line, or the call.
    value
        A number or numbers, a month, or a ``Policy``; None where a policy is dropped.
    """

    layer: str
    where: str
    value: Any


History = Mapping[str, tuple[SetBy, ...]]
"""Key of a parameter, of the span, of the population, or ``policies.<id>``, to every
layer that set it; the last one is in force."""


def note(history: dict[str, tuple[SetBy, ...]], key: str, entry: SetBy) -> None:
    """Add what one layer says to a history, in place.

    Parameters
    ----------
    history
        Changed.
    key, entry
        What was set, and by whom.
    """
    history[key] = (*history.get(key, ()), entry)


def in_force(history: History) -> dict[str, str]:
    """Give where each value in force was set.

    Parameters
    ----------
    history
        Every layer by key.

    Returns
    -------
    dict
        Key to file and line, or call; dropped policies are left out.
    """
    return {
        key: entries[-1].where for key, entries in history.items() if entries[-1].value is not None
    }
