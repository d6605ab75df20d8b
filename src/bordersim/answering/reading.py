"""Files of questions, checked as a whole with the study and the priors they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bordersim.answering.schema import AnswersFile, ClaimEntry, PriorSection, QuestionEntry
from bordersim.answering.spec import Asked, Claim, Contrast, Job, Question
from bordersim.attributing.prior_draws import prior_draws
from bordersim.closed_schema import validate
from bordersim.comparing.pairing import read_window, window_problems
from bordersim.comparing.quantities import name_problems, quantity_of, with_harm
from bordersim.data_files import shipped_posterior
from bordersim.document_reader import DocumentReader
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.periods import Period
from bordersim.scenario import Scenario
from bordersim.scenario_files import in_order
from bordersim.sweeping.draws import Draws
from bordersim.sweeping.reading import read_sweep
from bordersim.sweeping.spec import Sweep
from bordersim.vocabulary import read_vocabulary
from bordersim.yaml_source import KeyPath, YamlDocument, yaml_of

FEWEST_PAIRED = 2
"""Scenarios of a study without which there is nothing to compare."""


@dataclass(frozen=True)
class Changes:
    """What a caller has another value for than the files.

    Attributes
    ----------
    posterior
        File of draws.
    draws, seeds
        How many; ``draws`` are those of the prior, too.
    scale
        Share of the nation simulated.
    ledger
        Pairs of each comparison that are followed person by person.
    """

    posterior: Path | None = None
    draws: int | None = None
    seeds: int | None = None
    scale: float | None = None
    ledger: int | None = None

    def of_study(self) -> dict[str, Any]:
        """What the sweep file is taken to say instead."""
        drawn: dict[str, Any] = {}
        if self.posterior is not None:
            drawn["posterior"] = str(self.posterior.resolve())
        if self.draws is not None:
            drawn["count"] = self.draws
        said: dict[str, Any] = {"draws": drawn} if drawn else {}
        if self.seeds is not None:
            said["seeds"] = {"count": self.seeds}
        if self.scale is not None:
            said["scale"] = self.scale
        return said


def read_answers(path: Path, changes: Changes | None = None) -> Asked:
    """Read a file of questions, its study and its priors.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/answers@1``.
    changes
        What a caller has another value for.

    Raises
    ------
    ScenarioError
        With every mistake in every file concerned.
    """
    problems: list[Problem] = []
    document = yaml_of(path, problems)
    return _Reader(document, path.parent, problems).read(changes or Changes())


class _Reader(DocumentReader):
    """One file, with everything that is wrong with it."""

    def __init__(self, document: YamlDocument, folder: Path, problems: list[Problem]) -> None:
        super().__init__(document, folder, problems)
        self.evidence = read_vocabulary().evidence_ids

    def read(self, changes: Changes) -> Asked:
        file = validate(AnswersFile, self.document, self.problems)
        if file is None:
            raise ScenarioError(in_order(self.problems))
        study = self._study(file.study, changes)
        scenarios = {one.name: one for one in study.scenarios} if study else {}
        if study is not None:
            self._check_name(file.baseline, scenarios, ("baseline",))
        observables = self._observables(file.observables)
        questions = tuple(
            self._question(entry, file.baseline, scenarios, ("questions", at))
            for at, entry in enumerate(file.questions)
        )
        self._check_once([question.id for question in questions])
        prior = None if study is None else self._prior(file.prior, study, changes)
        if self.problems or study is None:
            raise ScenarioError(in_order(self.problems))
        drawn = study.draws
        asked = Asked(
            title=file.title,
            questions=questions,
            observables=observables,
            study=study,
            prior=prior,
            shipped=drawn is not None and drawn.path.resolve() == shipped_posterior().resolve(),
            identified_below=file.identified_below,
            ledger_pairs=file.ledger.pairs if changes.ledger is None else changes.ledger,
        )
        self._check_kept(asked.jobs, study)
        if self.problems:
            raise ScenarioError(in_order(self.problems))
        return asked

    def _study(self, named: str, changes: Changes) -> Sweep | None:
        path = self._beside(named, ("study",))
        if path is None:
            return None
        try:
            study = read_sweep(path, changes.of_study())
        except ScenarioError as error:
            self.problems.extend(error.problems)
            return None
        if study.design is not None:
            self._report(("study",), "its design makes points; questions are of scenarios alone")
        if len(study.scenarios) < FEWEST_PAIRED:
            self._report(("study",), "it has one scenario; there is nothing to compare")
        return study

    def _beside(self, named: str, inside: KeyPath) -> Path | None:
        path = self.folder / named
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            self._report(inside, f'"{shortened(named)}" cannot be a file name')
            return None
        close = suggestion(path.name, [file.name for file in path.parent.glob("*.yaml")])
        self._report(inside, f'no such file "{shortened(named)}"{close}')
        return None

    def _observables(self, names: Sequence[str]) -> tuple[str, ...]:
        for at, name in enumerate(names):
            for problem in name_problems([name]):
                self._report(("observables", at), problem.message)
        return with_harm(tuple(dict.fromkeys(names)))

    def _question(
        self, entry: QuestionEntry, baseline: str, scenarios: dict[str, Scenario], inside: KeyPath
    ) -> Question:
        self._check_evidence(entry.evidence, (*inside, "evidence"))
        if not (entry.comparisons or entry.elsewhere or entry.attribution):
            message = "it compares nothing; name an attribution, or say elsewhere"
            self._report(inside, message)
        divided = None
        if entry.attribution is not None:
            divided = self._beside(entry.attribution, (*inside, "attribution"))
        contrasts: list[Contrast] = []
        for at, one in enumerate(entry.comparisons):
            here: KeyPath = (*inside, "comparisons", at)
            sides = (one.scenario, one.baseline or baseline)
            for key, name in zip(("scenario", "baseline"), sides, strict=True):
                self._check_name(name, scenarios, (*here, key))
            if sides[0] == sides[1]:
                self._report(here, f'"{sides[0]}" is compared with itself')
            window = self._window(one.window, sides, scenarios, (*here, "window"))
            contrasts.append(Contrast(*sides, window))
        claims = [
            self._claim(one, contrasts, (*inside, "claims", at))
            for at, one in enumerate(entry.claims)
        ]
        return Question(
            id=entry.id,
            asks=entry.asks,
            evidence=tuple(entry.evidence),
            assumed=entry.assumed,
            reading=entry.reading,
            attribution=divided,
            elsewhere=entry.elsewhere,
            contrasts=tuple(contrasts),
            claims=tuple(claim for claim in claims if claim is not None),
        )

    def _check_name(self, name: str, scenarios: dict[str, Scenario], inside: KeyPath) -> None:
        if scenarios and name not in scenarios:
            close = suggestion(name, list(scenarios))
            self._report(inside, f'no scenario "{shortened(name)}" in the study{close}')

    def _window(
        self,
        text: str,
        sides: Sequence[str],
        scenarios: dict[str, Scenario],
        inside: KeyPath,
    ) -> Period:
        window, problems = read_window(text)
        there = [scenarios[name] for name in sides if name in scenarios]
        if window is not None and there:
            first = max(one.start_month for one in there)
            problems = window_problems(window, Period(first, min(one.end_month for one in there)))
        for problem in problems:
            self._report(inside, problem.message)
        return window or Period(0, 0)

    def _claim(
        self, entry: ClaimEntry, contrasts: Sequence[Contrast], inside: KeyPath
    ) -> Claim | None:
        self._check_evidence(entry.evidence, (*inside, "evidence"))
        wrong = name_problems([entry.observable])
        for problem in wrong:
            self._report((*inside, "observable"), problem.message)
        if not wrong and entry.class_ and not quantity_of(entry.observable).by_person:
            self._report((*inside, "class"), f"{entry.observable} is not counted by class")
        of = [one for one in contrasts if one.scenario == entry.scenario]
        if not of:
            close = suggestion(entry.scenario, [one.scenario for one in contrasts])
            message = f'the question does not compare "{shortened(entry.scenario)}"{close}'
            self._report((*inside, "scenario"), message)
            return None
        return Claim(
            says=entry.says,
            evidence=tuple(entry.evidence),
            contrast=of[0],
            observable=entry.observable,
            class_=entry.class_,
            expects=entry.expects,
        )

    def _check_evidence(self, cited: Sequence[str], inside: KeyPath) -> None:
        for at, name in enumerate(cited):
            if name not in self.evidence:
                close = suggestion(name, sorted(self.evidence))
                self._report((*inside, at), f'unknown evidence "{shortened(name)}"{close}')

    def _check_once(self, ids: Sequence[str]) -> None:
        for at, name in enumerate(ids):
            if name in ids[:at]:
                self._report(("questions", at, "id"), f'"{name}" is taken; give another')

    def _check_kept(self, jobs: Sequence[Job], study: Sweep) -> None:
        kept = study.observables
        parts = dict.fromkeys(part for quantity, _ in jobs for part in quantity.parts)
        lacking = [part for part in parts if kept is not None and part not in kept]
        if lacking:
            message = f"it does not keep {', '.join(lacking)}; name them under its observables"
            self._report(("study",), message)

    def _prior(self, section: PriorSection | None, study: Sweep, changes: Changes) -> Sweep | None:
        """The same scenarios over draws of what the posterior draws, before any report."""
        if section is None:
            return None
        if study.draws is None:
            self._report(("prior",), "the study draws from no posterior to compare it with")
            return None
        draws = self._prior_draws(section, study.draws, changes.draws)
        return None if draws is None else replace(study, name=f"{study.name}-prior", draws=draws)

    def _prior_draws(
        self, section: PriorSection, posterior: Draws, count: int | None
    ) -> Draws | None:
        inside: KeyPath = ("prior", "calibration")
        path = self._beside(section.calibration, inside)
        if path is None:
            return None
        many, pinned = count or section.count, posterior.pinned
        try:
            draws, lacking = prior_draws(path, posterior.keys, many, section.seed, pinned=pinned)
        except ScenarioError as error:
            self.problems.extend(error.problems)
            return None
        if lacking:
            message = f"the posterior draws {', '.join(lacking)}, and this has no prior of it"
            self._report(inside, message)
        return draws
