"""A folder to start from: a commented scenario, its baseline, and the next commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

from bordersim.data_files import shipped_scenarios
from bordersim.editor_schema import schema_text
from bordersim.errors import Problem, ScenarioError
from bordersim.schema import parse_name

_TEMPLATES = Path(__file__).parent / "templates"
_BASELINE = "baseline"


def make(folder: Path, name: str | None = None) -> tuple[Path, ...]:
    """Write the scaffold, or nothing at all.

    Parameters
    ----------
    folder
        Made if it is missing. What it holds already stays.
    name
        Name of the scenario; made from the folder's by default.

    Returns
    -------
    tuple of Path
        The files written, the scenario first.

    Raises
    ------
    ScenarioError
        If the name cannot be one, or for every file that is in the way.
    OSError
        If the folder cannot be written; what was written is removed again.
    """
    scenario = _name(folder, name)
    texts = _texts(scenario)
    in_the_way = [Problem(str(folder), "", "is no folder")] if folder.is_file() else []
    for file in texts:
        if (folder / file).exists():
            in_the_way.append(Problem(str(folder / file), "", "is there already"))
    if in_the_way:
        raise ScenarioError(in_the_way)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    try:
        for file, text in texts.items():
            with (folder / file).open("x", encoding="utf-8") as handle:
                written.append(folder / file)
                handle.write(text)
    except OSError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return tuple(written)


def _texts(name: str) -> Mapping[str, str]:
    """Name of each file to its text."""
    sources = {
        f"{name}.yaml": "scenario.yaml",
        f"{_BASELINE}.yaml": "baseline.yaml",
        "README.md": "README.md",
        ".gitignore": "gitignore",
    }
    words = {"name": name, "shipped": ", ".join(file.stem for file in shipped_scenarios())}
    filled = {
        file: Template((_TEMPLATES / source).read_text("utf-8")).substitute(words)
        for file, source in sources.items()
    }
    return filled | {"schema.json": schema_text()}


def _name(folder: Path, given: str | None) -> str:
    where, raw = ("--name", given) if given is not None else (str(folder), _from_folder(folder))
    try:
        name = parse_name(raw)
    except ValueError as error:
        hint = "" if given is not None else "; name the scenario with --name"
        raise ScenarioError([Problem(where, "", f"{error}{hint}")]) from None
    taken = {_BASELINE, *(file.stem for file in shipped_scenarios())}
    if name in taken:
        message = f'"{name}" would be confused with the scenario of that name; choose another'
        raise ScenarioError([Problem(where, "", f"{message} with --name")])
    return name


def _from_folder(folder: Path) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", folder.resolve().name.lower()).strip("-.")
