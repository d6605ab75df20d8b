"""One axis of a design: a lever or a parameter, and the values it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bordersim.closed_schema import validate
from bordersim.dates import month_label
from bordersim.errors import Problem, shortened, suggestion
from bordersim.levers import LeverSpec
from bordersim.parameters import Parameter
from bordersim.policies import SCALE_UNIT, Policy
from bordersim.policy_reading import PolicyChecker
from bordersim.sweeping.schema import MOST_POINTS, AxisEntry
from bordersim.units import describe, parse_quantity
from bordersim.vocabulary import Vocabulary
from bordersim.yaml_source import KeyPath, YamlDocument, key_text

_FORMS = ("values", "linspace", "range")
_DATED = ("op", "from", "until", "ramp", "places")


@dataclass(frozen=True)
class Axis:
    """One lever or parameter that a design varies.

    Attributes
    ----------
    key
        Of the lever or parameter.
    unit
        Of its values; a multiplier where a lever is scaled.
    values
        In order; empty for an axis that has a range.
    low, high, log
        Ends of a range, and whether it is spaced by ratios.
    policy
        For a lever, the policy that acts last, its value to be filled in; None for a
        parameter.
    """

    key: str
    unit: str
    values: tuple[float, ...]
    low: float
    high: float
    log: bool
    policy: Policy | None

    def at(self, share: float) -> float:
        """Value at a share, in [0, 1], of the way from one end of the range to the other."""
        if share in (0.0, 1.0):  # the ends themselves: rounding may not leave the range
            return self.high if share else self.low
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share

    def plain(self) -> dict[str, Any]:
        """Give everything that decides what the axis does, as plain data."""
        policy = self.policy
        dated: dict[str, Any] = {}
        if policy is not None:
            dated = {
                "op": policy.op,
                "from": month_label(policy.start),
                "until": None if policy.until is None else month_label(policy.until),
                "ramp": policy.ramp,
                "places": list(policy.places),
            }
        kind = "parameter" if policy is None else "lever"
        ends = [self.low, self.high, self.log]
        said = {"key": self.key, "kind": kind, "unit": self.unit}
        return said | {"values": list(self.values), "range": ends} | dated


class AxisReader:
    """Reads the axes of one design, and says what is wrong with each.

    Parameters
    ----------
    document
        The sweep file.
    vocabulary
        What keys and places mean.
    problems
        Receives what is wrong.
    """

    def __init__(
        self, document: YamlDocument, vocabulary: Vocabulary, problems: list[Problem]
    ) -> None:
        self.document = document
        self.vocabulary = vocabulary
        self.problems = problems

    def read(self, section: str, key: str, raw: object, *, ranged: bool) -> Axis | None:
        """Read one axis.

        Parameters
        ----------
        section
            ``levers`` or ``parameters``.
        key, raw
            What is varied, and what the file says of it.
        ranged
            Whether the design lays its points over ranges, or values (grid).

        Returns
        -------
        Axis or None
            None when something is wrong with it.
        """
        path: KeyPath = ("design", section, key)
        before = len(self.problems)
        known = self._known(section, key, path)
        written = {"values": raw} if isinstance(raw, list) else raw
        if ranged and raw is None:  # `china.inland_months:` with nothing behind it
            return self._whole(known, AxisEntry(), path)
        if not isinstance(written, dict):
            self._report(
                path, f"got {describe(raw)}, expected a list of values, or keys and values"
            )
            return None
        entry = self._entry(written, path, as_list=isinstance(raw, list))
        if entry is None or known is None:
            return None
        if isinstance(known, LeverSpec):
            self._check_dates(written, known, path)
        elif foreign := [name for name in _DATED if name in written]:
            message = f"{', '.join(foreign)}: only a lever is moved in time and place"
            self._report(path, message)
        values = self._values(entry, known, path, ranged=ranged)
        if len(self.problems) > before or values is None:
            return None
        if ranged and entry.range is None:
            return self._whole(known, entry, path)
        return self._axis(entry, known, values, path)

    def _whole(
        self, known: LeverSpec | Parameter | None, entry: AxisEntry, path: KeyPath
    ) -> Axis | None:
        """Axis over all that is allowed, where a file names no range."""
        if known is None:
            return None
        if entry.op != "set":
            self._report(path, f"{entry.op} needs a range: [lowest, highest]")
            return None
        ends = [known.low, known.high]
        if not self._spaced(ends, path, log=entry.log, ranged=True):
            return None
        return self._axis(entry.model_copy(update={"range": ends}), known, (), path)

    def _axis(
        self,
        entry: AxisEntry,
        known: LeverSpec | Parameter,
        values: tuple[float, ...],
        path: KeyPath,
    ) -> Axis:
        key = known.key
        policy = _policy(entry, known, self.document.where(path))
        unit = SCALE_UNIT if policy is not None and policy.op == "scale" else known.unit
        low, high = (entry.range[0], entry.range[1]) if entry.range else (0.0, 0.0)
        return Axis(key, unit, values, low, high, entry.log, policy)

    def _report(self, path: KeyPath, message: str) -> None:
        self.problems.append(self.document.problem(path, message))

    def _known(self, section: str, key: str, path: KeyPath) -> LeverSpec | Parameter | None:
        levers, parameters = self.vocabulary.catalogue, self.vocabulary.parameters
        ours, theirs = (levers, parameters) if section == "levers" else (parameters, levers)
        if key not in ours:
            kind = section.removesuffix("s")
            close = suggestion(key, list(ours))
            if key in theirs:
                other = "parameters" if section == "levers" else "levers"
                close = f"; it belongs under design.{other}"
            self._report(path, f'unknown {kind} "{shortened(key)}"{close}')
            return None
        known: LeverSpec | Parameter = ours[key]
        if isinstance(known, Parameter) and isinstance(known.value, tuple):
            self._report(path, f"it holds {len(known.value)} numbers; only single ones can vary")
            return None
        return known

    def _entry(self, written: dict[str, Any], path: KeyPath, *, as_list: bool) -> AxisEntry | None:
        if not as_list:
            return validate(AxisEntry, self.document, self.problems, path)
        # A bare list is short for {values: [...]}; its lines are those of the list.
        lines = {
            ("values", *place[len(path) :]): line
            for place, line in self.document.lines.items()
            if place[: len(path)] == path
        }
        short = YamlDocument(self.document.label, written, lines)
        found: list[Problem] = []
        entry = validate(AxisEntry, short, found)
        for problem in found:
            key = f"{key_text(path)}{problem.key.removeprefix('values')}"
            self.problems.append(Problem(problem.where, key, problem.message))
        return entry

    def _check_dates(self, written: Mapping[str, Any], spec: LeverSpec, path: KeyPath) -> None:
        raw = {name: written[name] for name in _DATED if name in written}
        checker = PolicyChecker(self.document, path, self.vocabulary, self.problems)
        # Each value is judged below; a placeholder in range keeps the check quiet about it.
        checker.check({"lever": spec.key, "value": 1.0, **raw, "op": "add"})

    def _values(
        self, entry: AxisEntry, known: LeverSpec | Parameter, path: KeyPath, *, ranged: bool
    ) -> tuple[float, ...] | None:
        given = [name for name in _FORMS if getattr(entry, name) is not None]
        if ranged and not given:
            return ()
        wanted = ["range"] if ranged else ["values", "linspace"]
        if len(given) != 1 or given[0] not in wanted:
            got = ", ".join(given) or "none"
            forms = "range: [lowest, highest]" if ranged else "values, or linspace: [a, b, n]"
            kind = "such a design" if ranged else "a grid"
            self._report(path, f"got {got}; an axis of {kind} has {forms}")
            return None
        unit = SCALE_UNIT if entry.op == "scale" else known.unit
        values: list[float] = []
        ends = entry.range if ranged else entry.linspace
        if entry.values is not None:
            for position, raw in enumerate(entry.values):
                try:
                    values.append(parse_quantity(raw, unit))
                except ValueError as error:
                    self._report((*path, position), str(error))
        elif ends is not None:
            values = self._spaced(ends, path, log=entry.log, ranged=ranged)
        for position, value in enumerate(values):
            inside: KeyPath = (*path, position) if entry.values is not None else path
            if mistake := _mistake(value, entry, known):
                self._report(inside, mistake)
        if entry.values is not None and (not values or len(set(values)) < len(values)):
            self._report(path, "each value once, and at least one, please")
        return () if ranged else tuple(values)

    def _spaced(self, ends: list[float], path: KeyPath, *, log: bool, ranged: bool) -> list[float]:
        length, form = (2, "[lowest, highest]") if ranged else (3, "[lowest, highest, how many]")
        if len(ends) != length or not ends[0] < ends[1]:
            self._report(path, f"got {ends}, expected {form}, the lowest below the highest")
            return []
        if log and ends[0] <= 0.0:
            self._report(path, f"got {ends[0]:g}; ratios need a lowest value above 0")
            return []
        if ranged:
            return [ends[0], ends[1]]
        low, high, count = ends
        if count != int(count) or not 2 <= count <= MOST_POINTS:
            self._report(path, f"got {count:g} values, expected a whole number of at least 2")
            return []
        n = int(count)
        shares = [i / (n - 1) for i in range(n)]
        if log:
            inner = [math.exp(math.log(low) + s * math.log(high / low)) for s in shares]
        else:
            inner = [low + (high - low) * share for share in shares]
        return [low, *inner[1:-1], high]


def _mistake(value: float, entry: AxisEntry, known: LeverSpec | Parameter) -> str | None:
    if isinstance(known, Parameter):
        return known.mistake(value)
    if entry.op == "scale" and value < 0.0:
        return f"got {value:g}; a multiplier cannot be negative"
    return known.range_mistake(value) if entry.op == "set" else None


def _policy(entry: AxisEntry, known: LeverSpec | Parameter, where: str) -> Policy | None:
    if isinstance(known, Parameter):
        return None
    return Policy(
        id=f"sweep-{known.key}",
        title="sweep point",
        lever=known.key,
        op=entry.op,
        value=0.0,
        parameter=None,
        start=entry.start,
        until=entry.until,
        ramp=int(parse_quantity(entry.ramp, "months")),
        places=tuple(entry.places or ()),
        factor=known.factor,
        evidence=(),
        where=where,
    )
