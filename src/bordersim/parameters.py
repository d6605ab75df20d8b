"""The knobs of nature: every parameter of the model with unit, range and source."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from bordersim.closed_schema import ClosedModel, NumberOrList, validate
from bordersim.errors import BordersimError, Problem, ScenarioError, shortened, suggestion
from bordersim.yaml_source import read_yaml

Value = float | tuple[float, ...]

_ROUNDING = 1e-6
_REAL = (int, float, np.integer, np.floating)


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes
    ----------
    key
        ``group.name``.
    title, unit
        What it is, and in what it is measured.
    value
        A number, or one number per label.
    labels
        Meaning of each entry of a list value; empty otherwise.
    low, high
        Inclusive bounds of every entry.
    kind
        ``estimate``, ``law``, ``assumption`` or ``calibrated``.
    source, reason
        Where it comes from; why it was assumed.
    where
        File and line that describe it.
    sum
        What the entries must sum to, if anything.
    """

    key: str
    title: str
    unit: str
    value: Value
    labels: tuple[str, ...]
    low: float
    high: float
    kind: str
    source: str
    reason: str
    where: str = ""
    sum: float | None = None

    def mistake(self, value: object) -> str | None:
        """Say what is wrong with a proposed value.

        Parameters
        ----------
        value
            A number, or a sequence of as many numbers as the parameter has.

        Returns
        -------
        str or None
            None if the value is allowed.
        """
        is_list = isinstance(self.value, tuple)
        entries: list[object] = list(value) if _is_sequence(value) else [value]  # type: ignore[call-overload]
        if is_list != _is_sequence(value) or (is_list and len(entries) != len(self.values())):
            wanted = f"a list of {len(self.values())} numbers" if is_list else "one number"
            return f"got {shortened(repr(value))}, expected {wanted} ({self.unit})"
        for entry in entries:
            if isinstance(entry, bool) or not isinstance(entry, _REAL):
                return f"got {shortened(repr(entry))}, expected a number ({self.unit})"
            # Compared before it is turned into a float: an integer may be too large for one.
            if not self.low <= entry <= self.high:
                got = shortened(repr(entry))
                return f"got {got}; allowed: {self.low:g} to {self.high:g} {self.unit}"
        total = math.fsum(entries)  # type: ignore[arg-type]
        if self.sum is not None and abs(total - self.sum) > _ROUNDING:
            return f"the sum is {total:g}; it must be {self.sum:g}"
        return None

    def values(self) -> tuple[float, ...]:
        """Give the value as a tuple, of length one for a single number.

        Returns
        -------
        tuple of float
            In ``unit``.
        """
        return self.value if isinstance(self.value, tuple) else (self.value,)


