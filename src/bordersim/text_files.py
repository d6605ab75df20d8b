"""Small text files read with bounds: no device, pipe, binary or giant is ever taken in."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from bordersim.errors import Problem

LARGEST_FILE = 1_000_000
"""Bytes; the largest file that ships has 36 kB."""

# Line separators are among them: they would put editors and messages out of step.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def label_of(path: Path) -> str:
    """Name a file the way a user would: relative to the working folder if inside it.

    Parameters
    ----------
    path
        Any path.

    Returns
    -------
    str
        A posix path that any stream can print.
    """
    # Elsewhere, or a name the system refuses: it stays as it was given.
    with suppress(ValueError, OSError, RuntimeError):
        path = path.resolve().relative_to(Path.cwd())
    return path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def read_text(path: Path, problems: list[Problem], expected: str) -> str | None:
    """Read a text file in UTF-8, with or without a byte order mark.

    Parameters
    ----------
    path
        File to read.
    problems
        Receives why it cannot be read.
    expected
        What the file should be, for messages.

    Returns
    -------
    str or None
        None if there is a problem.
    """
    label = label_of(path)
    try:
        data = _read_bytes(path)
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        message = f"no such file, expected {expected}"
    except UnicodeDecodeError:
        message = f"is not text in UTF-8, expected {expected}"
    except _RefusedError as error:
        message = f"{error}, expected {expected}"
    except OSError as error:
        message = f"cannot be read ({error.strerror}), expected {expected}"
    except (ValueError, RuntimeError):
        message = f"cannot be read (no file has such a name), expected {expected}"
    else:
        found = _NO_TEXT.search(text)
        if found is None:
            return text
        line = text.count("\n", 0, found.start()) + 1
        message = f"holds the character U+{ord(found[0]):04X}, which is no text; remove it"
        label = f"{label}:{line}"
    problems.append(Problem(label, "", message))
    return None


class _RefusedError(Exception):
    """What is at the path is not read; the message says what it is."""


def _read_bytes(path: Path) -> bytes:
    mode = path.stat().st_mode
    for is_kind, kind in _KINDS:
        if is_kind(mode):
            raise _RefusedError(f"is {kind}")
    # What was an ordinary file a moment ago may be a pipe by now: never wait for one.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as handle:
        data = handle.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise _RefusedError(f"is larger than {LARGEST_FILE:,} bytes")
    return data
