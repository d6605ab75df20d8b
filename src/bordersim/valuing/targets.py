"""What facts are to narrow: every share of a change, every weight, and each of both together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bordersim.attributing.dividing import parts_of
from bordersim.attributing.measuring import Measured
from bordersim.attributing.spec import MOMENTUM
from bordersim.inference.arrays import FloatArray, IntArray

SHARE, WEIGHT = "share", "weight"
ALL = "all"
"""Name of the sum over parts: who did it."""


@dataclass(frozen=True, eq=False)
class Targets:
    """Quantities that are not known, draw by draw.

    Attributes
    ----------
    names
        Kind and part of each row of a table: single ones first, then the sums.
    values
        Shape (draws, single ones), means over seeds.
    luck
        Variance that seeds leave in ``values``, shape (single ones,).
    sums
        Shape (names, single ones): what each row of a table adds up.
    """

    names: tuple[tuple[str, str], ...]
    values: FloatArray
    luck: FloatArray
    sums: FloatArray

    @property
    def variance(self) -> FloatArray:
        """Spread over draws by name, luck included."""
        found: FloatArray = self.sums @ self.values.var(axis=0, ddof=1)
        return found

    @property
    def learnable(self) -> FloatArray:
        """Part of the variance that is not luck, by name: 1 where seeds leave none.

        NaN where nothing varies, or luck is all there is.
        """
        whole = self.variance
        rest = whole - self.sums @ self.luck
        found: FloatArray = np.full_like(whole, np.nan)
        np.divide(rest, whole, out=found, where=(whole > 0) & (rest > 0))
        return found

    def row(self, kind: str, part: str = ALL) -> int:
        """Position of a name."""
        return self.names.index((kind, part))

    def of(self, draws: IntArray) -> Targets:
        """The same of some draws, by position."""
        return Targets(self.names, self.values[draws], self.luck, self.sums)


def targets_of(game: Measured, parts: Sequence[str], draws: Sequence[int]) -> Targets:
    """Work out shares and weights.

    Parameters
    ----------
    game
        What was measured of an observable.
    parts
        Names of the factors; momentum is added.
    draws
        Which draws, in which order; every one was measured.

    Returns
    -------
    Targets
        A weight is a share over the sum of the sizes of all, so that it does not narrow merely
        because the total becomes known.
    """
    shares = {part.name: part.values for part in parts_of(game, parts)[:-1]}
    whole = np.sum([np.abs(values) for values in shares.values()], axis=0)
    safe = np.where(whole > 0, whole, 1.0)
    weights = {name: values / safe for name, values in shares.items()}
    order = (*parts, MOMENTUM)
    singles: list[tuple[tuple[str, str], FloatArray]] = [
        ((kind, name), values[name])
        for kind, values in ((SHARE, shares), (WEIGHT, weights))
        for name in order
    ]
    return _averaged(singles, game, draws)


def _averaged(
    singles: Sequence[tuple[tuple[str, str], FloatArray]], game: Measured, draws: Sequence[int]
) -> Targets:
    columns = np.array([values for _, values in singles]).T
    by_draw = [columns[game.draw == draw] for draw in draws]
    names = tuple(name for name, _ in singles)
    return make_targets(names, by_draw)


def make_targets(names: Sequence[tuple[str, str]], by_draw: Sequence[FloatArray]) -> Targets:
    """Average over seeds and add up.

    Parameters
    ----------
    names
        Kind and part of each.
    by_draw
        Of each draw, shape (seeds, names).
    """
    kinds = tuple(dict.fromkeys(kind for kind, _ in names))
    single = np.eye(len(names))
    added = [[float(kind == of) for of, _ in names] for kind in kinds]
    return Targets(
        names=(*names, *((kind, ALL) for kind in kinds)),
        values=np.array([values.mean(axis=0) for values in by_draw]),
        luck=luck_of_means(by_draw),
        sums=np.vstack([single, added]),
    )


def luck_of_means(by_draw: Sequence[FloatArray]) -> FloatArray:
    """Variance that seeds leave in the mean of a draw; zero where each draw has one.

    Parameters
    ----------
    by_draw
        Of each draw, shape (seeds, columns).
    """
    found: FloatArray = np.mean([_luck(values) / len(values) for values in by_draw], axis=0)
    return found


def luck_of_one(by_draw: Sequence[FloatArray]) -> FloatArray:
    """Variance between two seeds of one draw; zero where each draw has one."""
    found: FloatArray = np.mean([_luck(values) for values in by_draw], axis=0)
    return found


def _luck(values: FloatArray) -> FloatArray:
    if len(values) < 2:
        return np.zeros(values.shape[1])
    return np.asarray(values.var(axis=0, ddof=1))
