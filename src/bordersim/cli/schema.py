"""``bordersim schema``: the JSON Schema of a scenario file."""

from __future__ import annotations

from pathlib import Path

from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.errors import Problem, ScenarioError


def write_schema(out: Path | None, *, as_json: bool) -> ExitCode:
    """Print the schema, or write it to a file."""
    from bordersim.editor_schema import schema_text

    try:
        text = schema_text()
    except ScenarioError as error:
        return report_problems(error.problems, as_json=as_json)
    if out is None:
        print(text, end="")
        return ExitCode.OK
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        problem = Problem("--out", "", f"cannot write {out}: {error.strerror}")
        return report_problems([problem], as_json=as_json)
    if as_json:
        print_json({"status": "ok", "file": str(out)})
    else:
        say(f"{out}: begin a scenario beside it with")
        print(f"# yaml-language-server: $schema={out.name}")
    return ExitCode.OK