class MissingParameterError(BordersimError, KeyError):
    """A parameter that the model needs is not in the file of parameters."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)

    def __str__(self) -> str:
        return f'there is no parameter "{self.key}"; restore it in scenarios/parameters.yaml'


class Parameters:
    """Every parameter by key; immutable.

    Iterating gives keys, indexing gives a ``Parameter``; ``value`` and ``values``
    give numbers.

    Parameters
    ----------
    items
        Key to parameter; copied.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Parameter]) -> None:
        self._items: dict[str, Parameter] = dict(items)

    def __getitem__(self, key: str) -> Parameter:
        try:
            return self._items[key]
        except KeyError:
            raise MissingParameterError(key) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def value(self, key: str) -> float:
        """Give a single number.

        Parameters
        ----------
        key
            ``group.name`` of a parameter that holds one number.

        Returns
        -------
        float
            In the parameter's unit.

        Raises
        ------
        KeyError
            If there is no such parameter.
        TypeError
            If it holds a list.
        """
        value = self[key].value
        if isinstance(value, tuple):
            raise TypeError(f'parameter "{key}" holds {len(value)} numbers; use values()')
        return value

    def values(self, key: str) -> npt.NDArray[np.float64]:
        """Give the numbers of a list.

        Parameters
        ----------
        key
            ``group.name``; a single number gives an array of length one.

        Returns
        -------
        ndarray
            A new float64 array, in the parameter's unit.

        Raises
        ------
        KeyError
            If there is no such parameter.
        """
        return np.array(self[key].values(), dtype=np.float64)

    def mistake(self, key: str, value: object) -> str | None:
        """Say what is wrong with giving a parameter a value; None if nothing is.

        Parameters
        ----------
        key
            Proposed key.
        value
            Proposed value.

        Returns
        -------
        str or None
            The message of a ``Problem``.
        """
        if key not in self:
            return f'unknown parameter "{shortened(key)}"{suggestion(key, self)}'
        return self[key].mistake(value)

    def replace(self, values: Mapping[str, float | Sequence[float]]) -> Parameters:
        """Give a copy with other values.

        Parameters
        ----------
        values
            Key to number, or to as many numbers as the parameter holds.

        Returns
        -------
        Copy
            Everything else is unchanged.

        Raises
        ------
        ScenarioError
            For unknown keys and for values out of bounds, all at once.
        """
        problems = [
            Problem("parameters", key, message)
            for key, value in values.items()
            if (message := self.mistake(key, value)) is not None
        ]
        if problems:
            raise ScenarioError(problems)
        changed = dict(self._items)
        for key, value in values.items():
            changed[key] = replace(changed[key], value=_plain(value))
        return Parameters(changed)


def _is_sequence(value: object) -> bool:
    return isinstance(value, (list, tuple, np.ndarray))


def _plain(value: float | Sequence[float]) -> Value:
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(float(entry) for entry in value)
    return float(value)  # type: ignore[arg-type]


class _ParameterEntry(ClosedModel):
    title: str
    unit: str
    value: NumberOrList
    labels: list[str] = Field(default_factory=list)
    low: float
    high: float
    sum: float | None = None
    kind: Literal["estimate", "law", "assumption", "calibrated"]
    source: str = ""
    reason: str = ""


class _ParameterFile(ClosedModel):
    schema_tag: Literal["bordersim/parameters@1"] = Field(alias="schema")
    groups: dict[str, dict[str, _ParameterEntry]]


def read_parameters(path: Path) -> Parameters:
    """Read a file of parameters.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/parameters@1``.

    Returns
    -------
    All of them
        In the order of the file.

    Raises
    ------
    ScenarioError
        With every mistake in the file.
    """
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    content = None if document is None else validate(_ParameterFile, document, problems)
    found: dict[str, Parameter] = {}
    if document is not None and content is not None:
        for group, entries in content.groups.items():
            for name, entry in entries.items():
                where = document.where(("groups", group, name))
                parameter = _parameter(f"{group}.{name}", entry, where)
                found[parameter.key] = parameter
                problems.extend(
                    document.problem(("groups", group, name), message)
                    for message in _mistakes(parameter)
                )
    if problems:
        raise ScenarioError(problems)
    return Parameters(found)


def _parameter(key: str, entry: _ParameterEntry, where: str) -> Parameter:
    return Parameter(
        key=key,
        title=entry.title,
        unit=entry.unit,
        value=entry.value,
        labels=tuple(entry.labels),
        low=entry.low,
        high=entry.high,
        kind=entry.kind,
        source=entry.source,
        reason=entry.reason,
        where=where,
        sum=entry.sum,
    )


def _mistakes(parameter: Parameter) -> list[str]:
    found: list[str] = []
    if parameter.low > parameter.high:
        found.append(f"low {parameter.low:g} is above high {parameter.high:g}")
    elif (mistake := parameter.mistake(parameter.value)) is not None:
        found.append(mistake)
    if parameter.labels and len(parameter.labels) != len(parameter.values()):
        found.append(f"{len(parameter.labels)} labels for {len(parameter.values())} values")
    if parameter.kind == "assumption" and not parameter.reason:
        found.append("an assumption needs a reason")
    if parameter.kind != "assumption" and not parameter.source:
        found.append(f"kind {parameter.kind} needs a source")
    return found
