"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """Table whose first ``left`` columns are text and whose others are numbers.

    Raises
    ------
    ValueError
        When a row has not as many cells as there are heads.
    """
    lines = ["| " + " | ".join(heads) + " |"]
    lines.append("|" + "---|" * left + "---:|" * (len(heads) - left))
    for row in rows:
        if len(row) != len(heads):
            raise ValueError(f"{len(row)} cells under {len(heads)} heads: {row}")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def count(value: float) -> str:
    """Whole number with separators."""
    return f"{value:,.0f}"


def digits(value: float, number: int = 3) -> str:
    """Number with so many significant digits, never in powers of ten."""
    if value == 0:
        return "0"
    text = f"{value:.{number}g}"
    if "e" in text:
        text = f"{float(text):,.0f}" if abs(value) > 1 else f"{float(text):.{number + 3}f}"
    elif abs(value) >= 1000:
        text = f"{float(text):,.0f}"
    return text
