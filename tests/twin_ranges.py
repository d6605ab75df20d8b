"""Ranges over which equations of twin and engine are compared."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.engine_worlds import shipped

BASE = shipped("base")

Range = tuple[float, float]
Pair = tuple[Callable[..., Any], Callable[..., Any], tuple[Range, ...]]
"""Twin's equation, engine's, and the ranges of their common arguments."""

Law = SimpleNamespace

SHARE: Range = (0.0, 1.0)
MONEY: Range = (0.0, 40.0)
"""KRW million."""
NORMAL: Range = (-5.0, 5.0)
MONTHS: Range = (0.0, 371.0)


def of(key: str) -> Range:
    """Range of a parameter or a lever."""
    entry = BASE.parameters[key] if key in BASE.parameters else BASE.catalogue[key]
    return entry.low, entry.high
