"""Attribution files, and calls that stand for one, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bordersim.attributing.coalitions import past_differs
from bordersim.attributing.draw_sets import SetReader
from bordersim.attributing.schema import MOST_FACTORS, AttributionFile
from bordersim.attributing.spec import USUAL, Factor, Question
from bordersim.closed_schema import validate
from bordersim.comparing.pairing import read_window
from bordersim.comparing.quantities import name_problems, quantity_of, with_harm
from bordersim.dates import month_label
from bordersim.document_reader import DocumentReader
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.levers import FACTORS
from bordersim.periods import Period
from bordersim.scenario import Scenario
from bordersim.scenario_files import in_order
from bordersim.scenario_lookup import scenario_named
from bordersim.schema import parse_name
from bordersim.yaml_source import KeyPath, YamlDocument, yaml_of


def read_attribution(path: Path, *, draws: int | None = None, seeds: int | None = None) -> Question:
    """Read an attribution file and everything it names.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/attribution@1``.
    draws, seeds
        How many, in every set, instead of what the file says.

    Raises
    ------
    ScenarioError
        With every mistake in every file concerned.
    """
    problems: list[Problem] = []
    document = yaml_of(path, problems)
    counts = {"draws": draws, "prior": draws, "seeds": seeds}
    for key, count in counts.items():
        section = document.mapping(key)
        if count is not None and section:
            document.data[key] = {**section, "count": count}
    if draws is not None:
        listed = document.mapping().get("alternatives")
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict):
                entry.pop("count", None)
    return _Reader(document, path.parent, problems).read(path.stem)


def question_of_call(scenario: Scenario | None, content: Mapping[str, Any], name: str) -> Question:
    """Make a question of the arguments of a call; ``content`` is what a file would say."""
    document = YamlDocument("attribute()", dict(content))
    return _Reader(document, Path(), []).read(name, scenario)


class _Reader(DocumentReader):
    """One file, with everything that is wrong with it."""

    def read(self, stem: str, scenario: Scenario | None = None) -> Question:
        file = validate(AttributionFile, self.document, self.problems)
        if file is None:
            raise ScenarioError(in_order(self.problems))
        if scenario is None:
            source = (self.document, ("scenario",), self.folder)
            scenario = scenario_named(file.scenario, source, self.problems)
        periods = [self._period("from", file.change.start), self._period("to", file.change.end)]
        observables = self._observables(file)
        if scenario is None:
            raise ScenarioError(in_order(self.problems))
        first, last = self._checked(periods)
        if first is not None and last is not None:
            scenario = self._spanned(scenario, file, first, last)
        factors = self._factors(file, scenario)
        sets = SetReader(self.document, self.folder, self.problems).read(file)
        name = self._name(file.name, stem)
        if self.problems or first is None or last is None:
            raise ScenarioError(in_order(self.problems))
        question = Question(
            name=name,
            title=file.title or name,
            scenario=scenario,
            first=first,
            last=last,
            factors=factors,
            passing=tuple(file.passing),
            first_seed=file.seeds.first,
            n_seeds=file.seeds.count,
            sets=sets,
            observables=observables,
            identified_below=file.identified_below,
        )
        self._check_passing(question)
        if self.problems:
            raise ScenarioError(in_order(self.problems))
        return question

    def _period(self, key: str, said: int | str) -> Period | None:
        period, problems = read_window(str(said))
        for problem in problems:
            self._report(("change", key), problem.message)
        return period

    def _checked(self, periods: Sequence[Period | None]) -> tuple[Period | None, Period | None]:
        first, last = periods
        if first is None or last is None:
            return first, last
        if last.first <= first.last:
            self._report(("change", "to"), "it does not come after the period it is compared with")
        months = [period.last - period.first + 1 for period in (first, last)]
        if months[0] != months[1]:
            message = f"{months[1]} months, and from has {months[0]}; compare equal lengths"
            self._report(("change", "to"), message)
        return first, last

    def _spanned(
        self, scenario: Scenario, file: AttributionFile, first: Period, last: Period
    ) -> Scenario:
        try:
            spanned = replace(scenario, start_month=first.first).until(month_label(last.last))
        except ScenarioError as error:
            for problem in error.problems:
                self._report(("change",), f"{scenario.name}: {problem.message}")
            return scenario
        try:
            return spanned if file.scale is None else spanned.scaled(file.scale)
        except ScenarioError as error:
            for problem in error.problems:
                self._report(("scale",), f"{scenario.name}: {problem.message}")
            return spanned

    def _factors(self, file: AttributionFile, scenario: Scenario) -> tuple[Factor, ...]:
        named = isinstance(file.factors, list)
        groups = {n: [n] for n in file.factors} if named else dict(file.factors)  # type: ignore[arg-type]
        if len(groups) > MOST_FACTORS:
            message = f"{len(groups)} factors; at most {MOST_FACTORS}, coalitions double with each"
            self._report(("factors",), message)
        if named and len(groups) < len(file.factors):
            self._report(("factors",), "each factor once, please")
        owner: dict[str, str] = {}
        found = []
        for at, (name, parts) in enumerate(groups.items()):
            inside: KeyPath = ("factors", at) if named else ("factors", name)
            self._check_factor_name(name, inside)
            levers = {lever for part in parts for lever in self._levers(part, scenario, inside)}
            for lever in sorted(levers & owner.keys()):
                self._report(inside, f"{lever} is of {owner[lever]} already; each lever once")
            owner.update(dict.fromkeys(levers, name))
            if not parts:
                self._report(inside, "it holds no lever")
            found.append(Factor(name, tuple(k for k in scenario.catalogue if k in levers)))
        return tuple(found)

    def _check_factor_name(self, name: str, inside: KeyPath) -> None:
        try:
            parse_name(name)
        except ValueError as error:
            self._report(inside, str(error))
        if name in ("momentum", "change", "all", "none"):
            self._report(inside, f'"{name}" means something else in the tables; take another name')

    def _levers(self, part: str, scenario: Scenario, inside: KeyPath) -> list[str]:
        catalogue = scenario.catalogue
        if part in FACTORS:
            return [key for key, spec in catalogue.items() if spec.factor == part]
        if part in catalogue:
            return [part]
        known = [*FACTORS, *(catalogue if "." in part else ())]
        message = f'no group and no lever "{shortened(part)}"{suggestion(part, known)}'
        self._report(inside, message)
        return []

    def _observables(self, file: AttributionFile) -> tuple[str, ...]:
        names = USUAL if file.observables is None else tuple(file.observables)
        for position, name in enumerate(names):
            for problem in name_problems([name]):
                self._report(("observables", position), problem.message)
        if not names:
            self._report(("observables",), "nothing to divide; name an observable")
        return with_harm(names)

    def _check_passing(self, question: Question) -> None:
        policies = {policy.id: policy for policy in question.scenario.policies}
        held = {lever for factor in question.factors for lever in factor.levers}
        month = question.held_from
        for at, name in enumerate(question.passing):
            policy = policies.get(name)
            if policy is None:
                message = f'no policy "{shortened(name)}"{suggestion(name, policies)}'
            elif policy.lever not in held:
                message = f"it moves {policy.lever}, which no factor holds"
            elif policy.start >= month or policy.until is None or policy.until < month:
                message = f"it is not in force in {month_label(month - 1)}, or does not end later"
            elif name in past_differs(question):
                message = (
                    "it cannot act after the other policies of its lever: the past would differ"
                )
            else:
                continue
            self._report(("passing", at), message)


def kept_by(question: Question) -> tuple[str, ...]:
    """Series that its runs must keep."""
    names = (quantity_of(name).parts for name in question.observables)
    return tuple(dict.fromkeys(part for parts in names for part in parts))
