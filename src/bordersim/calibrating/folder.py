"""The folder of a calibration: what is done is recorded step by step, last and at once.

A step writes its files and then its record, each by renaming a whole file into place. What
a kill leaves is either a step with its record or one that is done again; its runs are in a
store of their own and are not simulated again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.calibrating.spec import digest_of
from bordersim.durable import (
    explained,
    make_folder,
    only_writer,
    sync_folder,
    unfinished_folder,
    write_file,
)
from bordersim.errors import BordersimError, Problem, ScenarioError
from bordersim.part_files import encoded

_STEPS = "steps"
_MOST_CHANGES = 12


class ChangedError(ScenarioError):
    """A step was done from other inputs than the file now gives."""

    @classmethod
    def of(cls, folder: Path, step: str, found: Iterable[str]) -> ChangedError:
        """Say what has changed, and what can be done about it."""
        advice = (
            "its runs were made from another file or engine. Give the file another name to "
            "calibrate anew; or --redo to have them made again; or --keep to use them as they are"
        )
        changed = [Problem(str(folder), step, f"changed: {text}") for text in found]
        return cls([*changed, Problem(str(folder), step, advice)])


@dataclass(frozen=True)
class Record:
    """What is known of a step that is done.

    Attributes
    ----------
    step
        Its name.
    inputs
        Everything that decides what it gives, as plain data.
    seconds
        It took, on the clock; over all calls, where it was interrupted.
    notes
        What it found, as plain data.
    """

    step: str
    inputs: Mapping[str, Any]
    seconds: float
    notes: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Digest of the inputs."""
        return digest_of(self.inputs)


class Folder:
    """Files of one calibration.

    Parameters
    ----------
    path
        Need not be there; then nothing is done.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def must_be_its_own(self) -> None:
        """Refuse a folder in which a scenario of the same name keeps its runs.

        Raises
        ------
        ScenarioError
            Both would write its manifest.
        """
        if any((self.path / "runs").glob("part-*")) and not (self.path / _STEPS).is_dir():
            message = "holds runs of a scenario; name another folder with -o (out in Python)"
            raise ScenarioError([Problem(str(self.path), "", message)])

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Be the only process that works at the calibration."""
        try:
            with only_writer(self.path):
                yield
        except OSError as error:
            raise explained(error, self.path, kept="What was done before stays.") from error

    def record(self, step: str) -> Record | None:
        """What is known of a step; None when it is not done."""
        try:
            said = json.loads((self.path / _STEPS / f"{step}.json").read_text("utf-8"))
            return Record(step, said["inputs"], said["seconds"], said["notes"])
        except (OSError, ValueError, KeyError):
            return None

    def spent(self, step: str) -> float:
        """Seconds that interrupted calls spent on a step."""
        try:
            return float((self.path / _STEPS / f"{step}.spent").read_text("ascii"))
        except (OSError, ValueError):
            return 0.0

    def spend(self, step: str, seconds: float) -> None:
        """Take note of the seconds spent so far on a step that is not done."""
        self.write(f"{_STEPS}/{step}.spent", f"{seconds:.3f}".encode())

    def finish(self, record: Record) -> None:
        """Take note that a step is done; its files are there."""
        said = {"step": record.step, "inputs": record.inputs, "seconds": record.seconds}
        text = json.dumps({**said, "notes": record.notes}, indent=1, ensure_ascii=False)
        self.write(f"{_STEPS}/{record.step}.json", f"{text}\n".encode())

    def write(self, name: str, data: bytes | memoryview) -> Path:
        """Write or replace a file, whole or not at all."""
        path = self.path / name
        try:
            make_folder(path.parent)
            with unfinished_folder(self.path) as folder:
                write_file(folder / path.name, data)
                os.replace(folder / path.name, path)
            sync_folder(path.parent)
        except OSError as error:
            raise explained(error, self.path, len(data), "What was done before stays.") from error
        return path

    def write_table(self, name: str, table: pa.Table) -> Path:
        """Write or replace a table."""
        return self.write(name, encoded(table))

    def table(self, name: str) -> pa.Table:
        """Read a table of a step that is done.

        Raises
        ------
        BordersimError
            When it cannot be read.
        """
        path = self.path / name
        try:
            return pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise BordersimError(
                f"{path}: cannot be read ({' '.join(str(error).split())}); remove "
                f"{self.path / _STEPS} to have every step done again from the stored runs"
            ) from error


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say what differs between the inputs of a step, one text a difference."""
    old, new = dict(_flat(before, ())), dict(_flat(now, ()))
    found = [
        f"{key}: {_said(old.get(key))} -> {_said(new.get(key))}"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]
    more = len(found) - _MOST_CHANGES
    return found if more <= 0 else [*found[:_MOST_CHANGES], f"and {more} more"]


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, (*path, str(key)))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for position, item in enumerate(value):
            name = str(item.get("parameter", position))
            yield from _flat(item, (*path, name))
    else:
        yield ".".join(path), value


def _said(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
