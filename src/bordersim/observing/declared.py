"""The declaration of how reports are compared: ``calibration/observation.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bordersim.closed_schema import ClosedModel, OptionalMonth, validate
from bordersim.data_files import evidence_folder
from bordersim.errors import Problem, ScenarioError, suggestion
from bordersim.figures import FIGURES
from bordersim.observing.nuisances import NORMAL, Nuisance
from bordersim.observing.target import GROUPS
from bordersim.yaml_source import YamlDocument, read_yaml

OBSERVATION_SCHEMA = "bordersim/observation@1"


class NuisanceEntry(ClosedModel):
    """Prior of one nuisance."""

    distribution: Literal["uniform", "normal"]
    low: float
    high: float
    mean: float = 0.0
    sd: float = Field(default=0.0, ge=0)
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low is {self.low:g} and high {self.high:g}; low must be below high")
        if self.distribution == NORMAL and self.sd == 0:
            raise ValueError("a normal prior needs mean and sd, sd above 0")
        return self


class QuantityEntry(ClosedModel):
    """How reports of one quantity are compared with a run."""

    quantity: str
    places: list[str] | None = None
    until: OptionalMonth = None
    group: str
    form: Literal["count", "share", "interval"]
    scale: Literal["log", "logit"] | None = None
    spread: float | str
    extra: float = Field(default=0.0, ge=0)
    bias: str = ""
    floor: float = Field(gt=0)
    reason: str = Field(min_length=1)


class RestatingEntry(ClosedModel):
    """An entry that says nothing that others do not say."""

    entry: str
    by: Annotated[list[str], Field(min_length=1)]
    reason: str = Field(min_length=1)


class ObservationFile(ClosedModel):
    """``calibration/observation.yaml``."""

    schema_: Literal["bordersim/observation@1"] = Field(alias="schema")
    nuisances: dict[str, NuisanceEntry]
    quantities: list[QuantityEntry]
    restates: list[RestatingEntry] = Field(default_factory=list)


@dataclass(frozen=True)
class Declared:
    """What the file says, checked.

    Attributes
    ----------
    nuisances
        In order of the file.
    restates
        Entry to the reason why it is not fitted.
    """

    nuisances: tuple[Nuisance, ...]
    quantities: tuple[QuantityEntry, ...]
    restates: Mapping[str, RestatingEntry]

    def rule(self, quantity: str, place: str) -> QuantityEntry | None:
        """How a quantity is compared: the rule of its place, else the one for any place."""
        rules = [rule for rule in self.quantities if rule.quantity == quantity]
        special = [rule for rule in rules if rule.places is not None and place in rule.places]
        general = [rule for rule in rules if rule.places is None]
        return next(iter(special + general), None)


@cache
def declared() -> Declared:
    """The declaration that ships with the package; ScenarioError with every mistake in it."""
    return read_declared(evidence_folder().parent / "observation.yaml")


def read_declared(path: Path) -> Declared:
    """Read a declaration.

    Raises
    ------
    ScenarioError
        With every mistake.
    """
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    file = None if document is None else validate(ObservationFile, document, problems)
    if document is None or file is None:
        raise ScenarioError(problems)
    for position, rule in enumerate(file.quantities):
        _check_rule(rule, ("quantities", position), file, document, problems)
    _check_repeated(file, document, problems)
    if problems:
        raise ScenarioError(problems)
    return Declared(
        tuple(
            Nuisance(name, n.distribution, n.low, n.high, n.mean, n.sd, n.reason)
            for name, n in file.nuisances.items()
        ),
        tuple(file.quantities),
        {entry.entry: entry for entry in file.restates},
    )


def _check_rule(
    rule: QuantityEntry,
    where: tuple[str, int],
    file: ObservationFile,
    document: YamlDocument,
    problems: list[Problem],
) -> None:
    def report(key: str, message: str) -> None:
        problems.append(document.problem((*where, key), message))

    if rule.quantity not in FIGURES:
        close = suggestion(rule.quantity, list(FIGURES))
        report("quantity", f'no figure of a run is named "{rule.quantity}"{close}')
    if rule.group not in GROUPS:
        report("group", f'got "{rule.group}"{suggestion(rule.group, GROUPS)}')
    if (rule.form == "interval") != (rule.scale is not None):
        report("scale", "an interval needs a scale, log or logit; a count or share has its own")
    for key, name in (("spread", rule.spread), ("bias", rule.bias)):
        if isinstance(name, str) and name and name not in file.nuisances:
            close = suggestion(name, list(file.nuisances))
            report(key, f'there is no nuisance "{name}"{close}')
    if rule.form != "share" and rule.spread == 0 and rule.extra == 0:
        report("spread", "got 0; an exact report has likelihood 0")
    if (rule.form == "share" or rule.scale == "logit") and rule.floor >= 0.5:
        report("floor", f"got {rule.floor:g}; of a share it must be below .5")


def _check_repeated(file: ObservationFile, document: YamlDocument, problems: list[Problem]) -> None:
    seen: set[tuple[str, str]] = set()
    for position, rule in enumerate(file.quantities):
        for place in rule.places or [""]:
            if (rule.quantity, place) in seen:
                where = ("quantities", position, "quantity")
                told = f" for {place}" if place else ""
                problems.append(document.problem(where, f'"{rule.quantity}"{told} is given twice'))
            seen.add((rule.quantity, place))
    entries: Sequence[str] = [entry.entry for entry in file.restates]
    for position, name in enumerate(entries):
        if name in entries[:position]:
            problems.append(document.problem(("restates", position, "entry"), f"{name} twice"))
