"""Policies as written turned into policies that can act, and what may be wrong with them.

The checks work on raw YAML, not on a validated model, so that a mistake in one key
never hides a mistake in another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bordersim.codes import LAST_MONTH
from bordersim.dates import month_label, parse_month
from bordersim.errors import MOST_PROBLEMS, Problem, shortened, suggestion
from bordersim.levers import LeverSpec
from bordersim.policies import HOLD, OPS, SCALE_UNIT, Policy
from bordersim.schema import PolicyEntry
from bordersim.units import describe, parse_quantity, unit_factor
from bordersim.vocabulary import Vocabulary
from bordersim.yaml_source import KeyPath, YamlDocument


class PolicyChecker:
    """Checks of one policy as written.

    Parameters
    ----------
    document
        Gives lines.
    path
        Key path of the policy.
    vocabulary
        What names mean.
    problems
        Receives what is wrong.
    """

    def __init__(
        self,
        document: YamlDocument,
        path: KeyPath,
        vocabulary: Vocabulary,
        problems: list[Problem],
    ) -> None:
        self.document = document
        self.path = path
        self.vocabulary = vocabulary
        self.problems = problems

    def check(self, raw: Mapping[str, Any]) -> None:
        """Report everything that can be told without the other policies.

        Parameters
        ----------
        raw
            The policy as written. Keys of the wrong kind are left to the schema.
        """
        lever = raw.get("lever")
        spec = self.vocabulary.catalogue.get(lever) if isinstance(lever, str) else None
        if isinstance(lever, str) and spec is None:
            close = suggestion(lever, self.vocabulary.catalogue)
            if lever in self.vocabulary.parameters:
                close = "; it is a parameter, which stands under parameters, undated"
            self._report("lever", f'unknown lever "{shortened(lever)}"{close}')
        self._check_amount(raw, spec)
        self._check_months(raw)
        if spec is not None:
            self._check_places(raw.get("places"), spec)
        self._check_evidence(_texts(raw.get("evidence")))

    def _check_evidence(self, cited: list[str]) -> None:
        known = self.vocabulary.evidence_ids
        unknown = [position for position, name in enumerate(cited) if name not in known]
        for position in unknown[:MOST_PROBLEMS]:
            close = suggestion(cited[position], known) or "; ids are in calibration/evidence"
            message = f'unknown evidence "{shortened(cited[position])}"{close}'
            self._report("evidence", message, position)
        if len(unknown) > MOST_PROBLEMS:
            self._report("evidence", f"and {len(unknown) - MOST_PROBLEMS:,} more are unknown")

    def _report(self, key: str, message: str, position: int | None = None) -> None:
        inside: KeyPath = (key,) if position is None else (key, position)
        self.problems.append(self.document.problem((*self.path, *inside), message))

    def _check_amount(self, raw: Mapping[str, Any], spec: LeverSpec | None) -> None:
        has_value, has_parameter = "value" in raw, raw.get("parameter") is not None
        if raw.get("op") == HOLD:
            for key, given in (("value", has_value), ("parameter", has_parameter)):
                if given:
                    self._report(key, "hold takes none: it keeps the value of the month before")
            return
        if has_value == has_parameter:
            got = "both" if has_value else "neither"
            self._report("value", f"a policy needs either value or parameter, got {got}")
        if has_parameter and isinstance(raw["parameter"], str):
            self._check_parameter(raw["parameter"], raw.get("op"), spec)
        if has_value and spec is not None and isinstance(raw["value"], (str, int, float)):
            self._check_value(raw["value"], raw.get("op"), spec)

    def _check_value(self, value: object, op: object, spec: LeverSpec) -> None:
        try:
            amount = parse_quantity(value, SCALE_UNIT if op == "scale" else spec.unit)
        except ValueError as error:
            # The schema already refuses what is no number at all.
            if isinstance(value, str):
                self._report("value", str(error))
            return
        mistake = spec.range_mistake(amount) if op == "set" else None
        if op == "scale" and amount < 0.0:
            mistake = f"got {amount:g}; a multiplier cannot be negative"
        if mistake is not None:
            self._report("value", mistake)

    def _check_parameter(self, key: str, op: object, spec: LeverSpec | None) -> None:
        parameters = self.vocabulary.parameters
        if key not in parameters:
            self._report(
                "parameter", f'unknown parameter "{shortened(key)}"{suggestion(key, parameters)}'
            )
            return
        parameter = parameters[key]
        if isinstance(parameter.value, tuple):
            self._report("parameter", f'"{key}" holds a list, expected one number')
        if spec is not None and op in OPS:
            try:
                unit_factor(parameter.unit, SCALE_UNIT if op == "scale" else spec.unit)
            except ValueError as error:
                self._report("parameter", str(error))

    def _check_months(self, raw: Mapping[str, Any]) -> None:
        start, until = _month(raw.get("from")), _month(raw.get("until"))
        if start is not None and until is not None and until < start:
            message = f"{month_label(until)} is before from, {month_label(start)}"
            self._report("until", message)
        if start == 0 and raw.get("op") == HOLD:
            self._report("from", f"{month_label(0)} has no month before it whose value to hold")
        ramp = raw.get("ramp", 0)
        if not isinstance(ramp, (str, int, float)) or isinstance(ramp, bool):
            return
        try:
            months = parse_quantity(ramp, "months")
        except ValueError as error:
            if isinstance(ramp, str):
                self._report("ramp", str(error))
            return
        if not 0 <= months <= LAST_MONTH + 1 or months != int(months):
            message = f"got {describe(ramp)}, expected whole months, 0 to {LAST_MONTH + 1}"
            self._report("ramp", message)

    def _check_places(self, raw: object, spec: LeverSpec) -> None:
        if not isinstance(raw, list):
            return
        allowed = spec.place_names(self.vocabulary.places)
        if not raw:
            self._report("places", "got an empty list; leave the key out to act everywhere")
        elif not allowed:
            self._report("places", f"{spec.key} is national and takes no places")
            return
        elif len(raw) > MOST_PROBLEMS:
            self._report("places", f"got {len(raw):,} places; there are {len(allowed)}")
            return
        seen: set[str] = set()
        for position, place in enumerate(raw):
            if not isinstance(place, str):
                continue
            if place in seen:
                self._report("places", f'"{shortened(place)}" is given twice', position)
            seen.add(place)
            if place in allowed:
                continue
            if place in self.vocabulary.places.slots():
                message = f'"{place}" is not a {spec.places}; {spec.key} goes by {spec.places}'
            else:
                message = f'unknown place "{shortened(place)}"{suggestion(place, allowed)}'
            self._report("places", message, position)


def _month(raw: object) -> int | None:
    try:
        return parse_month(raw)
    except ValueError:
        return None


def _texts(raw: object) -> list[str]:
    return [item for item in raw if isinstance(item, str)] if isinstance(raw, list) else []


def compile_policy(entry: PolicyEntry, vocabulary: Vocabulary, where: str) -> Policy:
    """Turn a policy that passed every check into one that can act.

    Parameters
    ----------
    entry
        As validated by the schema.
    vocabulary
        What names mean.
    where
        File and line, for later messages.

    Returns
    -------
    Policy
        With its value in the lever's unit.
    """
    spec = vocabulary.catalogue[entry.lever]
    unit = SCALE_UNIT if entry.op == "scale" else spec.unit
    return Policy(
        id=entry.id,
        title=entry.title,
        lever=entry.lever,
        op=entry.op,
        value=None if entry.value is None else parse_quantity(entry.value, unit),
        parameter=entry.parameter,
        start=entry.start,
        until=entry.until,
        ramp=int(parse_quantity(entry.ramp, "months")),
        places=tuple(entry.places or ()),
        factor=entry.factor or spec.factor,
        evidence=tuple(entry.evidence),
        where=where,
    )
