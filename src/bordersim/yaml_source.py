"""YAML files read so that every value knows its line.

The YAML library only parses; its events are turned into plain Python here: no tag
can build an object, anchors and aliases are refused (they can grow without bound),
and a key given twice is reported instead of being dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml.error import Mark, MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bordersim.errors import Problem, ScenarioError, shortened
from bordersim.text_files import label_of, read_text
from bordersim.yaml_scalars import NUMBERS, plain_scalar

KeyPath = tuple[str | int, ...]

# libyaml where PyYAML was built with it, as every published wheel is: a hundred times
# faster. Both give the same events.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_DEEPEST = 20
_MOST_VALUES = 20_000


def key_text(path: KeyPath) -> str:
    """Write a key path as text.

    Parameters
    ----------
    path
        Keys and list positions from the top of the file.

    Returns
    -------
    str
        Such as ``policies.add[1].lever``; very long keys are cut.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{shortened(part)}" if text else shortened(part)
    return text


@dataclass
class YamlDocument:
    """Content of a YAML file, or of a call that stands for one.

    Attributes
    ----------
    label
        How messages name the file.
    data
        Plain dicts, lists, text, numbers, booleans and None.
    lines
        1-based line of every key path; empty for data that came from a call.
    """

    label: str
    data: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def where(self, path: KeyPath = ()) -> str:
        """Give file and line of a key, or of the nearest enclosing key that has one.

        Parameters
        ----------
        path
            Key path in the document.

        Returns
        -------
        str
            ``label:line``, or the label alone when no line is known.
        """
        for length in range(len(path), -1, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return f"{self.label}:{line}"
        return self.label

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Make a problem at a key.

        Parameters
        ----------
        path
            Key path in the document.
        message
            What is wrong and what is allowed.

        Returns
        -------
        Problem
            With file, line and key filled in.
        """
        return Problem(self.where(path), key_text(path), message)

    def mapping(self, *path: str) -> Mapping[str, Any]:
        """Give the mapping at a path of keys.

        Parameters
        ----------
        *path
            Keys from the top.

        Returns
        -------
        mapping
            Empty when the key is absent or holds something else; that something else
            is the schema's to report.
        """
        value = self.data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def read_yaml(path: Path, problems: list[Problem]) -> YamlDocument | None:
    """Read a YAML 1.2 file.

    Parameters
    ----------
    path
        File to read.
    problems
        Receives what is wrong with the file as YAML.

    Returns
    -------
    YamlDocument or None
        None when there is nothing that could be read.
    """
    text = read_text(path, problems, "a YAML file")
    return None if text is None else parse_yaml(text, label_of(path), problems)


def yaml_of(path: Path, problems: list[Problem]) -> YamlDocument:
    """Read a YAML 1.2 file without which there is nothing to go on with; see ``read_yaml``.

    Raises
    ------
    ScenarioError
        When nothing could be read: with all of ``problems``.
    """
    document = read_yaml(path, problems)
    if document is None:
        raise ScenarioError(problems)
    return document


def parse_yaml(text: str, label: str, problems: list[Problem]) -> YamlDocument | None:
    """Read YAML 1.2 text; see ``read_yaml``.

    Parameters
    ----------
    text
        Content of the file.
    label
        How messages name it.
    problems
        Receives what is wrong with the text as YAML.

    Returns
    -------
    YamlDocument or None
        None when there is nothing that could be read.
    """
    builder = _Builder(YamlDocument(label, None), problems)
    try:
        return builder.build(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 0 if mark is None else mark.line + 1
        message = f"not valid YAML: {_said(error, line)}; {_advice(text, mark)}"
        problems.append(Problem(f"{label}:{line}" if line else label, "", message))
    except YAMLError as error:
        message = f"not valid YAML: {' '.join(str(error).split())}"
        problems.append(Problem(label, "", message))
    return None


def _said(error: MarkedYAMLError, line: int) -> str:
    began = error.context_mark
    if not error.context or began is None or began.line + 1 == line:
        return " ".join(part for part in (error.context, error.problem) if part)
    return f"{error.context} that begins on line {began.line + 1}, {error.problem}"


def _advice(text: str, mark: Mark | None) -> str:
    lines = text.split("\n")
    before = lines[mark.line][: mark.column + 1] if mark and mark.line < len(lines) else ""
    if "\t" in before:
        return "a tab cannot indent, use spaces"
    return "look at indentation, brackets and quotes there"


class _Writer(yaml.SafeDumper):
    """Quotes what YAML 1.1 or 1.2 would take for something else than text."""


for _first in "+-.0123456789":
    _Writer.add_implicit_resolver("tag:yaml.org,2002:float", NUMBERS, [_first])


def write_yaml(content: Mapping[str, Any], path: Path) -> None:
    """Write plain data as a YAML file.

    Parameters
    ----------
    content
        Dicts, lists, text, numbers, booleans.
    path
        File to write; replaced if it exists.
    """
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(
            dict(content),
            file,
            Dumper=_Writer,
            default_flow_style=False,
            sort_keys=False,
            allow_unicode=True,
        )


class _RefusedError(Exception):
    """The file uses something that is not read; the problem is already noted."""


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


class _Builder:
    """Plain Python from the events of one file."""

    def __init__(self, document: YamlDocument, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems
        self.events: Iterator[Any] = iter(())
        self.n_values = 0

    def build(self, text: str) -> YamlDocument | None:
        self.events = iter(yaml.parse(text, Loader=_PARSER))
        documents = 0
        try:
            for event in self.events:
                if isinstance(event, DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._refuse(event, "one document a file; remove the second ---")
                    if event.version not in (None, (1, 2)):
                        self._refuse(event, "only YAML 1.2 is read; remove the %YAML line")
                elif isinstance(event, NodeEvent):
                    self.document.data = self._value(event, ())
        except _RefusedError:
            return None
        if documents == 0 or self.document.data is None:
            self.problems.append(Problem(self.document.label, "", "the file is empty"))
            return None
        return self.document

    def _refuse(self, event: Any, message: str) -> NoReturn:
        self.problems.append(Problem(self._where(event), "", message))
        raise _RefusedError

    def _where(self, event: Any) -> str:
        return f"{self.document.label}:{_line(event)}"

    def _value(self, event: Any, path: KeyPath) -> Any:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self._refuse(event, "anchors and aliases (& and *) are not allowed; write it out")
        if event.tag is not None:
            self._refuse(event, f"tags are not allowed, got {event.tag[:60]}; remove it")
        if len(path) > _DEEPEST:
            self._refuse(event, f"nested more than {_DEEPEST} deep")
        self.n_values += 1
        if self.n_values > _MOST_VALUES:
            self._refuse(event, f"more than {_MOST_VALUES:,} values in one file")
        self.document.lines.setdefault(path, _line(event))
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return plain_scalar(event.value) if event.implicit[0] else event.value

    def _sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent) or event.anchor or event.tag:
                self._refuse(event, "a key must be plain text")
            here, line = (*path, event.value), _line(event)
            if event.value == "<<":
                self._refuse(event, 'merge keys ("<<") are not allowed; write the keys out')
            if event.value not in result:
                self.document.lines[here] = line
                result[event.value] = self._value(next(self.events), here)
                continue
            message = f"given twice, first on line {self.document.lines[here]}"
            self.problems.append(Problem(self._where(event), key_text(here), message))
            # The second value is still read, so that the rest of the file can be.
            self._value(next(self.events), (*here, "again"))
        return result
