"""``bordersim init``: a folder to start from."""

from __future__ import annotations

import shlex
from pathlib import Path

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import Problem, ScenarioError


def make_scaffold(folder: Path, name: str | None, *, as_json: bool) -> ExitCode:
    """Write the scaffold and say what to type next."""
    from bordersim import scaffold

    try:
        written = scaffold.make(folder, name)
    except ScenarioError as error:
        say(f"{folder}: nothing was written.")
        return report_problems(error.problems, as_json=as_json)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        return report_problems([Problem(str(folder), "", message)], as_json=as_json)
    scenario = written[0].name
    if as_json:
        files = [str(path) for path in written]
        print_json({"status": "ok", "name": written[0].stem, "files": files})
        return ExitCode.OK
    for path in written:
        print(path)
    say("Next:")
    if folder.resolve() != Path.cwd():
        say(f"  cd {shlex.quote(str(folder))}")
    say(f"  bordersim check {scenario}")
    say(f"  bordersim run baseline.yaml {scenario} --scale 0.01")
    return ExitCode.OK
