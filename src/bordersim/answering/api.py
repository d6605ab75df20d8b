"""``bs.answers``: have the runs of a file of questions, and answer them."""

from __future__ import annotations

from pathlib import Path

from bordersim.answering.answers import Answers, answers_of
from bordersim.answering.carrying import How, planned
from bordersim.answering.divided import attributions_of
from bordersim.answering.reading import Changes, read_answers
from bordersim.batch import Progress
from bordersim.data_files import scenarios_folder
from bordersim.errors import Problem, ScenarioError
from bordersim.machine import processors
from bordersim.sweeping.carrying_out import carry_out


def answers(  # noqa: PLR0913 - what a caller may say instead of the files; all but one keyword-only
    file: str | Path | None = None,
    *,
    posterior: str | Path | None = None,
    draws: int | None = None,
    seeds: int | None = None,
    scale: float | None = None,
    ledger: int | None = None,
    attribution: str | Path | None = None,
    out: str | Path = "results",
    workers: int | None = None,
    retry: bool = False,
    progress: Progress | None = None,
) -> Answers:
    """Answer questions by comparing scenarios over posterior draws.

    What is stored already is not simulated again. Runs go to a pool of processes: a script
    needs its ``if __name__ == "__main__":`` guard.

    Parameters
    ----------
    file
        Of questions; those of the two reports, which ship, when None.
    posterior
        File of draws instead of that which the study names.
    draws, seeds, scale, ledger
        Instead of what the files say: draws of posterior and prior, seeds, share of the
        nation, pairs of each comparison that are followed person by person.
    attribution
        Folder of the runs of ``bs.attribute`` that a question names; ``out`` and its name when
        None.
    out
        Folder that holds studies.
    workers, retry, progress
        As ``bs.sweep`` takes them.

    Returns
    -------
    Answers
        ``page()`` in Markdown, ``plot()``, ``document()``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked; nothing is simulated then.
    BordersimError
        When a comparison has no pair of runs.
    """
    changes = Changes(None if posterior is None else Path(posterior), draws, seeds, scale, ledger)
    asked = read_answers(questions_file() if file is None else Path(file), changes)
    if attribution is not None and not Path(attribution).is_dir():
        raise ScenarioError([Problem("attribution", str(attribution), "no such folder")])
    how = How(Path(out), processors()[1] if workers is None else workers, retry)
    plans = planned(asked, how)
    for one in plans:
        carry_out(one.plan, one.manner, progress)
    folders = [Path(str(one.manner.folder)) for one in plans]
    named = None if attribution is None else Path(attribution)
    return answers_of(asked, folders, attributions=attributions_of(asked, Path(out), named))


def questions_file() -> Path:
    """File of the questions of the two reports, which ships with the package."""
    return scenarios_folder() / "answers" / "questions.yaml"
