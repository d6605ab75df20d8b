"""Indices of every outcome of a study, and what they say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.batch import Progress
from bordersim.comparing.pairing import Window
from bordersim.comparing.quantities import Cut, Quantity
from bordersim.errors import BordersimError
from bordersim.results import FloatArray
from bordersim.sensing.indices import Index, Luck, indices, luck_of
from bordersim.sensing.inputs import Inputs, inputs_of
from bordersim.sensing.outcomes import DEFAULT, Outcomes, outcomes
from bordersim.study import Study
from bordersim.sweeping.api import sweep

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Row = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """Indices of one outcome in one scenario.

    Attributes
    ----------
    scenario
        Its name.
    quantity, of
        What was measured, and of whom in words.
    mean, spread
        Mean of the outcome over points, and its standard deviation between them.
    luck
        What seeds contribute.
    left_out
        Blocks of points that could not be used: a run of theirs is missing or gave nothing.
    indices
        By name, one for each input; ``s2`` one for each pair of inputs.
    """

    scenario: str
    quantity: Quantity
    of: str
    mean: float
    spread: float
    luck: Luck
    left_out: int
    indices: dict[str, list[Index]]

    @property
    def main(self) -> list[Index]:
        """The index that tells whether an input matters: mu* or the total index."""
        return self.indices["mu_star" if "mu_star" in self.indices else "st"]


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """Indices of several outcomes.

    Attributes
    ----------
    inputs
        What was varied, and how points were laid.
    n_blocks, n_seeds
        Trajectories or base points planned, and seeds at each point.
    scale
        Simulated share of the population.
    span
        Months looked at, in words.
    answers
        Scenario by scenario, outcome by outcome.
    notes
        Outcomes of which there are too few to say anything.
    """

    inputs: Inputs
    n_blocks: int
    n_seeds: int
    scale: float
    span: str
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(one.quantity.name for one in self.answers))
        return f"Sensitivity({self.inputs.kind}, {len(self.inputs.axes)} inputs: {names})"

    def rows(self) -> list[Row]:
        """One row for each scenario, outcome and input; the inputs that matter most first."""
        return [row for answer in self.answers for row in self.rows_of(answer)]

    def rows_of(self, answer: Answer) -> list[Row]:
        """Rows of one answer."""
        order = sorted(range(len(self.inputs.axes)), key=lambda k: -answer.main[k].value)
        found = []
        for k in order:
            axis = self.inputs.axes[k]
            row: Row = {
                "scenario": answer.scenario,
                "outcome": answer.quantity.name,
                "of": answer.of,
                "unit": answer.quantity.unit,
                "over": answer.quantity.how,
                "input": axis.key,
                "input_unit": axis.unit,
                "low": axis.low,
                "high": axis.high,
            }
            for name, values in answer.indices.items():
                if name != "s2":
                    row |= _index_columns(name, values[k])
            found.append(row | {"above_noise": answer.main[k].above})
        return found

    def pairs(self) -> list[Row]:
        """Indices of pairs, the largest first; none unless the design has them.

        ``above_noise`` tells whether the total indices of both inputs are.
        """
        found: list[Row] = []
        for one in self.answers:
            pairs = combinations(range(len(self.inputs.axes)), 2)
            for (a, b), index in zip(pairs, one.indices.get("s2", ()), strict=False):
                above = [one.main[k].above for k in (a, b)]
                found.append(
                    {
                        "scenario": one.scenario,
                        "outcome": one.quantity.name,
                        "input": self.inputs.axes[a].key,
                        "with": self.inputs.axes[b].key,
                        "s2": index.value,
                        "s2_low": index.low,
                        "s2_high": index.high,
                        "above_noise": None if None in above else all(above),
                    }
                )
        return sorted(found, key=lambda row: -row["s2"])

    def outcomes(self) -> list[Row]:
        """One row for each scenario and outcome: mean, spread and what luck contributes."""
        return [
            {
                "scenario": one.scenario,
                "outcome": one.quantity.name,
                "of": one.of,
                "unit": one.quantity.unit,
                "mean": one.mean,
                "spread": one.spread,
                "luck_share": one.luck.share,
                "luck_cancelled": one.luck.cancelled,
                "left_out": one.left_out,
            }
            for one in self.answers
        ]

    def to_df(self) -> pd.DataFrame:
        """Give ``rows`` as a frame; ``above_noise`` is missing where one seed cannot tell."""
        import pandas as pd

        frame = pd.DataFrame(self.rows())
        return frame.astype({"above_noise": "boolean"})

    def document(self) -> Row:
        """Everything as plain data."""
        return {
            "design": self.inputs.kind,
            "blocks": self.n_blocks,
            "seeds": self.n_seeds,
            "scale": self.scale,
            "window": self.span,
            "outcomes": self.outcomes(),
            "indices": self.rows(),
            "pairs": self.pairs(),
            "notes": list(self.notes),
        }

    def plot(self, observable: str | None = None) -> Figure:
        """Bars with intervals and floors, one panel for each scenario and outcome.

        Raises
        ------
        BordersimError
            When the observable was not looked at.
        """
        from bordersim.plot_sensitivity import sensitivity_figure

        chosen = [one for one in self.answers if observable in (None, one.quantity.name)]
        if not chosen:
            names = ", ".join(dict.fromkeys(one.quantity.name for one in self.answers))
            raise BordersimError(f'no indices of "{observable}"; there are {names}')
        return sensitivity_figure(self, chosen)

    def _repr_html_(self) -> str:
        from bordersim.sensing.showing import sensitivity_html

        return sensitivity_html(self)


def _index_columns(name: str, index: Index) -> Row:
    found = {name: index.value}
    if not math.isnan(index.low):
        found |= {f"{name}_low": index.low, f"{name}_high": index.high}
        found[f"{name}_floor"] = index.floor
    return found


def sensitivity(  # noqa: PLR0913 - what to look at, and how to simulate; all but one keyword-only
    what: Study | str | Path,
    *,
    observable: str | Sequence[str] = DEFAULT,
    window: Window = None,
    place: str | None = None,
    sex: str | None = None,
    class_: str | None = None,
    seeds: int | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Tell which levers and parameters matter for an outcome, beside what luck does.

    Parameters
    ----------
    what
        A sweep file whose design is ``morris`` or ``sobol-indices``, of which only what is
        not stored is simulated; or a study that such a sweep made.
    observable, window, place, sex, class_
        Outcomes, as of a comparison.
    seeds, out, workers, scheduler, progress
        Of a file, as ``bs.sweep`` takes them.

    Raises
    ------
    BordersimError
        When the study was not made for indices, or too few of its runs are there.
    ScenarioError
        With everything that is wrong with what is asked for.
    """
    if isinstance(what, Study):
        study = what
    else:
        study = sweep(
            what, seeds=seeds, out=out, workers=workers, scheduler=scheduler, progress=progress
        )
    names = [observable] if isinstance(observable, str) else list(observable)
    return of_study(study, names, window, Cut(place, sex, class_))


