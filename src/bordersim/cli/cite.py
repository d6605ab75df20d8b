"""``bordersim cite``: what a scenario or a stored run rests on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.output import ExitCode, print_json, report_problems
from bordersim.errors import Problem, ScenarioError, StoreError

if TYPE_CHECKING:
    from bordersim.citing import Citation
    from bordersim.run_catalogue import Entry


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    what: str
    every: bool
    results: Path
    as_json: bool


def show_citation(request: Request) -> ExitCode:
    """Print the citation of a scenario file, or of a run or study in the folder of results."""
    try:
        citation = _citation(request)
    except ScenarioError as error:
        return report_problems(error.problems, as_json=request.as_json)
    if request.as_json:
        print_json({"status": "ok", **citation.document()})
    else:
        from bordersim.cli.cite_text import print_citation
        from bordersim.cli.console import results_console

        print_citation(results_console(), citation, every=request.every)
    return ExitCode.OK


def _citation(request: Request) -> Citation:
    from bordersim.citing import cite
    from bordersim.rerun import NoScenarioError

    path = Path(request.what)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return cite(path)
    try:
        return cite(_stored(request))
    except NoScenarioError as error:
        message = f"{error}; or cite that file" if "--scenario" not in str(error) else _said(error)
        raise ScenarioError([Problem(request.what, "", message)]) from None
    except StoreError as error:
        message = f"{error}; a scenario is named by its file, such as scenarios/historical.yaml"
        raise ScenarioError([Problem(request.what, "", message)]) from None


def _said(error: Exception) -> str:
    """A message about a run's origin, without the options that this command lacks."""
    what = str(error).partition(". Name the file")[0]
    return f"{what}. Cite the scenario file it was made from instead"


def _stored(request: Request) -> Entry:
    """The run of a name; of a study, its only scenario's first run."""
    from bordersim.parts import OK
    from bordersim.run_catalogue import RunKeyError, find_runs, read_catalogue

    found = find_runs(read_catalogue(request.results), request.what)
    finished = [entry for entry in found if entry.status == OK]
    if not finished:
        raise RunKeyError(
            f'"{request.what}" has no finished run; `bordersim runs list` shows them', ()
        )
    inputs = {(entry.columns["inputs"], entry.columns["policies"]) for entry in finished}
    if len(inputs) > 1:
        names = ", ".join(entry.full_name for entry in finished[:6])
        more = f" and {len(finished) - 6} more" if len(finished) > 6 else ""
        raise RunKeyError(
            f'"{request.what}" has {len(inputs)} sets of inputs; name one run: {names}{more}', ()
        )
    return finished[0]
