"""A scenario: everything a run is made from, frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bordersim.dates import month_label
from bordersim.drivers import Drivers
from bordersim.errors import Problem, ScenarioError
from bordersim.frozen import FrozenMap
from bordersim.levers import (
    LeverCatalogue,
    LeverPaths,
    apply_budget,
    driver_problems,
    starting_paths,
)
from bordersim.parameters import Parameters
from bordersim.places import Places
from bordersim.policies import Policy, apply_policies
from bordersim.provenance import OWN, SETTING, History, SetBy, note
from bordersim.scenario_chain import read_chain
from bordersim.scenario_checks import scale_mistake
from bordersim.scenario_files import (
    Inherited,
    in_order,
    layer_from_call,
    merge_layers,
    nothing_inherited,
)
from bordersim.scenario_views import ScenarioViews
from bordersim.schema import SCENARIO_SCHEMA, parse_name
from bordersim.settings import read_settings
from bordersim.vocabulary import read_vocabulary
from bordersim.yaml_source import write_yaml


@dataclass(frozen=True, eq=False, repr=False)
class Scenario(ScenarioViews):
    """Inputs of a run; every method gives a new scenario.

    Attributes
    ----------
    name, title, description
        For people and folders; no part of what is simulated.
    path
        File it was loaded from, or None.
    start_month, end_month
        First and last month, inclusive, since 1995-01.
    scale
        Share of the nation simulated, in (0, 1].
    world_seed
        Seed of people's fixed traits.
    parameters, places, policies, drivers, catalogue
        What the lever paths are made from.
    history
        Every layer that set a parameter, the span, the population or a policy.
    files
        The file it was loaded from, after those that file extends.
    """

    name: str
    title: str
    description: str
    path: Path | None
    start_month: int
    end_month: int
    scale: float
    world_seed: int
    parameters: Parameters
    places: Places
    policies: tuple[Policy, ...]
    drivers: Drivers
    catalogue: LeverCatalogue
    history: History
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A scenario that exists can be run: whatever made it, its levers stay in range,
        # and it has guards.
        problems = list(self._computed[1])
        mistake = scale_mistake(self.scale, self.places, self.parameters)
        if mistake is not None:
            problems.append(Problem(self.name, "population.scale", mistake))
        if problems:
            raise ScenarioError(problems)

    @cached_property
    def _computed(self) -> tuple[LeverPaths, list[Problem]]:
        drivers = self.drivers.lever_defaults(self.parameters)
        paths = starting_paths(self.catalogue, self.places, drivers)
        problems = driver_problems(paths, self.catalogue, self.places)
        problems += apply_policies(
            paths, self.policies, self.catalogue, self.places, self.parameters
        )
        apply_budget(paths, self.catalogue, self.places)
        return paths, problems

    def lever_paths(self) -> LeverPaths:
        """Give what every lever is, month by month and place by place.

        Returns
        -------
        ndarray
            A new array of shape (LAST_MONTH + 1, levers, sectors + homes), in the
            levers' units, after every policy and the security budget. Sectors come
            first on the last axis. A sector's lever holds 0 at homes and the other way
            round; a national lever holds its value at every place.
        """
        return self._computed[0].copy()

    def drop(self, *ids: str) -> Scenario:
        """Leave policies out.

        Parameters
        ----------
        *ids
            Ids of policies of this scenario.

        Returns
        -------
        Scenario
            Without them.

        Raises
        ------
        ScenarioError
            If there is no such policy.
        """
        return self._changed({"policies": {"drop": list(ids)}}, "drop()")

    def add(self, *policies: Mapping[str, Any]) -> Scenario:
        """Append policies, written as in a scenario file.

        Parameters
        ----------
        *policies
            Keys ``id``, ``lever``, ``op``, ``value``, ``from`` and so on.

        Returns
        -------
        Scenario
            With them, acting last.

        Raises
        ------
        ScenarioError
            With everything that is wrong with any of them.
        """
        written = [dict(policy) for policy in policies]
        return self._changed({"policies": {"add": written}}, "add()")

    def named(self, name: str, title: str | None = None) -> Scenario:
        """Give the scenario another name; what is simulated stays the same.

        Parameters
        ----------
        name
            Letters a-z, digits, dot, underscore, dash; not starting with a dot.
        title
            The old one by default.

        Returns
        -------
        Scenario
            Otherwise equal.

        Raises
        ------
        ScenarioError
            If the name cannot name a folder of results.
        """
        try:
            checked = parse_name(name)
        except ValueError as error:
            raise ScenarioError([Problem("named()", "name", str(error))]) from None
        return replace(self, name=checked, title=self.title if title is None else title)

    def with_parameters(self, values: Mapping[str, float | Sequence[float]]) -> Scenario:
        """Give parameters other values.

        Parameters
        ----------
        values
            Key to number, or to as many numbers as the parameter holds.

        Returns
        -------
        Scenario
            With lever paths to match.

        Raises
        ------
        ScenarioError
            For unknown keys, values out of bounds, and policies they take out of range.
        """
        return self._set_parameters(values, "with_parameters()")

    def with_settings(self, settings: Mapping[str, object]) -> Scenario:
        """Set parameters, levers, span and population on top of everything else.

        Parameters
        ----------
        settings
            Key of a parameter or a lever, or ``time.start``, ``time.end``,
            ``population.scale``, ``population.world_seed``; to a number or text such as
            ``0.1``, ``2000 CNY``, ``2016-12``, ``1,2,3``. A lever is held at the value
            in every month and place, as if by a last policy.

        Returns
        -------
        Scenario
            With layers that say ``--set``.

        Raises
        ------
        ScenarioError
            With everything that is wrong with any of them.
        """
        read = read_settings(settings, self.parameters, self.catalogue)
        replaced = {policy["id"] for policy in read.policies}
        kept = tuple(policy for policy in self.policies if policy.id not in replaced)
        changed = replace(self, policies=kept)._set_parameters(read.parameters, SETTING)
        content = {"policies": {"add": read.policies}, **read.sections}
        return changed._changed(content, SETTING)

    def until(self, month: str) -> Scenario:
        """End at another month.

        Parameters
        ----------
        month
            Last month, such as ``2016-12``.

        Returns
        -------
        Scenario
            The months before are unchanged.

        Raises
        ------
        ScenarioError
            If it is no month of the data, or before the start.
        """
        return self._changed({"time": {"end": month}}, "until()")

    def scaled(self, scale: float) -> Scenario:
        """Simulate a share of the nation.

        Parameters
        ----------
        scale
            In (0, 1].

        Returns
        -------
        Scenario
            One agent stands for 1 / scale people.

        Raises
        ------
        ScenarioError
            If the scale is out of range.
        """
        return self._changed({"population": {"scale": scale}}, "scaled()")

    def to_yaml(self, path: str | Path) -> None:
        """Write a file that loads as this scenario.

        Parameters
        ----------
        path
            File to write; it extends nothing and lists every policy.
        """
        changed = {
            key: list(value) if isinstance(value, tuple) else value
            for key in self.parameters
            if len(self.history[key]) > 1
            for value in [self.parameters[key].value]
        }
        content = {
            "schema": SCENARIO_SCHEMA,
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "time": {"start": month_label(self.start_month), "end": month_label(self.end_month)},
            "population": {"scale": self.scale, "world_seed": self.world_seed},
            "parameters": changed,
            "policies": {"add": [policy.to_yaml() for policy in self.policies]},
        }
        write_yaml(content, Path(path))

    def _set_parameters(
        self, values: Mapping[str, float | Sequence[float]], label: str
    ) -> Scenario:
        parameters, history = self.parameters.replace(values), dict(self.history)
        name = SETTING if label == SETTING else OWN
        for key in values:
            note(history, key, SetBy(name, label, parameters[key].value))
        return replace(self, parameters=parameters, history=FrozenMap(history))

    def _changed(self, content: Mapping[str, Any], label: str) -> Scenario:
        """Overlay changes written as in a file, checked as a file would be."""
        written = {"schema": SCENARIO_SCHEMA, "name": self.name, **content}
        problems: list[Problem] = []
        layer = layer_from_call(written, label, problems)
        span = {"start": self.start_month, "end": self.end_month}
        people = {"scale": self.scale, "world_seed": self.world_seed}
        history = dict(self.history)
        inherited = Inherited(self.policies, span, people, self.parameters, history)
        vocabulary = replace(
            read_vocabulary(),
            catalogue=self.catalogue,
            parameters=self.parameters,
            places=self.places,
            drivers=self.drivers,
        )
        merged = merge_layers([layer], inherited, vocabulary, problems)
        if problems:
            raise ScenarioError(problems)
        return replace(self, **_fields(merged))

    def __getstate__(self) -> dict[str, Any]:
        # The lever paths are cheap to compute and would be most of a pickle.
        return {key: value for key, value in self.__dict__.items() if key != "_computed"}


def _fields(merged: Inherited) -> dict[str, Any]:
    return {
        "start_month": merged.span["start"],
        "end_month": merged.span["end"],
        "scale": float(merged.people["scale"]),
        "world_seed": merged.people["world_seed"],
        "parameters": merged.parameters,
        "policies": merged.policies,
        "history": FrozenMap(merged.history),
    }


def load(path: str | Path) -> Scenario:
    """Read a scenario file and everything it extends.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/scenario@1``.

    Returns
    -------
    Scenario
        Ready to run.

    Raises
    ------
    ScenarioError
        With every mistake in every file concerned, in the order of files and lines.
    """
    vocabulary = read_vocabulary()
    problems: list[Problem] = []
    layers = read_chain(Path(path), problems)
    merged = merge_layers(layers, nothing_inherited(vocabulary), vocabulary, problems)
    leaf = layers[-1].file if layers else None
    if problems or leaf is None:
        raise ScenarioError(in_order(problems))
    return Scenario(
        name=leaf.name,
        title=leaf.title or leaf.name,
        description=leaf.description,
        path=Path(path),
        files=tuple(layer.document.label for layer in layers),
        places=vocabulary.places,
        drivers=vocabulary.drivers,
        catalogue=vocabulary.catalogue,
        **_fields(merged),
    )
