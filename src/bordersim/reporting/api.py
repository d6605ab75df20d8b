"""``bs.report``: find what a folder holds, tell it, write the page."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bordersim.errors import BordersimError, Problem, ScenarioError
from bordersim.reporting.content import Picture, Section, Table, within

MOST_FATES = 1000


@dataclass(frozen=True)
class Report:
    """A page that was written.

    Attributes
    ----------
    path
        Its file.
    title
        Its heading.
    sections
        What it tells.
    """

    path: Path
    title: str
    sections: tuple[Section, ...]

    @property
    def n_pictures(self) -> int:
        """Pictures in it."""
        return self._count(Picture)

    @property
    def n_tables(self) -> int:
        """Tables in it."""
        return self._count(Table)

    def _count(self, kind: type) -> int:
        return sum(isinstance(b, kind) for one in self.sections for b in within(one.blocks))

    @property
    def missing(self) -> list[str]:
        """Titles of sections that only say what is not there."""
        return [one.title for one in self.sections if one.empty]


def report(
    folder: str | Path,
    out: str | Path = "report.html",
    *,
    title: str | None = None,
    attributions: Sequence[str | Path] = (),
    fates: int = 0,
    told: Callable[[str], None] | None = None,
) -> Report:
    """Write everything that a folder of results holds as one self-contained page.

    Nothing is simulated but, where ``fates`` asks for it, pairs of runs through which
    everybody is followed.

    Parameters
    ----------
    folder
        Of runs, of a sweep, a calibration, an attribution or a scorecard, or of several.
    out
        File of the page; replaced where it is there.
    title
        Heading of the page; the folder's name when None.
    attributions
        Files of attributions, where they neither ship nor lie in the attribution's folder.
    fates
        Pairs of each comparison in which everybody is followed.
    told
        Hears what is being done.

    Returns
    -------
    Report
        What was written. The same folder gives the same bytes.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked.
    BordersimError
        When the page cannot be written.
    """
    from bordersim.reporting.finding import look_in
    from bordersim.reporting.page import rendered

    hear = told or _nobody
    files = [Path(one) for one in attributions]
    problems = option_problems(Path(out), fates) + _file_problems(files)
    try:
        found = look_in(Path(folder))
    except ScenarioError as error:
        problems += error.problems
    if problems:
        raise ScenarioError(problems)
    from bordersim.reporting.assembling import sections_of

    sections, about = sections_of(found, files, fates, hear)
    heading = title or f"bordersim report: {found.name}"
    hear("writing the page")
    path = _written(Path(out), rendered(heading, about, sections))
    return Report(path, heading, tuple(sections))


def _nobody(_: str) -> None:
    """Hear nothing."""


def option_problems(out: Path, fates: int) -> list[Problem]:
    """What is wrong with the file and the number of pairs, whatever the folder holds."""
    found = []
    if out.suffix.lower() not in (".html", ".htm"):
        message = f'got "{out.suffix}"; a page ends in .html'
        found.append(Problem("--out", str(out), message))
    if out.is_dir():
        found.append(Problem("--out", str(out), "is a folder; name a file in it"))
    if not 0 <= fates <= MOST_FATES:
        found.append(Problem("--fates", "", f"got {fates}; allowed: 0 to {MOST_FATES:,}"))
    return found


def _file_problems(files: Sequence[Path]) -> list[Problem]:
    """What is wrong with files of attributions."""
    from bordersim.attributing.reading import read_attribution

    found: list[Problem] = []
    for path in files:
        try:
            read_attribution(path)
        except ScenarioError as error:
            found += error.problems
    return found


def _written(file: Path, text: str) -> Path:
    """Write a file, whole or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise BordersimError(f"{file}: cannot be written: {error.strerror or error}") from error
    return file
