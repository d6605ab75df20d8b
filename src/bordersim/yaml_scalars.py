"""What unquoted text means in YAML 1.2: its core schema, and nothing beyond it.

``yes`` and ``1_000`` are text there, ``010`` is ten. A closed schema then says what was
expected; nothing is guessed.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_BEGINS_A_NUMBER = frozenset("+-.0123456789")
_LONGEST_NUMBER = 100

NUMBERS = re.compile(f"(?:{_INT.pattern}|{_FLOAT.pattern})\\Z")
"""Text that a writer must quote to keep it text."""


def is_quoted_number(text: str) -> bool:
    """Say whether text would be a number, or true or false, but for its quotes.

    Parameters
    ----------
    text
        Text as read from a file.

    Returns
    -------
    bool
        Whether to leave the quotes out is good advice.
    """
    return not isinstance(plain_scalar(text), str | None)


def plain_scalar(text: str) -> Scalar:
    """Read unquoted text.

    Parameters
    ----------
    text
        As it stands in the file.

    Returns
    -------
    str, int, float, bool or None
        The text itself unless the core schema gives it another meaning; numbers
        of more than 100 characters stay text, too.
    """
    if text[:1] not in _BEGINS_A_NUMBER:
        return _WORDS.get(text, text)
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INT.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
