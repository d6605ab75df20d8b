"""Rows of tables, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def records(table: pd.DataFrame) -> Iterator[Any]:
    """Rows with their cells as attributes, whatever these are."""
    yield from table.itertuples()
