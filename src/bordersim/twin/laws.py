"""Parameters of a scenario by group and short name: ``laws.residents.a_risk``."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bordersim.parameters import Parameters


class Laws:
    """Every parameter: one attribute a group, and in it one attribute a parameter.

    Units and sources stand in ``docs/parameters.md``. Lists are tuples.
    """

    population: Any
    residents: Any
    traffickers: Any
    guards: Any
    river: Any
    china: Any
    informants: Any
    custody: Any
    south: Any
    officials: Any

    def __init__(self, parameters: Parameters) -> None:
        groups: dict[str, dict[str, object]] = {}
        for key in parameters:
            group, _, name = key.partition(".")
            groups.setdefault(group, {})[name] = parameters[key].value
        for group, values in groups.items():
            setattr(self, group, SimpleNamespace(**values))
