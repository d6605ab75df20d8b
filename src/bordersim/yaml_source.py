"""YAML files read so that every value knows its line.

The file is composed into nodes and turned into plain Python here, not by the
YAML library's constructor: no tag can build an object, anchors and aliases are
refused (they can grow without bound), and a key given twice is reported instead
of being dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bordersim.errors import Problem

KeyPath = tuple[str | int, ...]

_LARGEST_FILE = 2_000_000
_DEEPEST = 20
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
    try:
        refused = _refused_events(text, label)
        if refused:
            problems.extend(refused)
            return None
        node = _yaml().compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = label if mark is None else f"{label}:{mark.line + 1}"
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        problems.append(Problem(where, "", f"not valid YAML: {message}"))
        return None
    except YAMLError as error:
        message = " ".join(str(error).split())
        problems.append(Problem(label, "", f"not valid YAML: {message}"))
        return None
    if node is None:
        problems.append(Problem(label, "", "the file is empty"))
        return None
    document = YamlDocument(label, None)
    document.data = _construct(node, (), document, problems)
    return document


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


def _yaml() -> YAML:
    return YAML(typ="rt", pure=True)


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


def _refused_events(text: str, label: str) -> list[Problem]:
    found: list[Problem] = []
    depth = 0
    for event in _yaml().parse(text):
        where = f"{label}:{event.start_mark.line + 1}"
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            found.append(Problem(where, "", "anchors and aliases (& and *) are not allowed"))
        elif isinstance(event, NodeEvent) and getattr(event, "ctag", None):
            found.append(Problem(where, "", f"tags are not allowed, got {event.ctag}"))
        elif isinstance(event, DocumentStartEvent) and event.version not in (None, (1, 2)):
            found.append(Problem(where, "", "only YAML 1.2 is read; remove the %YAML line"))
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                found.append(Problem(where, "", f"nested more than {_DEEPEST} deep"))
                return found
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
    return found


def _construct(node: Node, path: KeyPath, document: YamlDocument, problems: list[Problem]) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return _construct_mapping(node, path, document, problems)
    if isinstance(node, SequenceNode):
        return [
            _construct(item, (*path, position), document, problems)
            for position, item in enumerate(node.value)
        ]
    try:
        return _scalar(node)
    except ValueError:
        problems.append(document.problem(path, f'cannot read the number "{node.value[:40]}"'))
        return None


def _construct_mapping(
    node: MappingNode, path: KeyPath, document: YamlDocument, problems: list[Problem]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            problems.append(Problem(f"{document.label}:{line}", key_text(path), "a key is text"))
            continue
        key = key_node.value
        here = (*path, key)
        if key in result:
            first = document.lines[here]
            message = f"given twice, first on line {first}"
            problems.append(Problem(f"{document.label}:{line}", key_text(here), message))
            continue
        document.lines[here] = line
        result[key] = _construct(value_node, here, document, problems)
    return result


def _scalar(node: ScalarNode) -> Any:
    text = node.value
    kind = str(node.tag).removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    digits = text.replace("_", "")
    if kind == "int":
        prefixed = digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b")
        return int(digits, 0 if prefixed else 10)
    if kind == "float":
        return float(digits.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text
