"""Sweep files, and calls that stand for one, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bordersim.closed_schema import validate
from bordersim.codes import OBSERVABLES
from bordersim.dates import month_label
from bordersim.document_reader import DocumentReader
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.scenario import Scenario, load
from bordersim.scenario_files import in_order
from bordersim.scenario_lookup import scenario_named
from bordersim.sweeping.axes import Axis, AxisReader
from bordersim.sweeping.designs import INDICES, RANGED, SOBOL_INDICES, Design, grid_size
from bordersim.sweeping.draws import Draws, posterior_at, read_draws
from bordersim.sweeping.schema import LAST_SEED, MOST_POINTS, DesignSection, SweepFile
from bordersim.sweeping.spec import Sweep, kept_observables
from bordersim.vocabulary import Vocabulary, read_vocabulary
from bordersim.yaml_source import YamlDocument, yaml_of

MOST_CELLS = 5_000_000


def read_sweep(path: Path, overriding: Mapping[str, Any] | None = None) -> Sweep:
    """Read a sweep file and the scenarios it names.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/sweep@1``.
    overriding
        Keys of the file that a caller has another value for; sections are merged.

    Returns
    -------
    Sweep
        Ready to be planned.

    Raises
    ------
    ScenarioError
        With every mistake in every file concerned.
    """
    problems: list[Problem] = []
    document = yaml_of(path, problems)
    for key, value in (overriding or {}).items():
        if isinstance(document.data, dict):
            section = isinstance(value, Mapping)
            document.data[key] = {**document.mapping(key), **value} if section else value
    return _SweepReader(document, path.parent, problems).read(path.stem)


def sweep_of_call(
    scenarios: Sequence[Scenario | str | Path], content: Mapping[str, Any], name: str
) -> Sweep:
    """Make a sweep of the arguments of a call.

    Parameters
    ----------
    scenarios
        Scenarios, or files of them.
    content
        What else a sweep file would say.
    name
        Of the study.

    Raises
    ------
    ScenarioError
        With every mistake.
    """
    problems: list[Problem] = []
    loaded: list[Scenario] = []
    for one in scenarios:
        try:
            loaded.append(one if isinstance(one, Scenario) else load(one))
        except ScenarioError as error:
            problems.extend(error.problems)
    names = [scenario.name for scenario in loaded] or ["none"]
    data = {"schema": "bordersim/sweep@1", "scenarios": names, **content}
    document = YamlDocument("sweep()", data)
    return _SweepReader(document, Path(), problems).read(name, loaded)


def with_draws(asked: Sweep, count: int) -> Sweep:
    """Give a sweep more draws from its posterior.

    Raises
    ------
    ScenarioError
        When it has no posterior, or one of fewer draws.
    """
    if asked.draws is None:
        message = "the sweep draws from no posterior; name one under draws"
        raise ScenarioError([Problem("--draws", "", message)])
    if count <= len(asked.draws.rows):
        return asked
    parameters, pinned = read_vocabulary().parameters, asked.draws.pinned
    draws, mistakes = read_draws(asked.draws.path, count, parameters, pinned=pinned)
    if draws is None:
        raise ScenarioError([Problem("--draws", "", message) for message in mistakes])
    return replace(asked, draws=draws)


class _SweepReader(DocumentReader):
    """One file, with everything that is wrong with it."""

    def read(self, name: str, scenarios: Sequence[Scenario] | None = None) -> Sweep:
        vocabulary = read_vocabulary()
        file = validate(SweepFile, self.document, self.problems)
        loaded = self._scenarios() if scenarios is None else list(scenarios)
        self._check_names(loaded)
        axes = self._axes(vocabulary)
        self._check_observables()
        if file is None:
            raise ScenarioError(in_order(self.problems))
        loaded = [self._spanned(one, file) for one in loaded]
        sweep = Sweep(
            name=self._name(file.name, name),
            title=file.title or file.name or name,
            scenarios=tuple(loaded),
            first_seed=file.seeds.first,
            n_seeds=file.seeds.count,
            design=self._design(file.design, axes),
            draws=self._draws(file, vocabulary),
            observables=() if self.problems else kept_observables(file.observables),
            events=file.events,
        )
        self._check_size(sweep)
        for key, message in sweep.conflicts():
            advice = "; leave it out, or let it stand with pinned: true"
            self._report(("draws",), f"{key} is drawn, and {message}{advice}")
        if self.problems:
            raise ScenarioError(in_order(self.problems))
        return sweep

    def _scenarios(self) -> list[Scenario]:
        named = self.document.mapping().get("scenarios")
        found: list[Scenario] = []
        for position, text in enumerate(named if isinstance(named, list) else ()):
            if not isinstance(text, str):
                continue
            source = (self.document, ("scenarios", position), self.folder)
            scenario = scenario_named(text, source, self.problems)
            if scenario is not None:
                found.append(scenario)
        return found

    def _check_names(self, scenarios: Sequence[Scenario]) -> None:
        seen: set[str] = set()
        for scenario in scenarios:
            if scenario.name in seen:
                message = f'two scenarios are named "{scenario.name}"; cells go by name'
                self._report(("scenarios",), message)
            seen.add(scenario.name)

    def _spanned(self, scenario: Scenario, file: SweepFile) -> Scenario:
        for key, change in (("scale", file.scale), ("until", file.until)):
            try:
                if change is not None:
                    scenario = (
                        scenario.scaled(change)
                        if key == "scale"
                        else scenario.until(month_label(int(change)))
                    )
            except ScenarioError as error:
                for problem in error.problems:
                    self._report((key,), f"{scenario.name}: {problem.message}")
        return scenario

    def _axes(self, vocabulary: Vocabulary) -> list[Axis]:
        section = self.document.mapping("design")
        reader = AxisReader(self.document, vocabulary, self.problems)
        ranged = section.get("kind") in RANGED
        found = [
            reader.read(kind, key, raw, ranged=ranged)
            for kind in ("levers", "parameters")
            for key, raw in self.document.mapping("design", kind).items()
        ]
        return [axis for axis in found if axis is not None]

    def _design(self, section: DesignSection | None, axes: Sequence[Axis]) -> Design | None:
        if section is None:
            return None
        if not section.levers and not section.parameters:
            self._report(("design",), "nothing varies; name levers or parameters")
            return None
        grid = section.kind == "grid"
        if grid and section.n is not None:
            self._report(("design", "n"), "a grid has as many points as its values make")
        if not grid and section.n is None:
            self._report(("design", "n"), f"required for {section.kind}: how many points")
        if section.second_order and section.kind != SOBOL_INDICES:
            self._report(("design", "second_order"), f"only of {SOBOL_INDICES}")
        if section.kind in INDICES:
            self._check_indices(section)
        size = grid_size(tuple(axes)) if grid else section.n or 1
        design = Design(section.kind, tuple(axes), size, section.seed, section.second_order)
        if design.n_points > MOST_POINTS:
            self._report(("design",), f"{design.n_points:,} points; at most {MOST_POINTS:,}")
            return design.of_size(1)
        return design

    def _check_indices(self, section: DesignSection) -> None:
        if find_spec("SALib") is None:
            message = f'{section.kind} needs SALib: pip install "bordersim[sensitivity]"'
            self._report(("design", "kind"), message)
        if section.n == 1:
            message = "got 1; at least 2, or there is nothing to tell an interval by"
            self._report(("design", "n"), message)
        if self.document.mapping().get("draws") is not None:
            message = f"not with {section.kind}: vary those parameters under design.parameters"
            self._report(("draws",), message)

    def _draws(self, file: SweepFile, vocabulary: Vocabulary) -> Draws | None:
        if file.draws is None:
            return None
        path = posterior_at(file.draws.posterior, self.folder)
        wanted, pinned = file.draws.count, file.draws.pinned
        draws, mistakes = read_draws(path, wanted, vocabulary.parameters, pinned=pinned)
        for message in mistakes:
            self._report(("draws", "posterior"), message)
        return draws

    def _check_observables(self) -> None:
        named = self.document.mapping().get("observables")
        for position, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str) and name not in OBSERVABLES:
                close = suggestion(name, list(OBSERVABLES))
                message = f'unknown observable "{shortened(name)}"{close}'
                self._report(("observables", position), message)

    def _check_size(self, sweep: Sweep) -> None:
        if sweep.first_seed + sweep.n_seeds - 1 > LAST_SEED:
            self._report(("seeds",), f"seeds go from 0 to {LAST_SEED}")
        if sweep.n_cells > MOST_CELLS:
            message = f"{sweep.n_cells:,} cells; at most {MOST_CELLS:,} in one sweep"
            self._report((), message)
