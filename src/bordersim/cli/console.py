"""The console that results are printed to."""

from __future__ import annotations

import io
import os
import sys

from rich.console import Console

LOG_WIDTH = 110
"""Columns when stdout is no terminal and COLUMNS does not say."""


def results_console() -> Console:
    """Console for stdout that takes every text as it is, brackets included.

    A letter that the terminal's encoding lacks is printed as a question mark.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, markup=False)
    if console.is_terminal or os.environ.get("COLUMNS", "").isdigit():
        return console
    return Console(highlight=False, markup=False, width=LOG_WIDTH)
