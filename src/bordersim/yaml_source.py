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

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

from bordersim.errors import Problem

KeyPath = tuple[str | int, ...]

_LARGEST_FILE = 2_000_000
_DEEPEST = 20
_LONGEST_NUMBER = 100
_TAG = "tag:yaml.org,2002:"


def key_text(path: KeyPath) -> str:
    """Write a key path as text.

    Parameters
    ----------
    path
        Keys and list positions from the top of the file.

    Returns
    -------
    str
        Such as ``policies.add[1].lever``.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
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


def label_of(path: Path) -> str:
    """Name a file the way a user would: relative to the working folder if inside it.

    Parameters
    ----------
    path
        Any path.

    Returns
    -------
    str
        A posix path.
    """
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


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
    label = label_of(path)
    text = _read_text(path, label, problems)
    return None if text is None else parse_yaml(text, label, problems)


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
        where = label if mark is None else f"{label}:{mark.line + 1}"
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
    except YAMLError as error:
        where, message = label, " ".join(str(error).split())
    problems.append(Problem(where, "", f"not valid YAML: {message}"))
    return None


def write_yaml(content: Mapping[str, Any], path: Path) -> None:
    """Write plain data as a YAML file.

    Parameters
    ----------
    content
        Dicts, lists, text, numbers, booleans.
    path
        File to write; replaced if it exists.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.allow_unicode = True
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(dict(content), file)


def _read_text(path: Path, label: str, problems: list[Problem]) -> str | None:
    try:
        if path.is_dir():
            problems.append(Problem(label, "", "is a folder, expected a YAML file"))
            return None
        if path.stat().st_size > _LARGEST_FILE:
            problems.append(Problem(label, "", f"is larger than {_LARGEST_FILE} bytes"))
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(label, "", "no such file"))
        return None
    except UnicodeDecodeError:
        problems.append(Problem(label, "", "is not text in UTF-8, expected a YAML file"))
        return None
    except (OSError, ValueError) as error:
        problems.append(Problem(label, "", f"cannot be read: {error}"))
        return None
    return text


class _RefusedError(Exception):
    """The file uses something that is not read; the problem is already noted."""


class _Builder:
    """Plain Python from the events of one file."""

    def __init__(self, document: YamlDocument, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems
        self.yaml = YAML(typ="safe", pure=True)
        self.events: Iterator[Any] = iter(())

    def build(self, text: str) -> YamlDocument | None:
        self.events = iter(self.yaml.parse(text))
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
        return f"{self.document.label}:{event.start_mark.line + 1}"

    def _value(self, event: Any, path: KeyPath) -> Any:
        if isinstance(event, AliasEvent) or event.anchor is not None:
            self._refuse(event, "anchors and aliases (& and *) are not allowed")
        if event.ctag is not None:
            self._refuse(event, f"tags are not allowed, got {event.ctag}")
        if len(path) > _DEEPEST:
            self._refuse(event, f"nested more than {_DEEPEST} deep")
        self.document.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        try:
            return self._scalar(event)
        except ValueError:
            message = f'cannot read the number "{event.value[:40]}"'
            self.problems.append(self.document.problem(path, message))
            return None

    def _sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            if not isinstance(event, ScalarEvent) or event.anchor is not None:
                self._refuse(event, "a key must be plain text")
            here = (*path, event.value)
            if event.value not in result:
                self.document.lines[here] = event.start_mark.line + 1
                result[event.value] = self._value(next(self.events), here)
                continue
            message = f"given twice, first on line {self.document.lines[here]}"
            self.problems.append(Problem(self._where(event), key_text(here), message))
            # The second value is still read, so that the rest of the file can be.
            self._value(next(self.events), (*here, "again"))
        return result

    def _scalar(self, event: ScalarEvent) -> Any:
        text = event.value
        if not event.implicit[0]:
            return text
        kind = str(self.yaml.resolver.resolve(ScalarNode, text, event.implicit))
        kind = kind.removeprefix(_TAG)
        digits = text.replace("_", "")
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            if len(digits) > _LONGEST_NUMBER:
                raise ValueError("too long")
            prefixed = digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b")
            return int(digits, 0 if prefixed else 10)
        if kind == "float":
            return float(digits.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return text
