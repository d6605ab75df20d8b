"""``bs.calibrate``, and what the command line does with a calibration file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bordersim.calibrating.carrying_out import carry_out
from bordersim.calibrating.driver import How
from bordersim.calibrating.events import Listener, nobody
from bordersim.calibrating.reading import read_calibration
from bordersim.calibrating.results import Calibration
from bordersim.calibrating.spec import Asked
from bordersim.errors import Problem, ScenarioError
from bordersim.inference.arrays import InferenceError, needs
from bordersim.machine import processors

EXTRA = ("emcee", "arviz", "sklearn", "SALib", "threadpoolctl")


def calibrate(
    file: str | Path,
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    changed: Literal["refuse", "keep", "redo"] = "refuse",
    retry: bool = False,
    alternatives: bool = False,
    progress: Listener = nobody,
) -> Calibration:
    """Fit a scenario's parameters to what was reported, and say what the data tell.

    What is done in ``out`` already is not done again; an interrupted calibration goes on
    where it was. The same file gives the same draws. Runs go to a pool of processes: a
    script needs its ``if __name__ == "__main__":`` guard.

    Parameters
    ----------
    file
        Of schema ``bordersim/calibration@1``.
    out
        Folder of the calibration; ``results/calibration/<name>`` when None.
    workers
        Processes that simulate; as many as there are processors when None.
    changed
        Where the file or the engine has changed since runs were made: that is an error, or
        they are used as they are, or made again.
    retry
        Try runs again that failed.
    alternatives
        Fit the other structures that the file names, too.
    progress
        Told of every step, and of its runs.

    Raises
    ------
    ScenarioError
        With everything that is wrong with the file; nothing is simulated then.
    BordersimError
        When a step cannot be done; those before it stay.
    """
    asked = read(Path(file))
    folder = Path("results/calibration") / asked.name if out is None else Path(out)
    n_workers = processors()[1] if workers is None else workers
    keep, redo = changed == "keep", changed == "redo"
    how = How(folder, n_workers, keep=keep, redo=redo, retry=retry, alternatives=alternatives)
    carry_out(asked, how, progress)
    return Calibration.open(folder)


def read(file: Path) -> Asked:
    """Read a calibration file; also say what is not installed.

    Raises
    ------
    ScenarioError
        With everything that is wrong.
    """
    asked = read_calibration(file)
    try:
        needs(*EXTRA)
    except InferenceError as error:
        raise ScenarioError([Problem(str(file), "", str(error))]) from None
    return asked
