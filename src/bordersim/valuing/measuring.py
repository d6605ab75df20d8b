"""The figure that every fact has in every draw, and what it is to narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bordersim.attributing.measuring import games_of
from bordersim.comparing.quantities import Quantity, monthly, over_window
from bordersim.errors import BordersimError
from bordersim.inference.arrays import FloatArray
from bordersim.parts import OK
from bordersim.results import RunResults
from bordersim.study import Study
from bordersim.valuing.carrying import Plans
from bordersim.valuing.reading import FEWEST_DRAWS
from bordersim.valuing.spec import LOGIT, Asked, Fact, Measure, Part
from bordersim.valuing.targets import Targets, luck_of_one, targets_of
from bordersim.valuing.values import Facts


@dataclass(frozen=True, eq=False)
class Measured:
    """What simulations say of facts and of what they are to narrow.

    Attributes
    ----------
    there
        The facts that have a figure in every draw, in the order of the file.
    missing
        Of the others, by name: in how many draws and seeds there was nothing to measure.
    facts
        Figures of ``there`` by draw, mean over seeds, and the whole error of their reports:
        what the file says and the luck of a single history.
    luck
        Standard deviation between seeds of one draw, on the scale of each fact.
    targets
        Shares and weights, by the same draws.
    n_draws, left_out
        Draws planned, and those that lack a run.
    """

    there: tuple[Fact, ...]
    missing: dict[str, int]
    facts: Facts
    luck: FloatArray
    targets: Targets
    n_draws: int
    left_out: int


def measured(asked: Asked, plans: Plans) -> Measured:
    """Read what is stored of both studies.

    Raises
    ------
    BordersimError
        When too few draws are whole, or no fact has a figure.
    """
    figures = _figures_of(asked, plans)
    games = games_of(asked.question, plans.attribution)
    game = games.of.get(asked.observable)
    if game is None:
        raise BordersimError(f"{asked.question.name}: nothing to measure of {asked.observable}")
    counts = {int(draw): int((game.draw == draw).sum()) for draw in np.unique(game.draw)}
    seeds = asked.question.n_seeds
    draws = [draw for draw in sorted(figures) if counts.get(draw) == seeds]
    n_planned = plans.facts.sweep.n_draws
    if len(draws) < FEWEST_DRAWS:
        message = f"{len(draws)} of {n_planned} draws are whole in both studies"
        raise BordersimError(f"{message}; at least {FEWEST_DRAWS} are needed")
    by_draw = _on_scales(asked.facts, [figures[draw] for draw in draws])
    nothing = np.sum([np.isnan(values).sum(axis=0) for values in by_draw], axis=0)
    kept = np.flatnonzero(nothing == 0)
    if not kept.size:
        raise BordersimError("no fact has a figure in every draw")
    by_draw = [values[:, kept] for values in by_draw]
    there = tuple(asked.facts[k] for k in kept)
    luck = luck_of_one(by_draw)
    stated = np.array([fact.error for fact in there])
    means = np.array([values.mean(axis=0) for values in by_draw])
    names = [fact.id for fact in asked.facts]
    return Measured(
        there=there,
        missing={names[k]: int(nothing[k]) for k in np.flatnonzero(nothing)},
        facts=Facts(means, np.sqrt(stated**2 + luck)),
        luck=np.sqrt(luck),
        targets=targets_of(game, asked.question.names, draws),
        n_draws=n_planned,
        left_out=n_planned - len(draws),
    )


def _figures_of(asked: Asked, plans: Plans) -> dict[int, FloatArray]:
    """Figures in natural units of every draw that is whole, shape (seeds, facts)."""
    study = Study.open(plans.manner.folder)
    there = {row["run_id"] for row in study.rows() if row["status"] == OK}
    runs: dict[int, list[str]] = {}
    for cell in plans.facts.cells:
        runs.setdefault(cell.draw, []).append(cell.run_id)
    found = {}
    for draw, ids in runs.items():
        if there.issuperset(ids):
            of_runs = [study.loader(run_id)() for run_id in ids]
            found[draw] = np.array(
                [[figure(run, fact.measure) for fact in asked.facts] for run in of_runs]
            )
    return found


def figure(run: RunResults, measure: Measure) -> float:
    """Read a fact from a run, in natural units; NaN where there is nothing to measure."""
    here = _ratio(run, measure, measure.here)
    if measure.against is None:
        return here
    there = _ratio(run, measure, measure.against)
    return here / there if there > 0 else float("nan")


def _ratio(run: RunResults, measure: Measure, part: Part) -> float:
    over = _sum(run, measure.of, part)
    if not measure.per:
        return over
    under = _sum(run, measure.per, part)
    return over / under if under > 0 else float("nan")


def _sum(run: RunResults, quantities: Sequence[Quantity], part: Part) -> float:
    span = slice(part.period.first - run.start_month, part.period.last - run.start_month + 1)
    values = []
    for quantity in quantities:
        cut = part.cut.of(quantity, run.homes, run.sectors)
        values.append(float(over_window(quantity, monthly(run, quantity, cut)[:, span])))
    return sum(values)


def _on_scales(facts: Sequence[Fact], by_draw: Sequence[FloatArray]) -> list[FloatArray]:
    """Figures on the scales of their reports; what is zero counts as half of the least seen."""
    known = np.vstack(by_draw)
    columns = []
    for k, fact in enumerate(facts):
        column = known[:, k]
        if fact.scale == LOGIT:
            nothing = (column < 0) | (column > 1)
            columns.append(np.where(nothing, np.nan, _log_odds(column)))
        else:
            columns.append(_logs(column))
    ends = np.cumsum([len(values) for values in by_draw])[:-1]
    return np.split(np.array(columns).T, ends)


def _logs(values: FloatArray) -> FloatArray:
    """Logarithms; NaN where nothing was ever seen, or nothing could be."""
    seen = values[np.isfinite(values) & (values > 0)]
    if not seen.size:
        return np.full_like(values, np.nan)
    floored = np.where(values == 0, seen.min() / 2, values)
    return np.asarray(np.log(np.where(floored > 0, floored, np.nan)))


def _log_odds(shares: FloatArray) -> FloatArray:
    return _logs(shares) - _logs(1.0 - shares)
