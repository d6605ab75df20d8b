"""Calibration files, checked as a whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bordersim.calibrating.plan import MAIN
from bordersim.calibrating.priors import LOGUNIFORM, NORMAL, Prior
from bordersim.calibrating.schema import (
    CALIBRATION_SCHEMA,
    AlternativesSection,
    CalibrationFile,
    PriorEntry,
)
from bordersim.calibrating.spec import Asked, digest_of
from bordersim.closed_schema import validate
from bordersim.codes import OBSERVABLES
from bordersim.dates import month_label
from bordersim.document_reader import DocumentReader
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.observing.declared import declared
from bordersim.parameters import Parameters
from bordersim.scenario import Scenario
from bordersim.scenario_files import in_order
from bordersim.scenario_lookup import scenario_named
from bordersim.vocabulary import read_vocabulary
from bordersim.yaml_source import KeyPath, YamlDocument, read_yaml, yaml_of


def read_calibration(path: Path) -> Asked:
    """Read a calibration file and the scenario it names.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/calibration@1``.

    Raises
    ------
    ScenarioError
        With every mistake in every file concerned.
    """
    problems: list[Problem] = []
    document = yaml_of(path, problems)
    return _Reader(document, path.parent, problems).read(path.stem)


class _Reader(DocumentReader):
    """One file, with everything that is wrong with it."""

    def __init__(self, document: YamlDocument, folder: Path, problems: list[Problem]) -> None:
        super().__init__(document, folder, problems)
        self.parameters: Parameters = read_vocabulary().parameters

    def read(self, stem: str) -> Asked:
        file = validate(CalibrationFile, self.document, self.problems)
        priors = self._priors()
        scenario = self._scenario()
        self._check_observables()
        if file is None or scenario is None:
            raise ScenarioError(in_order(self.problems))
        scenario = self._spanned(scenario, file)
        if file.until > file.simulate_until:
            message = "comes before until; runs must reach the reports that are fitted"
            self._report(("simulate_until",), message)
        if file.screening is not None and file.screening.keep > len(file.priors):
            message = f"got {file.screening.keep}, and there are {len(file.priors)} priors"
            self._report(("screening", "keep"), message)
        self._check_alternatives(file.alternatives, {prior.parameter for prior in priors})
        self._check_places(file)
        known = [nuisance.name for nuisance in declared().nuisances]
        for key in file.nuisances:
            if key not in known:
                message = f'unknown nuisance "{shortened(key)}"{suggestion(key, known)}'
                self._report(("nuisances", key), message)
        name = self._name(file.name, stem)
        if self.problems:
            raise ScenarioError(in_order(self.problems))
        return Asked(
            name=name,
            title=file.title or name,
            scenario=scenario,
            until=file.until,
            seed=file.seed,
            first_seed=file.first_seed,
            priors=tuple(priors),
            screening=file.screening,
            waves=tuple(file.waves),
            nuisances=file.nuisances,
            emulator=file.emulator,
            sampler=file.sampler,
            check=file.check,
            identifiability=file.identifiability,
            alternatives=file.alternatives,
            observables=tuple(file.observables),
            digest=digest_of(self.document.data),
        )

    def _priors(self) -> list[Prior]:
        listed = self.document.mapping().get("priors")
        found: list[Prior] = []
        seen: dict[str, int] = {}
        for position, raw in enumerate(listed if isinstance(listed, list) else ()):
            path: KeyPath = ("priors", position)
            if not isinstance(raw, Mapping):
                continue  # the schema's to report
            entry = validate(PriorEntry, self.document, self.problems, path)
            if entry is None:
                continue
            if entry.parameter in seen:
                first = self.document.where(("priors", seen[entry.parameter]))
                self._report((*path, "parameter"), f"{entry.parameter} has a prior at {first}")
            seen.setdefault(entry.parameter, position)
            if self._in_order(entry, path):
                found.append(_prior(entry))
        return found

    def _in_order(self, entry: PriorEntry, path: KeyPath) -> bool:
        before = len(self.problems)
        if entry.parameter not in self.parameters:
            close = suggestion(entry.parameter, list(self.parameters))
            message = f'unknown parameter "{shortened(entry.parameter)}"{close}'
            self._report((*path, "parameter"), message)
        elif isinstance(self.parameters[entry.parameter].value, tuple):
            message = "it holds a list of numbers; only single ones can vary"
            self._report((*path, "parameter"), message)
        else:
            for end in ("low", "high"):
                mistake = self.parameters.mistake(entry.parameter, getattr(entry, end))
                if mistake is not None:
                    self._report((*path, end), mistake)
        if not entry.low < entry.high:
            self._report((*path, "high"), f"got {entry.high:g}, not above low, {entry.low:g}")
        if entry.distribution == LOGUNIFORM and entry.low <= 0.0:
            self._report((*path, "low"), f"got {entry.low:g}; ratios need a low above 0")
        given = [name for name in ("mean", "sd") if getattr(entry, name) is not None]
        if entry.distribution == NORMAL and len(given) < 2:
            self._report(path, "a normal prior has mean and sd")
        if entry.distribution != NORMAL and given:
            self._report((*path, given[0]), "only of a normal prior")
        return len(self.problems) == before

    def _scenario(self) -> Scenario | None:
        named = self.document.mapping().get("scenario")
        if not isinstance(named, str):
            return None
        source = (self.document, ("scenario",), self.folder)
        return scenario_named(named, source, self.problems, other=_is_calibration)

    def _spanned(self, scenario: Scenario, file: CalibrationFile) -> Scenario:
        try:
            if file.scale is not None:
                scenario = scenario.scaled(file.scale)
            return scenario.until(month_label(file.simulate_until))
        except ScenarioError as error:
            for problem in error.problems:
                self._report(("simulate_until",), f"{scenario.name}: {problem.message}")
            return scenario

    def _check_observables(self) -> None:
        named = self.document.mapping().get("observables")
        for position, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str) and name not in OBSERVABLES:
                close = suggestion(name, list(OBSERVABLES))
                message = f'unknown observable "{shortened(name)}"{close}'
                self._report(("observables", position), message)

    def _check_alternatives(self, section: AlternativesSection | None, varied: set[str]) -> None:
        seen: set[str] = set()
        for position, entry in enumerate(section.structures if section else ()):
            path: KeyPath = ("alternatives", "structures", position)
            if entry.name == MAIN:
                self._report((*path, "name"), f'"{MAIN}" is the structure as it is')
            if entry.name in seen:
                self._report((*path, "name"), f'two alternatives are named "{entry.name}"')
            seen.add(entry.name)
            for key, value in entry.set_.items():
                if mistake := self.parameters.mistake(key, value):
                    self._report((*path, "set", key), mistake)
                elif key in varied:
                    message = "it has a prior, too; a structure sets what is not fitted"
                    self._report((*path, "set", key), message)

    def _check_places(self, file: CalibrationFile) -> None:
        """Structures are run where the last wave was, with its seeds."""
        if file.alternatives is None:
            return
        for key in ("points", "replicates"):
            wanted, there = getattr(file.alternatives, key), getattr(file.waves[-1], key)
            if wanted > there:
                message = f"got {wanted}, and the last wave, whose points they are, has {there}"
                self._report(("alternatives", key), message)


def _is_calibration(path: Path) -> bool:
    """Whether a file is a calibration: one may have the name of the scenario that it fits."""
    document = read_yaml(path, [])
    return document is not None and document.mapping().get("schema") == CALIBRATION_SCHEMA


def _prior(entry: PriorEntry) -> Prior:
    def number(value: float | None) -> float:
        return math.nan if value is None else value

    return Prior(
        parameter=entry.parameter,
        distribution=entry.distribution,
        low=entry.low,
        high=entry.high,
        mean=number(entry.mean),
        sd=number(entry.sd),
        reason=entry.reason,
        always=entry.always,
    )


def plain_priors(priors: tuple[Prior, ...]) -> list[dict[str, Any]]:
    """Priors as plain data."""
    return [prior.plain() for prior in priors]
