"""``bordersim diff``: what differs in effect between two scenarios, and in their results."""

from __future__ import annotations

from pathlib import Path

from bordersim.cli.output import ExitCode, print_json, report_problems
from bordersim.errors import Problem, ScenarioError, StoreError


def show_difference(a: Path, b: Path, out: Path, *, as_json: bool) -> ExitCode:
    """Compare two scenario files, and their stored runs where both have some."""
    from bordersim.differences import diff

    try:
        _refuse_folders(a, b)
        document = diff(a, b, out=out).document()
    except ScenarioError as error:
        return report_problems(error.problems, as_json=as_json)
    except StoreError as error:
        problem = Problem("--out", str(out), str(error))
        return report_problems([problem], as_json=as_json)
    if as_json:
        print_json(document)
    else:
        from bordersim.cli.console import results_console
        from bordersim.difference_text import print_difference

        print_difference(results_console(), document)
    return ExitCode.OK


def _refuse_folders(*paths: Path) -> None:
    problems = [
        Problem(
            str(path),
            "",
            "is a folder; diff compares scenario files and finds their stored runs in --out",
        )
        for path in paths
        if path.is_dir()
    ]
    if problems:
        raise ScenarioError(problems)
