"""The command line: parse, call, print."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the ``bordersim`` command; ends the process.

    Parameters
    ----------
    arguments
        What was typed after the name of the command; by default, what really was.
    """
    from bordersim.cli.app import app

    typed = list(sys.argv[1:] if arguments is None else arguments)
    if "--json" not in typed:
        app(typed, prog_name="bordersim")
        sys.exit(0)
    try:
        # Not "standalone": what is wrong with the options comes back instead of being printed.
        code = app(typed, prog_name="bordersim", standalone_mode=False)
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's errors have no public base class
            raise
        code = _refuse(error)
    sys.exit(code or 0)


def _refuse(error: Exception) -> int:
    """Say what is wrong with the command line, in one JSON document, too."""
    from bordersim.cli.output import report_problems
    from bordersim.errors import Problem

    message = str(error.format_message())  # type: ignore[attr-defined]
    if not message:  # a group of commands was named and none of them: its help was printed
        message = "a command is missing"
    return report_problems([Problem("command line", "", message)], as_json=True)
