"""The list of policies as one scenario file after another changes it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from bordersim.errors import MOST_PROBLEMS, Problem, shortened, suggestion
from bordersim.levers import driver_problems, starting_paths
from bordersim.parameters import Parameters
from bordersim.policies import Policy, apply_policies
from bordersim.policy_reading import PolicyChecker, compile_policy
from bordersim.schema import PolicyEntry
from bordersim.vocabulary import Vocabulary
from bordersim.yaml_source import KeyPath, YamlDocument


class PolicyList:
    """Policies in the order in which they act, and what is wrong with changes to them.

    Parameters
    ----------
    policies
        What the first file starts from.
    vocabulary
        What names mean.
    problems
        Receives what is wrong.
    """

    def __init__(
        self, policies: tuple[Policy, ...], vocabulary: Vocabulary, problems: list[Problem]
    ) -> None:
        self.policies = list(policies)
        self.vocabulary = vocabulary
        self.problems = problems
        # Policies with a mistake have an id, too, and make their lever's path unknown.
        self._ids = [policy.id for policy in policies]
        self._doubtful: set[str] = set()
        self._judged = True

    def change(self, document: YamlDocument, complete: bool) -> None:
        """Apply one file's changes: first drop, then add.

        Parameters
        ----------
        document
            The file.
        complete
            Whether everything the file extends could be read; if not, nothing can be
            said about ids that are not there.
        """
        section = document.mapping("policies")
        most = len(self.problems) + MOST_PROBLEMS
        inherited = list(self._ids)
        for position, name in enumerate(_items(section.get("drop"))):
            if isinstance(name, str) and self._judges(document, ("drop", position), most):
                message = self._drop(name, inherited, complete)
                if message is not None:
                    self._report(document, ("drop", position), message)
        for position, raw in enumerate(_items(section.get("add"))):
            if isinstance(raw, dict) and self._judges(document, ("add", position), most):
                self._add(raw, document, position)

    def _judges(self, document: YamlDocument, path: KeyPath, most: int) -> bool:
        # A long list of nonsense is answered in a moment, not word by word.
        if self._judged and len(self.problems) >= most:
            self._report(document, path, "too many mistakes; the rest is not judged")
            self._judged = False
        return self._judged

    def _drop(self, name: str, inherited: list[str], complete: bool) -> str | None:
        if name in self._ids:
            self._ids.remove(name)
            self.policies = [policy for policy in self.policies if policy.id != name]
            return None
        if name in inherited:
            return f'"{shortened(name)}" is dropped twice'
        close = suggestion(name, inherited)
        return f'no policy "{shortened(name)}" to drop{close}' if complete else None

    def _report(self, document: YamlDocument, path: KeyPath, message: str) -> None:
        self.problems.append(document.problem(("policies", *path), message))

    def _add(self, raw: dict[str, Any], document: YamlDocument, position: int) -> None:
        path: KeyPath = ("policies", "add", position)
        before = len(self.problems)
        PolicyChecker(document, path, self.vocabulary, self.problems).check(raw)
        name = raw.get("id")
        if isinstance(name, str):
            if name in self._ids:
                message = f'policy "{shortened(name)}" is there already; drop it or take another id'
                self._report(document, ("add", position, "id"), message)
            self._ids.append(name)
        entry = _entry(raw)
        if entry is None or len(self.problems) > before:
            self._doubtful.add(str(raw.get("lever")))
        else:
            where = document.where(path)
            self.policies.append(compile_policy(entry, self.vocabulary, where))

    def range_problems(self, parameters: Parameters) -> list[Problem]:
        """Find policies that take a lever out of its range.

        Parameters
        ----------
        parameters
            With every value that could be read.

        Returns
        -------
        list of Problem
            Levers moved by a policy that has another mistake are left out; drivers may
            take a lever out of its range, too.
        """
        if not self._judged:
            return []
        known = self.vocabulary
        drivers = known.drivers.lever_defaults(parameters)
        paths = starting_paths(known.catalogue, known.places, drivers)
        sure = tuple(policy for policy in self.policies if policy.lever not in self._doubtful)
        found = driver_problems(paths, known.catalogue, known.places)
        return found + apply_policies(paths, sure, known.catalogue, known.places, parameters)


def _items(raw: object) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _entry(raw: dict[str, Any]) -> PolicyEntry | None:
    try:
        return PolicyEntry.model_validate(raw)
    except ValidationError:
        # Reported with the file it is in.
        return None
