"""``bs.next_facts``: which report that could be made would narrow an attribution most."""

from __future__ import annotations

from pathlib import Path

from bordersim.batch import Progress
from bordersim.data_files import scenarios_folder
from bordersim.machine import processors
from bordersim.valuing.carrying import Doing, carried_out, plans_of
from bordersim.valuing.measuring import measured
from bordersim.valuing.reading import read_next_facts
from bordersim.valuing.results import NextFacts, valued


def next_facts(
    file: str | Path | None = None,
    *,
    draws: int | None = None,
    seeds: int | None = None,
    out: str | Path = "results",
    workers: int | None = None,
    retry: bool = False,
    progress: Progress | None = None,
) -> NextFacts:
    """Say how much each report that could be made would narrow an attribution.

    What is stored already is not simulated again: neither of the attribution, nor of the
    facts. Runs go to a pool of processes: a script needs its
    ``if __name__ == "__main__":`` guard.

    Parameters
    ----------
    file
        Of facts; those that ship, about the fall of arrivals from 2009 to 2015, when None.
    draws, seeds
        How many, instead of what the attribution says.
    out
        Folder that holds studies, the attribution's among them.
    workers, retry, progress
        As ``bs.sweep`` takes them.

    Returns
    -------
    NextFacts
        ``table()``, ``figures()``, ``plot()``, ``page()``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked; nothing is simulated then.
    BordersimError
        When too few draws are whole.
    """
    asked = read_next_facts(facts_file() if file is None else Path(file), draws=draws, seeds=seeds)
    doing = Doing(Path(out), processors()[1] if workers is None else workers, retry)
    plans = plans_of(asked, doing)
    carried_out(plans, progress)
    return valued(asked, measured(asked, plans))


def facts_file() -> Path:
    """File of the facts that ship with the package."""
    return scenarios_folder() / "answers" / "next-facts.yaml"
