"""Numbers, policies and months in few words, for tables and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_DIGITS = 4


def number(value: float | int, digits: int = _DIGITS) -> str:
    """Write a number in as few digits as a table needs.

    Parameters
    ----------
    value
        Any finite number.
    digits
        Significant digits below 10,000; larger numbers show all of their whole part.

    Returns
    -------
    str
        Such as ``0.0002``, ``24,052,231`` or ``1.5e-06``.
    """
    if float(value) == 0.0:
        return "0"
    if abs(value) >= 10.0 ** (digits - 1) and abs(value) < 1e15:
        whole = abs(value) >= 10.0**digits or float(value).is_integer()
        return f"{value:,.0f}" if whole else f"{value:,.{digits}g}"
    return f"{value:.{digits}g}"


def apart(first: float, second: float) -> tuple[str, str]:
    """Write two numbers with enough digits to tell them apart.

    Parameters
    ----------
    first, second
        Finite numbers.

    Returns
    -------
    tuple of str
        Equal only if the numbers are.
    """
    for digits in range(_DIGITS, 18):
        texts = number(first, digits), number(second, digits)
        if texts[0] != texts[1]:
            return texts
    return texts if first == second else (repr(first), repr(second))


def values(value: Any) -> str:
    """Write a value of any layer: a number, a list of them, or text.

    Parameters
    ----------
    value
        From a row of ``bordersim.layers``.

    Returns
    -------
    str
        A list is separated by commas.
    """
    if isinstance(value, list | tuple):
        return ", ".join(number(item) for item in value)
    return number(value) if isinstance(value, float) else str(value)


def deed(policy: Mapping[str, Any]) -> str:
    """Say what a policy does to its lever.

    Parameters
    ----------
    policy
        From ``bordersim.layers.policy_row``.

    Returns
    -------
    str
        Such as ``set to 0.4 share`` or ``times 1.8 (history.inspection_2008)``.
    """
    if policy["op"] == "hold":
        return "held as in the month before"
    value = number(policy["value"])
    words = {
        "set": f"set to {value} {policy['unit']}",
        "add": f"add {value} {policy['unit']}",
        "scale": f"times {value}",
    }[policy["op"]]
    return words if policy["parameter"] is None else f"{words} ({policy['parameter']})"


def duration(policy: Mapping[str, Any]) -> str:
    """Say when a policy acts.

    Parameters
    ----------
    policy
        From ``bordersim.layers.policy_row``.

    Returns
    -------
    str
        Such as ``from 2012-01 over 12 months`` or ``2012-04 to 2012-06``.
    """
    ends = f"from {policy['from']}" if policy["until"] is None else span(policy)
    return f"{ends} over {policy['ramp']} months" if policy["ramp"] > 1 else ends


def span(row: Mapping[str, Any]) -> str:
    """Write the months of a row.

    Parameters
    ----------
    row
        With months ``from`` and ``until`` as text.

    Returns
    -------
    str
        One month, or the first and the last.
    """
    first, last = row["from"], row["until"]
    return str(first) if first == last else f"{first} to {last}"


def place_words(places: Sequence[str]) -> str:
    """Write names of places.

    Parameters
    ----------
    places
        Names with underscores.

    Returns
    -------
    str
        Separated by commas; empty for none.
    """
    return ", ".join(place.replace("_", " ") for place in places)


def count(how_many: int, noun: str) -> str:
    """Write a count with its noun.

    Parameters
    ----------
    how_many
        Not negative.
    noun
        In the singular, regular.

    Returns
    -------
    str
        Such as ``1 month`` or ``no months``.
    """
    text = "no" if how_many == 0 else f"{how_many:,}"
    many = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{text} {noun if how_many == 1 else many}"