def of_study(study: Study, names: Sequence[str], window: Window, cut: Cut) -> Sensitivity:
    """Work out indices of a study; see ``sensitivity``."""
    inputs = inputs_of(study.sweep)
    if find_spec("SALib") is None:
        raise BordersimError('indices need SALib: pip install "bordersim[sensitivity]"')
    found = outcomes(study, names, window, cut)
    cells = found.cells
    shares = inputs.shares(cells)
    told = [
        answer
        for scenario in dict.fromkeys(cells["scenario"])
        for answer in _answers(inputs, shares, found, scenario)
    ]
    answers = tuple(one for one in told if isinstance(one, Answer))
    notes = tuple(one for one in told if isinstance(one, str))
    if not answers:
        raise BordersimError(f"{'; '.join(notes)}. Sweep what is missing, or look elsewhere")
    return Sensitivity(
        inputs=inputs,
        n_blocks=len(shares) // inputs.block,
        n_seeds=int(cells["seed"].nunique()),
        scale=next(float(row["scale"]) for row in study.rows()),
        span=found.span(),
        answers=answers,
        notes=notes,
    )


def _answers(
    inputs: Inputs, shares: FloatArray, found: Outcomes, scenario: str
) -> Iterator[Answer | str]:
    """Answers of one scenario; a sentence where there are too few outcomes for one."""
    chosen = found.cells["scenario"].to_numpy() == scenario
    cells = found.cells[chosen]
    order = np.lexsort((cells["seed"], cells["point"]))
    values = found.values[chosen][order].reshape(len(shares), -1, len(found.quantities))
    for k, (quantity, cut) in enumerate(zip(found.quantities, found.cuts, strict=True)):
        blocks = values[:, :, k].reshape(-1, inputs.block, values.shape[1])
        whole = np.isfinite(blocks).all(axis=(1, 2))
        if np.count_nonzero(whole) < 2:
            yield (
                f"{quantity.name} of {scenario}: only {np.count_nonzero(whole)} of {len(whole)} "
                "blocks of points have an outcome at every point and seed; at least 2 are needed"
            )
            continue
        kept = blocks[whole].reshape(-1, values.shape[1])
        points = shares.reshape(-1, inputs.block, shares.shape[1])[whole].reshape(len(kept), -1)
        means = kept.mean(axis=1)
        yield Answer(
            scenario=scenario,
            quantity=quantity,
            of=cut.words(),
            mean=float(means.mean()),
            spread=float(means.std(ddof=1)),
            luck=luck_of(kept),
            left_out=int(np.count_nonzero(~whole)),
            indices=indices(inputs, points, kept),
        )
