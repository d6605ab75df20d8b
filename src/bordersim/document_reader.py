"""What the readers of study files share: a document, its folder, and all that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from bordersim.errors import Problem
from bordersim.schema import parse_name
from bordersim.yaml_source import KeyPath, YamlDocument


class DocumentReader:
    """One file being read.

    Parameters
    ----------
    document
        What the file says.
    folder
        Names in the file are relative to it.
    problems
        Receives every mistake, at its line.
    """

    def __init__(self, document: YamlDocument, folder: Path, problems: list[Problem]) -> None:
        self.document = document
        self.folder = folder
        self.problems = problems

    def _report(self, path: KeyPath, message: str) -> None:
        self.problems.append(self.document.problem(path, message))

    def _name(self, said: str | None, stem: str) -> str:
        """Name of the folder of results: what the file says, or that of the file itself."""
        if said:
            return said
        try:
            return parse_name(stem)
        except ValueError:
            self._report(("name",), "the file's name cannot name a folder of results; give a name")
            return stem
