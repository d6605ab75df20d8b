"""``attribute``: what explains a change between two periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bordersim.attributing.answers import Attribution
from bordersim.attributing.carrying import How, Planned, carried_out, planned
from bordersim.attributing.measuring import games_of
from bordersim.attributing.reading import question_of_call, read_attribution
from bordersim.attributing.schema import content_of_call
from bordersim.attributing.spec import Question
from bordersim.attributing.stored import keep_question
from bordersim.batch import Progress
from bordersim.errors import Problem, ScenarioError
from bordersim.machine import processors
from bordersim.remote_place import place_of
from bordersim.scenario import Scenario
from bordersim.sweeping.api import url_problem
from bordersim.sweeping.draws import SHIPPED

USUAL_FACTORS = ("guards", "barriers", "china", "markets")


def attribute(  # noqa: PLR0913 - what an attribution file says, and how; all but one keyword-only
    what: Scenario | str | Path,
    *,
    change: tuple[str | int, str | int] | None = None,
    factors: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    draws: int | Mapping[str, Any] | None = None,
    seeds: int | None = None,
    prior: Mapping[str, Any] | None = None,
    observables: Sequence[str] | None = None,
    passing: Sequence[str] | None = None,
    scale: float | None = None,
    name: str | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    retry: bool = False,
    progress: Progress | None = None,
) -> Attribution:
    """Divide a change between two periods among factors, by Shapley's value.

    What is stored already is not simulated again. Runs go to a pool of processes: a script
    needs its ``if __name__ == "__main__":`` guard.

    Parameters
    ----------
    what
        An attribution file; or the scenario of what happened, or its file.
    change
        The two periods, such as ``("2009", "2015")``, which is what None means.
    factors
        Groups of levers, or names, each with groups or levers; guards, barriers, china and
        markets when None.
    draws
        How many of the posterior that ships, or what a file says under draws. Of a file,
        how many instead of what it says.
    seeds
        How many; 2 when None. Of a file, instead of what it says.
    prior, observables, passing, scale, name
        As in a file, which they cannot be given with.
    out
        Folder of the study; ``results/<name>`` when None.
    workers, scheduler, retry, progress
        As ``bs.sweep`` takes them.

    Returns
    -------
    Attribution
        ``table()``, ``identifiability()``, ``waterfall()``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with what is asked; nothing is simulated then.
    BordersimError
        When the study cannot be written, or has no complete draw.
    """
    content = content_of_call(
        change=None if change is None else dict(zip(("from", "to"), change, strict=True)),
        factors=_plain(factors),
        draws={"posterior": SHIPPED, "count": draws} if isinstance(draws, int) else draws,
        seeds=None if seeds is None else {"count": seeds},
        prior=prior,
        observables=None if observables is None else list(observables),
        passing=None if passing is None else list(passing),
        scale=scale,
        name=name,
    )
    question = _question(what, content)
    folder = place_of(out) if out is not None else Path("results") / question.name
    if unusable := url_problem(folder):
        raise ScenarioError([unusable])
    how = How(folder, processors()[1] if workers is None else workers, scheduler, retry)
    plans = planned(question, how)
    keep_question(question, folder)
    carried_out(plans, lambda _: progress)
    return answered(question, plans, how)


def answered(question: Question, plans: Sequence[Planned], how: How) -> Attribution:
    """Work out the answer from what is stored."""
    games = {one.part.name: games_of(question, one) for one in plans}
    return Attribution(question, games, str(how.folder))


def _plain(factors: Sequence[str] | Mapping[str, Sequence[str]] | None) -> Any:
    if isinstance(factors, Mapping):
        return {key: list(parts) for key, parts in factors.items()}
    return None if factors is None else list(factors)


def _question(what: Scenario | str | Path, content: dict[str, Any]) -> Question:
    if not isinstance(what, Scenario) and _is_attribution_file(Path(what)):
        drawn = content.get("draws", {}).get("count")
        given = set(content) - {"schema", "draws", "seeds"}
        if given:
            message = f"{', '.join(sorted(given))}: say so in the attribution file instead"
            raise ScenarioError([Problem("attribute()", "", message)])
        seeds = content.get("seeds", {}).get("count")
        return read_attribution(Path(what), draws=drawn, seeds=seeds)
    usual = {
        "change": {"from": 2009, "to": 2015},
        "factors": list(USUAL_FACTORS),
        "seeds": {"count": 2},
    }
    from bordersim.scenario import load

    scenario = what if isinstance(what, Scenario) else load(what)
    return question_of_call(scenario, usual | content, "attribution")


def _is_attribution_file(path: Path) -> bool:
    from bordersim.yaml_source import read_yaml

    document = read_yaml(path, [])
    return document is not None and "factors" in document.mapping()
