"""Units of levers and parameters, and quantities written with one.

Only units of the same dimension convert, and only by the fixed factors below; an
exchange of money for money needs a date and a rate and is never done here.
"""

from __future__ import annotations

import math
import re

from bordersim.errors import shortened, suggestion
from bordersim.yaml_scalars import is_quoted_number

_UNITS: dict[str, tuple[str, float]] = {
    "month": ("time", 1.0),
    "months": ("time", 1.0),
    "year": ("time", 12.0),
    "years": ("time", 12.0),
    "per month": ("rate", 1.0),
    "a month": ("rate", 1.0),
    "per year": ("rate", 1.0 / 12.0),
    "a year": ("rate", 1.0 / 12.0),
    "share": ("share", 1.0),
    "%": ("share", 0.01),
    "per cent": ("share", 0.01),
    "probability": ("share", 1.0),
    "multiplier": ("multiplier", 1.0),
    "ratio": ("multiplier", 1.0),
    "times": ("multiplier", 1.0),
    "index": ("index", 1.0),
    "CNY": ("yuan", 1.0),
    "KRW million of 2015": ("won of 2015", 1.0),
    "KRW million": ("won of 2015", 1.0),
    "KRW thousand": ("won of 2015", 1e-3),
    "KRW": ("won of 2015", 1e-6),
    "KRW thousand of 2015 per CNY": ("won of 2015 per yuan", 1.0),
    "guards per km": ("guards per length", 1.0),
}

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*\Z", re.DOTALL)


def unit_factor(unit: str, wanted: str) -> float:
    """Give the factor that turns a number in one unit into another.

    Parameters
    ----------
    unit
        Unit of the number.
    wanted
        Unit to express it in.

    Returns
    -------
    float
        Multiplier; 1 for the same unit.

    Raises
    ------
    ValueError
        If either unit is unknown, or they measure different things.
    """
    for name in (unit, wanted):
        if name not in _UNITS:
            raise ValueError(f'unknown unit "{name}"{suggestion(name, _UNITS)}')
    dimension, factor = _UNITS[unit]
    wanted_dimension, wanted_factor = _UNITS[wanted]
    if dimension != wanted_dimension:
        raise ValueError(
            f'unit "{unit}" measures {dimension}; expected {wanted_dimension} ("{wanted}")'
        )
    return factor / wanted_factor


def units_like(unit: str) -> tuple[str, ...]:
    """Give every unit that measures the same thing.

    Parameters
    ----------
    unit
        A known unit.

    Returns
    -------
    tuple of str
        Units that ``parse_quantity`` turns into ``unit``, itself included.

    Raises
    ------
    ValueError
        If the unit is unknown.
    """
    unit_factor(unit, unit)
    return tuple(name for name in _UNITS if _UNITS[name][0] == _UNITS[unit][0])


def parse_quantity(raw: object, unit: str) -> float:
    """Read a number, or text holding a number and a unit.

    Parameters
    ----------
    raw
        A finite number in ``unit``, or text such as ``2000 CNY`` or ``6 months``.
    unit
        The declared unit.

    Returns
    -------
    float
        The value in ``unit``.

    Raises
    ------
    ValueError
        If it is no finite number, or its unit is unknown or of another dimension.
    """
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        try:
            number = float(raw)
        except OverflowError:
            raise ValueError("the number is too large") from None
    elif isinstance(raw, str) and (match := _QUANTITY.match(raw)) is not None and match[2]:
        number = float(match[1]) * unit_factor(match[2], unit)
    else:
        expected = f"expected a number in {unit}, or text with a unit"
        raise ValueError(f"got {describe(raw)}, {expected}{unquoted(raw)}")
    if not math.isfinite(number):
        raise ValueError(f"got {describe(raw)}, expected a finite number")
    return number


def unquoted(raw: object) -> str:
    """Give the end of a message on what should have been a number.

    Parameters
    ----------
    raw
        What it was.

    Returns
    -------
    str
        Advice if it is a number in quotes, else nothing.
    """
    in_quotes = isinstance(raw, str) and is_quoted_number(raw)
    return "; leave the quotes out" if in_quotes else ""


def describe(raw: object) -> str:
    """Name a value read from a file by its content and kind.

    Parameters
    ----------
    raw
        Any value a YAML file can hold.

    Returns
    -------
    str
        Such as ``"yes" (text)`` or ``a list``; long text is cut.
    """
    if raw is None:
        return "nothing"
    if isinstance(raw, bool):
        return f"{str(raw).lower()} (true or false)"
    if isinstance(raw, str):
        return f'"{shortened(raw)}" (text)'
    if isinstance(raw, (int, float)):
        return f"{raw!r}"
    if isinstance(raw, dict):
        return "a mapping"
    return "a list"
