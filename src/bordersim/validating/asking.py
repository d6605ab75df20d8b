"""``bs.validate``: have the runs of posterior draws, and judge them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bordersim.batch import Progress
from bordersim.data_files import calibration_folder
from bordersim.errors import Problem, ScenarioError
from bordersim.machine import processors
from bordersim.study import Study
from bordersim.sweeping.api import prepared
from bordersim.sweeping.carrying_out import Manner, carry_out
from bordersim.sweeping.reading import read_sweep
from bordersim.sweeping.spec import Sweep
from bordersim.validating.bars import Bars, read_bars
from bordersim.validating.reading import Told, observables_needed, read_study
from bordersim.validating.validation import Validation


def validate(  # noqa: PLR0913 - what is judged, and how it is simulated; all but the first keyword-only
    what: Study | str | Path | None = None,
    *,
    draws: int | None = None,
    seeds: int | None = None,
    posterior: str | Path | None = None,
    scale: float | None = None,
    bars: Bars | None = None,
    out: str | Path = "results",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Judge the calibrated model: every report, patterns P1-P8, and the bars.

    Parameters
    ----------
    what
        A sweep file of posterior draws; or a study that such a sweep made, or its folder,
        of which nothing is simulated anew. The shipped ``calibration/validation.yaml``
        when None.
    draws, seeds
        How many, where a file says another number; of a study, only the first draws.
    posterior
        File of draws instead of that which the sweep file names.
    scale
        Share of the nation simulated, where the file says another.
    bars
        By what the model is judged; the shipped ones when None.
    out
        Folder that holds studies.
    workers
        Processes; as many as the machine has processors when None.
    progress
        Called as runs end.

    Returns
    -------
    Validation
        Scorecard, verdicts, patterns and harm; ``write`` makes a page of it.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked.
    BordersimError
        When the study has no run that could be judged.
    """
    bars = read_bars() if bars is None else bars
    if isinstance(what, Study):
        return judge(what, bars, draws)
    if what is not None and Path(what).is_dir():
        return judge(Study.open(Path(what)), bars, draws)
    file = validation_file() if what is None else Path(what)
    asked = asked_sweep(file, Changes(draws, seeds, posterior, scale), bars)
    n_workers = processors()[1] if workers is None else workers
    manner = Manner(Path(out) / asked.name, n_workers)
    carry_out(prepared(asked, manner), manner, progress)
    return judge(Study.open(manner.folder), bars, asked.n_draws)


def judge(
    study: Study, bars: Bars, draws: int | None = None, told: Told | None = None
) -> Validation:
    """Judge a study of posterior draws; see ``validate`` and ``read_study``."""
    return Validation(read_study(study, every_report(), bars, draws, told), bars)


def every_report() -> Any:
    """Every report that a run can be compared with, whatever its use."""
    from bordersim.observing import targets

    return targets(("calibrate", "validate", "context", "forecast"), restating=True)


def validation_file() -> Path:
    """Sweep file that ships with the package."""
    return calibration_folder() / "validation.yaml"


class Changes:
    """What a caller has another value for than the sweep file."""

    def __init__(
        self,
        draws: int | None,
        seeds: int | None,
        posterior: str | Path | None,
        scale: float | None,
    ) -> None:
        section: dict[str, Any] = {}
        if draws is not None:
            section["count"] = draws
        if posterior is not None:
            section["posterior"] = str(Path(posterior).resolve())
        self.content: dict[str, Any] = {"draws": section} if section else {}
        if seeds is not None:
            self.content["seeds"] = {"count": seeds}
        if scale is not None:
            self.content["scale"] = scale


def asked_sweep(file: Path, changes: Changes, bars: Bars) -> Sweep:
    """Read the sweep of a validation.

    Raises
    ------
    ScenarioError
        With every mistake in it.
    """
    asked = read_sweep(file, changes.content)
    problems: list[Problem] = []
    if asked.draws is None:
        message = "required: a validation judges posterior draws"
        problems.append(Problem(str(file), "draws", message))
    if asked.design is not None:
        message = "not of a validation: what is judged are the draws alone"
        problems.append(Problem(str(file), "design", message))
    kept = asked.observables
    lacking = (
        [] if kept is None else [name for name in observables_needed(bars) if name not in kept]
    )
    if lacking:
        message = f"{', '.join(lacking)}: looked at and not kept; name them, or write all"
        problems.append(Problem(str(file), "observables", message))
    if problems:
        raise ScenarioError(problems)
    return asked
