"""What can go wrong, as classes a caller may want to tell apart.

A mistake in an input file is never raised alone: whoever reads a file gathers
every ``Problem`` and raises them together in one ``ScenarioError``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MOST_PROBLEMS = 100
"""Mistakes of one kind that are told of one file; what follows is only counted."""

_LONGEST_LIST = 40
_LONGEST_NAME = 60


class BordersimError(Exception):
    """Anything this package raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One mistake in an input.

    Attributes
    ----------
    where
        File and line, such as ``scenarios/x.yaml:14``, or the call it came from.
    key
        Path of the key inside the file, such as ``policies.add[1].lever``; may be empty.
    message
        What was got, what is allowed, and the nearest valid name where there is one.
    """

    where: str
    key: str
    message: str

    def __str__(self) -> str:
        key = f" {self.key}" if self.key else ""
        return printable(f"{self.where}{key}: {self.message}")


class ScenarioError(BordersimError):
    """Every mistake found in a scenario and in the files it needs.

    Parameters
    ----------
    problems
        At least one problem, in the order in which they are to be shown.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        # The default would rebuild the error from its message, one problem a letter.
        return type(self), (self.problems,)


class StoreError(BordersimError):
    """A results folder cannot be read or written as asked."""


def printable(text: str) -> str:
    """Write what a terminal would not show, or would obey, as an escape.

    Parameters
    ----------
    text
        Any text, perhaps quoted from a file.

    Returns
    -------
    str
        One line; escape codes, line breaks and the like as in a Python string.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def shortened(text: str) -> str:
    """Cut what is too long to be quoted in a message.

    Parameters
    ----------
    text
        A name, or a value, as it stands in a file.

    Returns
    -------
    str
        At most 60 characters.
    """
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 3] + "..."


def suggestion(name: str, valid: Collection[str]) -> str:
    """Say which valid name was probably meant.

    Parameters
    ----------
    name
        The unknown name.
    valid
        Names that would have been accepted.

    Returns
    -------
    str
        ``; did you mean "x"?``, or the list of valid names when none is close
        and the list is short, or those of its group (``group.name``), or nothing.
    """
    close = []
    if len(name) <= _LONGEST_NAME:
        close = get_close_matches(name, list(valid), n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{close[0]}"?'
    group = name.partition(".")[0]
    kin = [known for known in valid if known.startswith(f"{group}.")]
    for names, says in ((list(valid), "allowed"), (kin, f"allowed in {group}")):
        if 0 < len(names) <= _LONGEST_LIST:
            return f"; {says}: {', '.join(names)}"
    return ""
