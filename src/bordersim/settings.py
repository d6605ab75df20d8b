"""The layer on top of every scenario: ``--set KEY=VALUE``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bordersim.dates import month_label, parse_month
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.levers import LeverCatalogue
from bordersim.parameters import Parameters
from bordersim.provenance import SETTING
from bordersim.units import parse_quantity

_SECTION_KEYS = ("time.start", "time.end", "population.scale", "population.world_seed")


@dataclass
class Settings:
    """Settings sorted by what they set.

    Attributes
    ----------
    parameters
        Key to a number or a list of numbers.
    policies
        Policies as written in a file, each holding one lever at a value for good.
    sections
        ``time`` and ``population`` as in a file.
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    policies: list[dict[str, Any]] = field(default_factory=list)
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)


def read_settings(
    settings: Mapping[str, object], parameters: Parameters, catalogue: LeverCatalogue
) -> Settings:
    """Read settings as given on a command line or in a call.

    Parameters
    ----------
    settings
        Key to number or text.
    parameters, catalogue
        What keys may name.

    Returns
    -------
    Settings
        Values are numbers within their bounds.

    Raises
    ------
    ScenarioError
        With everything that is wrong with any of them.
    """
    read = Settings()
    problems: list[Problem] = []
    for key, value in settings.items():
        try:
            _read_one(key, value, read, (parameters, catalogue))
        except ValueError as error:
            problems.append(Problem(SETTING, key, str(error)))
    if problems:
        raise ScenarioError(problems)
    return read


def _read_one(
    key: str, value: object, read: Settings, known: tuple[Parameters, LeverCatalogue]
) -> None:
    parameters, catalogue = known
    if key in parameters:
        parameter = parameters[key]
        is_list = isinstance(parameter.value, tuple)
        items = value.split(",") if is_list and isinstance(value, str) else value
        if is_list and isinstance(items, (list, tuple)):
            read.parameters[key] = [_number(item, parameter.unit) for item in items]
        else:
            read.parameters[key] = _number(value, parameter.unit)
        mistake = parameter.mistake(read.parameters[key])
    elif key in catalogue:
        amount = _number(value, catalogue[key].unit)
        mistake = catalogue[key].range_mistake(amount)
        read.policies.append(
            {
                "id": f"set-{key}",
                "title": f"{SETTING} {key}",
                "lever": key,
                "op": "set",
                "value": amount,
                "from": month_label(0),
            }
        )
    elif key in _SECTION_KEYS:
        section, _, name = key.partition(".")
        read.sections.setdefault(section, {})[name] = _section_value(key, value)
        return
    else:
        valid = (*parameters, *catalogue, *_SECTION_KEYS)
        close = suggestion(key, valid)
        close = close or f"; allowed: parameters, levers, {', '.join(_SECTION_KEYS)}"
        raise ValueError(f'unknown key "{shortened(key)}"{close}')
    if mistake is not None:
        raise ValueError(mistake)


def _section_value(key: str, value: object) -> object:
    if key.startswith("time."):
        parse_month(value)
        return value
    if key == "population.world_seed":
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        return value
    scale = _number(value, "share")
    if not 0.0 < scale <= 1.0:
        bound = "less than or equal to 1" if scale > 1.0 else "greater than 0"
        raise ValueError(f"got {scale:g}; must be {bound}")
    return scale


def _number(value: object, unit: str) -> float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            # Text with a unit, or no number at all: told apart below.
            return parse_quantity(value, unit)
    return parse_quantity(value, unit)
