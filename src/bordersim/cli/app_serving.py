"""``bordersim app``: find mistakes, say the address, serve until asked to stop."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.scenario import Scenario

BASELINE = "historical"


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    scenarios: tuple[Path, ...]
    scale: float
    seed: int
    port: int
    open_browser: bool
    dry_run: bool
    as_json: bool


def play(request: Request) -> ExitCode:
    """Serve the page; nothing is served unless every scenario can be simulated."""
    from bordersim.app import serving

    lacking = serving.missing_extra()
    if lacking is not None:
        return _failed(lacking, request)
    try:
        offered = _offered(request)
        first = next(iter(offered))
        begin = {
            "scenario": first,
            "baseline": first,
            "scale": request.scale,
            "seed": request.seed,
        }
        if request.dry_run:
            serving.listening(request.port).close()
            _tell(None, list(offered), request)
            return ExitCode.OK
        serving.serve(
            offered,
            begin,
            request.port,
            told=lambda url: _tell(url, list(offered), request),
        )
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    except BordersimError as error:
        return _failed(str(error), request)
    return ExitCode.OK


def _offered(request: Request) -> dict[str, Scenario]:
    """Scenarios by name: those asked for, the history, and all that ship."""
    from bordersim.data_files import scenarios_folder, shipped_scenarios
    from bordersim.running import Options, prepare, request_problems

    problems: list[Problem] = []
    found: dict[str, Scenario] = {}
    history = scenarios_folder() / f"{BASELINE}.yaml"
    for path in dict.fromkeys((*request.scenarios, history, *shipped_scenarios())):
        if problems and path not in request.scenarios:
            break  # every mistake in what was asked for is known
        try:
            one = prepare(path, scale=request.scale)
        except ScenarioError as error:
            problems += error.problems
            continue
        if path in request.scenarios:
            problems += request_problems([one], Options(), request.seed, 1)
        found.setdefault(one.name, one)
    if not problems:
        problems += request_problems([next(iter(found.values()))], Options(), request.seed, 1)
    if problems:
        raise ScenarioError(dict.fromkeys(problems))
    return found


def _tell(url: str | None, names: list[str], request: Request) -> None:
    if request.as_json:
        print_json({"status": "ok", "url": url, "scenarios": names})
    elif url is None:
        print(f"The app would start with {names[0]}; {len(names)} scenarios to choose from.")
    else:
        print(f"{url}  plays {names[0]} and {len(names) - 1} other scenarios; Ctrl-C stops it")
    sys.stdout.flush()
    if url is not None and request.open_browser:
        import webbrowser

        webbrowser.open(url)


def _failed(text: str, request: Request) -> ExitCode:
    say(text)
    if request.as_json:
        print_json({"status": "failed", "error": text})
    return ExitCode.RUN_FAILED
