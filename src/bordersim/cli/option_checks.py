"""What may be wrong with options that several commands have."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bordersim.errors import Problem

MOST = 100_000
"""Draws or seeds that a command takes."""

MOST_WORKERS = 4096
_FIGURES = (".png", ".svg", ".pdf")


def count_problems(limits: Iterable[tuple[str, int | None, int, int]]) -> list[Problem]:
    """Check options of (name, what was given, least, most); None was not given."""
    return [
        Problem(name, "", f"got {number}; allowed: {least} to {most:,}")
        for name, number, least, most in limits
        if number is not None and not least <= number <= most
    ]


def figure_problems(figure: Path | None) -> list[Problem]:
    """Check ``--figure``: its ending says what is drawn."""
    if figure is None or figure.suffix.lower() in _FIGURES:
        return []
    message = f'got "{figure.suffix}"; a figure ends in .png, .svg or .pdf'
    return [Problem("--figure", str(figure), message)]


def page_problems(page: Path | None) -> list[Problem]:
    """Check ``--page``."""
    if page is None or page.suffix.lower() == ".md":
        return []
    message = f'got "{page.suffix}"; the page is Markdown and ends in .md'
    return [Problem("--page", str(page), message)]
