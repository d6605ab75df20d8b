"""What a folder holds: studies, calibrations, attributions and scorecards."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.errors import Problem, ScenarioError, StoreError
from bordersim.parts import OK

if TYPE_CHECKING:
    from bordersim.study import Study

COALITION = "real."
"""Names of coalitions begin so."""

_DEEPEST = 3
"""Folders within folders that are looked into."""

_AXES = 7
"""Columns of a study's cells before those of its design."""

HISTORIES = ("historical", "closure-2020")
"""Shipped scenarios of what happened, the first before the others: a baseline."""


@dataclass(frozen=True)
class FoundStudy:
    """A folder of runs.

    Attributes
    ----------
    name
        Of its folder, as seen from the folder that is told of.
    folder
        Where it is.
    study
        What it holds.
    """

    name: str
    folder: Path
    study: Study

    @cached_property
    def cells(self) -> Any:
        """Its cells; see ``Study.cells``."""
        return self.study.cells

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Row of every run."""
        return self.study.rows()

    @cached_property
    def scenarios(self) -> list[str]:
        """Names of scenarios with a finished run, in the order of the plan."""
        done = self.cells[self.cells["status"] == OK]
        return [str(name) for name in done["scenario"].unique()]

    @property
    def axes(self) -> list[str]:
        """Levers and parameters that a design varies."""
        names = [str(name) for name in self.cells.columns[_AXES:]]
        return [name for name in names if not name.startswith("draw.")]

    @property
    def n_points(self) -> int:
        """Points of the design, 1 without one."""
        return int(self.cells["point"].nunique())

    @property
    def drawn(self) -> bool:
        """Whether parameters are drawn."""
        return any(str(name).startswith("draw.") for name in self.cells.columns)

    @property
    def baseline(self) -> str:
        """Scenario that others are compared with: history where it is there, else the first."""
        return baseline_of(self.scenarios)

    def ids(self, scenario: str) -> list[str]:
        """Finished runs of a scenario, in order of point, draw and seed."""
        cells = self.cells[(self.cells["scenario"] == scenario) & (self.cells["status"] == OK)]
        ordered = cells.sort_values(["point", "draw", "seed"])["run_id"]
        return list(dict.fromkeys(str(one) for one in ordered))


@dataclass(frozen=True)
class FoundAttribution:
    """A folder of sets of coalitions."""

    name: str
    folder: Path
    sets: tuple[FoundStudy, ...]


@dataclass(frozen=True)
class FoundFolder:
    """A folder of a calibration, or of a written scorecard."""

    name: str
    folder: Path


@dataclass
class Found:
    """Everything in a folder.

    Attributes
    ----------
    name
        Of the folder.
    studies
        Runs that belong to neither a calibration nor an attribution.
    calibrations, unfinished
        With a posterior, and without one yet.
    attributions, scorecards
        See ``FoundAttribution``; pages that ``bordersim validate -o`` wrote.
    damage
        What cannot be read, in words.
    """

    name: str
    studies: list[FoundStudy] = field(default_factory=list)
    calibrations: list[FoundFolder] = field(default_factory=list)
    unfinished: list[FoundFolder] = field(default_factory=list)
    attributions: list[FoundAttribution] = field(default_factory=list)
    scorecards: list[FoundFolder] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell of."""
        parts = (self.studies, self.calibrations, self.unfinished)
        return not any((*parts, self.attributions, self.scorecards, self.damage))

    def every_study(self) -> Iterator[FoundStudy]:
        """Studies, and sets of attributions."""
        yield from self.studies
        for one in self.attributions:
            yield from one.sets


def baseline_of(names: Sequence[str]) -> str:
    """History where it is among the names, else the first; empty of none."""
    return next((name for name in HISTORIES if name in names), next(iter(names), ""))


def look_in(folder: Path) -> Found:
    """Find what a folder and those within it hold.

    Parameters
    ----------
    folder
        Of one study, calibration, attribution or scorecard, or of several.

    Raises
    ------
    ScenarioError
        When it is no folder, cannot be read, or holds nothing to tell of.
    """
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "no such folder"
        raise ScenarioError([Problem(str(folder), "", f"{what}; {_EXPECTED}")])
    root = folder.resolve()
    found = Found(root.name or "results")
    try:
        looking = _Looking(root, found)
        looking.visit(root, 0)
        found.attributions = looking.attributions()
    except OSError as error:
        message = f"cannot be read ({error.strerror or error})"
        raise ScenarioError([Problem(str(error.filename or folder), "", message)]) from error
    if found.empty:
        raise ScenarioError([Problem(str(folder), "", f"nothing to report here; {_EXPECTED}")])
    return found


_EXPECTED = (
    "expected the folder of runs, of a sweep, a calibration, an attribution or a scorecard, or "
    "one that holds such folders"
)


class _Looking:
    """One walk through folders."""

    def __init__(self, root: Path, found: Found) -> None:
        self.root = root
        self.found = found
        self.sets: dict[Path, list[FoundStudy]] = {}

    def visit(self, folder: Path, depth: int) -> None:
        here = FoundFolder(self.name(folder), folder)
        done = _is_calibration(folder)
        if done or any((folder / "steps").glob("*.json")):
            (self.found.calibrations if done else self.found.unfinished).append(here)
            study = self.study(folder)  # runs of a scenario of the same name
            self.found.studies += [study] if study is not None else []
            return
        if all((folder / name).is_file() for name in ("scorecard.csv", "bars.csv")):
            self.found.scorecards.append(here)
        study = self.study(folder)
        if study is not None and _of_coalitions(study):
            self.sets.setdefault(folder.parent, []).append(study)
        elif study is not None:
            self.found.studies.append(study)
        elif depth < _DEEPEST:
            for child in sorted(path for path in folder.iterdir() if _is_open(path)):
                self.visit(child, depth + 1)

    def attributions(self) -> list[FoundAttribution]:
        """Sets of coalitions by the folder they are in."""
        return [
            FoundAttribution(self.name(folder), folder, tuple(sets))
            for folder, sets in self.sets.items()
        ]

    def study(self, folder: Path) -> FoundStudy | None:
        """The study in a folder; damage is noted."""
        from bordersim.study import Study

        if not any((folder / "runs").glob("part-*.parquet")):
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # each is in `damaged`
            try:
                study = Study.open(folder)
            except StoreError as error:
                self.note(str(error))
                return None
        for damaged in study.damaged:
            self.note(str(damaged))
        return FoundStudy(self.name(folder), folder, study)

    def note(self, text: str) -> None:
        """Keep what is wrong, without the place of this machine; of each part once."""
        said = text.replace(f"{self.root}/", "").replace(str(self.root), self.root.name)
        if said not in self.found.damage:
            self.found.damage.append(said)

    def name(self, folder: Path) -> str:
        if folder == self.root or self.root not in folder.parents:
            return folder.name
        return folder.relative_to(self.root).as_posix()


def _is_open(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith((".", "_")) and not path.is_symlink()


def _is_calibration(folder: Path) -> bool:
    path = folder / "manifest.json"
    if not (folder / "posterior.parquet").is_file() or not path.is_file():
        return False
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and {"priors", "title", "name"} <= set(said)


def _of_coalitions(study: FoundStudy) -> bool:
    names = {str(name) for name in study.cells["scenario"]}
    return bool(names) and all(name.startswith(COALITION) for name in names)
