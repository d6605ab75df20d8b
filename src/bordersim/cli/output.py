"""Where text goes: results to stdout, everything else to stderr; exit codes."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from bordersim.errors import Problem


class ExitCode(IntEnum):
    """What the command returns to the shell."""

    OK = 0
    RUN_FAILED = 1
    INVALID_INPUT = 2
    MISMATCH = 3


def say(text: str) -> None:
    """Write one message for the person at the terminal to stderr."""
    print(text, file=sys.stderr, flush=True)


def print_json(document: Any) -> None:
    """Write one JSON document to stdout; NaN becomes null."""
    plain = _plain(document)
    text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:  # a terminal without the letters, a file name that is no text
        text = json.dumps(plain, indent=1, allow_nan=False)
    print(text)


def report_problems(problems: Iterable[Problem], *, as_json: bool) -> ExitCode:
    """Show every problem of invalid input."""
    listed = list(problems)
    for problem in listed:
        say(str(problem))
    if as_json:
        fields = [{"where": p.where, "key": p.key, "message": p.message} for p in listed]
        print_json({"status": "invalid", "problems": fields})
    return ExitCode.INVALID_INPUT


def _plain(value: Any) -> Any:
    """Turn tables' cells into what JSON has words for."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
