"""Files of reports that could be made, checked as a whole with the attribution they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bordersim.attributing.reading import read_attribution
from bordersim.attributing.spec import Question
from bordersim.closed_schema import validate
from bordersim.comparing.pairing import read_window
from bordersim.comparing.quantities import (
    RATIO,
    REAL_RATIO,
    Cut,
    Quantity,
    cut_problems,
    name_problems,
    quantity_of,
)
from bordersim.data_files import scenarios_folder
from bordersim.dates import month_label
from bordersim.document_reader import DocumentReader
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.periods import Period
from bordersim.scenario import Scenario
from bordersim.scenario_files import in_order
from bordersim.valuing.schema import FactEntry, NextFactsFile
from bordersim.valuing.spec import Asked, Fact, Measure, Part
from bordersim.yaml_source import KeyPath, yaml_of

FEWEST_DRAWS = 30
"""Draws below which nothing is said: reweighting leaves a part of them only."""


def read_next_facts(path: Path, *, draws: int | None = None, seeds: int | None = None) -> Asked:
    """Read a file of facts and the attribution it names.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/next-facts@1``.
    draws, seeds
        How many, instead of what the attribution says.

    Raises
    ------
    ScenarioError
        With every mistake in every file concerned.
    """
    problems: list[Problem] = []
    document = yaml_of(path, problems)
    return _Reader(document, path.parent, problems).read(path.stem, draws, seeds)


class _Reader(DocumentReader):
    """One file, with everything that is wrong with it."""

    def read(self, stem: str, draws: int | None, seeds: int | None) -> Asked:
        file = validate(NextFactsFile, self.document, self.problems)
        if file is None:
            raise ScenarioError(in_order(self.problems))
        question = self._question(file, draws, seeds)
        if question is None:
            raise ScenarioError(in_order(self.problems))
        facts = [self._fact(entry, at, question) for at, entry in enumerate(file.facts)]
        self._check_once(file.facts)
        known = [fact for fact in facts if fact is not None]
        scenario = self._spanned(question.scenario, known) if len(known) == len(facts) else None
        name = self._name(file.name, stem)
        if name == question.name:
            message = f'"{name}" is the folder of the attribution; give another name'
            self._report(("name",), message)
        if self.problems or scenario is None:
            raise ScenarioError(in_order(self.problems))
        return Asked(name, file.title, question, scenario, tuple(known), file.together)

    def _question(
        self, file: NextFactsFile, draws: int | None, seeds: int | None
    ) -> Question | None:
        """The attribution, as far as it is to be narrowed: main draws, one observable."""
        path = self._attribution_file(file.attribution)
        if path is None:
            return None
        try:
            question = read_attribution(path, draws=draws, seeds=seeds)
        except ScenarioError as error:
            self.problems.extend(error.problems)
            return None
        main = question.sets[0]
        if main.draws is None:
            self._report(("attribution",), "it has no draws, so that there is nothing to narrow")
        elif main.n_draws < FEWEST_DRAWS:
            message = f"got {main.n_draws} draws; at least {FEWEST_DRAWS} are needed"
            self._report(("attribution",), message)
        if file.observable not in question.observables:
            close = suggestion(file.observable, question.observables)
            self._report(("observable",), f'"{shortened(file.observable)}" is not divided{close}')
        return replace(question, sets=(main,), observables=(file.observable,))

    def _attribution_file(self, named: str) -> Path | None:
        for path in (self.folder / named, scenarios_folder() / "attribution" / named):
            try:
                if path.is_file():
                    return path
            except (OSError, ValueError):
                self._report(("attribution",), f'"{shortened(named)}" cannot be a file name')
                return None
        message = f'no such file "{shortened(named)}" beside this one or shipped'
        self._report(("attribution",), message)
        return None

    def _fact(self, entry: FactEntry, at: int, question: Question) -> Fact | None:
        inside: KeyPath = ("facts", at)
        had = len(self.problems)
        places = question.scenario.places
        named = Cut(entry.place, entry.sex, entry.class_)
        names = (*entry.of, *entry.per)
        for problem in cut_problems(names, named, places.homes, places.sectors):
            self._report(
                (*inside, "of" if problem.key == "metric" else problem.key), problem.message
            )
        period = self._period(entry.period, (*inside, "period"))
        elsewhere = self._against(entry, named, inside, question)
        if name_problems(names) or period is None or len(self.problems) > had:
            return None
        of, per = (tuple(map(quantity_of, some)) for some in (entry.of, entry.per))
        for key, quantities in (("of", of), ("per", per)):
            if mistake := _no_sum(quantities):
                self._report((*inside, key), mistake)
        against = None
        if elsewhere is not None:
            against = Part(elsewhere[0] or period, elsewhere[1])
        measure = Measure(of, per, Part(period, named), against)
        return Fact(
            id=entry.id,
            title=entry.title,
            measure=measure,
            scale=entry.scale,
            error=entry.error,
            reason=entry.reason,
            supplier=entry.supplier,
            harm=entry.harm,
        )

    def _against(
        self, entry: FactEntry, named: Cut, inside: KeyPath, question: Question
    ) -> tuple[Period | None, Cut] | None:
        if entry.against is None:
            return None
        there: KeyPath = (*inside, "against")
        if entry.against.period is None and entry.against.place is None:
            self._report(there, "give a period or a place that differs")
            return None
        if entry.scale == "logit":
            self._report(there, "a ratio of two figures is no share: its scale is log")
        cut = named
        if entry.against.place is not None:
            cut = replace(named, place=entry.against.place)
            places = question.scenario.places
            names = (*entry.of, *entry.per)
            for problem in cut_problems(names, cut, places.homes, places.sectors):
                if problem.key == "place":
                    self._report((*there, "place"), problem.message)
        if entry.against.period is None:
            return None, cut
        return self._period(entry.against.period, (*there, "period")), cut

    def _period(self, said: str | int, path: KeyPath) -> Period | None:
        period, problems = read_window(str(said))
        for problem in problems:
            self._report(path, problem.message)
        return period

    def _check_once(self, entries: Sequence[FactEntry]) -> None:
        seen: set[str] = set()
        for at, entry in enumerate(entries):
            if entry.id in seen:
                self._report(("facts", at, "id"), f'"{entry.id}" is listed twice')
            seen.add(entry.id)

    def _spanned(self, scenario: Scenario, facts: Sequence[Fact]) -> Scenario | None:
        periods = [period for fact in facts for period in fact.measure.periods]
        first, last = min(one.first for one in periods), max(one.last for one in periods)
        try:
            return replace(scenario, start_month=first).until(month_label(last))
        except ScenarioError as error:
            for problem in error.problems:
                self._report(("facts",), f"{scenario.name}: {problem.message}")
            return None


def _no_sum(quantities: Sequence[Quantity]) -> str | None:
    """Say why quantities cannot be added up."""
    if len(quantities) < 2:
        return None
    if any(one.how in (RATIO, REAL_RATIO) for one in quantities):
        return "a mean fee cannot be added to anything; name fee_sum and deals"
    if len({(one.how, one.unit) for one in quantities}) > 1:
        told = ", ".join(f"{one.name} ({one.unit})" for one in quantities)
        return f"these cannot be added up: {told}"
    return None
