"""The sets of draws of an attribution: posterior, prior, and one for each other structure."""

from __future__ import annotations

from pathlib import Path

from bordersim.attributing.prior_draws import prior_draws
from bordersim.attributing.schema import AttributionFile, PriorSection
from bordersim.attributing.spec import ALTERNATIVE, MAIN, POINT, PRIOR, DrawSet
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.sweeping.draws import Draws, posterior_at, read_draws
from bordersim.vocabulary import read_vocabulary
from bordersim.yaml_source import KeyPath, YamlDocument

_RESERVED = (MAIN, PRIOR, POINT, "posterior")


class SetReader:
    """Reads the draws that a file names, and says what is wrong with them.

    Parameters
    ----------
    document, folder
        The file, and what the names in it are relative to.
    problems
        Receives what is wrong.
    """

    def __init__(self, document: YamlDocument, folder: Path, problems: list[Problem]) -> None:
        self.document = document
        self.folder = folder
        self.problems = problems
        self.parameters = read_vocabulary().parameters

    def read(self, file: AttributionFile) -> tuple[DrawSet, ...]:
        """Give all sets that could be read, the main one first."""
        if file.draws is None:
            self._without_draws(file)
            return (DrawSet(POINT, "the parameters as they are", MAIN, None),)
        path: KeyPath = ("draws", "posterior")
        draws = self._draws(file.draws.posterior, file.draws.count, path)
        found = [DrawSet("posterior", "draws from the posterior", MAIN, draws)]
        if file.prior is not None and draws is not None:
            title = "draws from the prior"
            found.append(DrawSet(PRIOR, title, PRIOR, self._prior(file.prior, draws.keys)))
        seen = set(_RESERVED)
        for at, entry in enumerate(file.alternatives):
            inside: KeyPath = ("alternatives", at)
            if entry.name in seen:
                self._report((*inside, "name"), f'"{entry.name}" is taken; give another name')
            seen.add(entry.name)
            count = entry.count or file.draws.count
            draws = self._draws(entry.posterior, count, (*inside, "posterior"))
            self._check_values(entry.set_, draws, inside)
            title = entry.title or entry.name
            found.append(DrawSet(entry.name, title, ALTERNATIVE, draws, entry.set_))
        return tuple(found)

    def _report(self, path: KeyPath, message: str) -> None:
        self.problems.append(self.document.problem(path, message))

    def _without_draws(self, file: AttributionFile) -> None:
        for key, given in (("prior", file.prior), ("alternatives", file.alternatives)):
            if given:
                self._report((key,), "there is nothing to compare it with; name a posterior")

    def _draws(self, named: str, count: int, path: KeyPath) -> Draws | None:
        file = posterior_at(named, self.folder)
        draws, mistakes = read_draws(file, count, self.parameters, pinned=False)
        for message in mistakes:
            self._report(path, message)
        return draws

    def _check_values(self, values: dict[str, float], draws: Draws | None, path: KeyPath) -> None:
        for key, value in values.items():
            if mistake := self.parameters.mistake(key, value):
                self._report((*path, "set", key), mistake)
            elif draws is not None and key in draws.keys:
                self._report((*path, "set", key), "its posterior sets it, too")

    def _prior(self, section: PriorSection, keys: tuple[str, ...]) -> Draws | None:
        """Prior draws of what the posterior draws: what it fixes was not learned, either."""
        if (section.posterior is None) == (section.calibration is None):
            got = "neither" if section.posterior is None else "both"
            self._report(("prior",), f"give either posterior or calibration, got {got}")
            return None
        if section.calibration is not None:
            return self._from_calibration(section, section.calibration, keys)
        path: KeyPath = ("prior", "posterior")
        draws = self._draws(str(section.posterior), section.count, path)
        lacking = [] if draws is None else [key for key in keys if key not in draws.keys]
        self._check_covered(lacking, path)
        if draws is None or lacking:
            return None
        columns = [draws.keys.index(key) for key in keys]
        rows = tuple(tuple(row[at] for at in columns) for row in draws.rows)
        return Draws(keys, rows, False, draws.digest, draws.n_stored, draws.path)

    def _check_covered(self, lacking: list[str], path: KeyPath) -> None:
        if lacking:
            self._report(path, f"the posterior draws {', '.join(lacking)}, and this does not")

    def _from_calibration(
        self, section: PriorSection, named: str, keys: tuple[str, ...]
    ) -> Draws | None:
        path = self.folder / named
        inside: KeyPath = ("prior", "calibration")
        if not path.is_file():
            known = [file.name for file in path.parent.glob("*.yaml")]
            message = f'no such file "{shortened(named)}"{suggestion(path.name, known)}'
            self._report(inside, message)
            return None
        try:
            draws, lacking = prior_draws(path, keys, section.count, section.seed, pinned=False)
        except ScenarioError as error:
            self.problems.extend(error.problems)
            return None
        self._check_covered(lacking, inside)
        return draws
