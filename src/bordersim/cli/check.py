"""``bordersim check``: every problem of every file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.dates import month_label
from bordersim.errors import Problem, ScenarioError, printable


def check_files(files: Sequence[Path], *, as_json: bool) -> ExitCode:
    """Load each file; list what is wrong, or what the valid ones hold."""
    from bordersim.scenario import load

    problems: dict[Problem, None] = {}  # in order, each once: files may share a parent
    n_bad = 0
    valid: list[dict[str, object]] = []
    for path in files:
        try:
            scenario = load(path)
        except ScenarioError as error:
            problems.update(dict.fromkeys(error.problems))
            n_bad += 1
            continue
        valid.append(
            {
                "file": printable(str(path)),
                "name": scenario.name,
                "start": month_label(scenario.start_month),
                "end": month_label(scenario.end_month),
                "scale": scenario.scale,
                "policies": len(scenario.policies),
            }
        )
    if problems:
        of_all = f" of {len(files)}" if len(files) > 1 else ""
        say(f"{_count(len(problems), 'problem')} in {_count(n_bad, 'file', of_all)}:")
        return report_problems(problems, as_json=as_json)
    if as_json:
        print_json({"status": "valid", "scenarios": valid})
    else:
        for entry in valid:
            print("{file}: ok, {name}, {start} to {end}, {policies} policies".format(**entry))
    return ExitCode.OK


def _count(number: int, noun: str, of_all: str = "") -> str:
    return f"{number}{of_all} {noun}" + ("" if number == 1 and not of_all else "s")
