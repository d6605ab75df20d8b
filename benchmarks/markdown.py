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


def duration(seconds: float) -> str:
    """Short time in the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{digits(seconds / size)} {unit}"
    return f"{digits(seconds * 1e9)} ns"


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
