"""Parts of pages as Markdown: usage and options of a command, the scenarios that ship."""

from __future__ import annotations

from functools import cache
from typing import Any

import typer
import yaml

from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder


@cache
def all_commands() -> dict[str, Any]:
    """Name, such as ``runs show``, to the command, in the order of the help."""
    found: dict[str, Any] = {}

    def walk(command: Any, name: str) -> None:
        within = getattr(command, "commands", None)
        if within is None:
            found[name] = command
            return
        for part, inner in within.items():
            walk(inner, f"{name} {part}".strip())

    walk(typer.main.get_command(app), "")
    return found


def usage_of(name: str) -> str:
    """One line: the command, its options, its arguments."""
    command = all_commands()[name]
    context = command.make_context(f"bordersim {name}", [], resilient_parsing=True)
    return " ".join([f"bordersim {name}", *command.collect_usage_pieces(context)])


def records_of(name: str) -> list[tuple[str, str]]:
    """Each argument and option as the help writes it, and what it is for."""
    command = all_commands()[name]
    context = command.make_context(f"bordersim {name}", [], resilient_parsing=True)
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    return [record for record in records if record is not None]


def cell(text: str) -> str:
    """Text that is safe inside a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def markdown_of(name: str) -> str:
    """Usage, description and a table of options of one command."""
    rows = [
        f"| `{' '.join(written.split()).replace('|', chr(92) + '|')}` | {cell(meaning)} |"
        for written, meaning in records_of(name)
        if written != "--help"
    ]
    return "\n".join(
        [
            "```text",
            usage_of(name),
            "```",
            "",
            all_commands()[name].help.replace("<", "&lt;"),
            "",
            "| option | meaning |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def shipped_markdown() -> str:
    """Table of the scenarios that ship: file and title."""
    rows = []
    for path in sorted(scenarios_folder().glob("*.yaml")):
        document = yaml.safe_load(path.read_text("utf-8"))
        if str(document.get("schema", "")).startswith("bordersim/scenario@"):
            rows.append(f"| `{path.name}` | {cell(document['title'])} |")
    return "\n".join(["| file | what it is |", "|---|---|", *rows, ""])
