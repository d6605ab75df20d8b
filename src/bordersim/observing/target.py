"""What a report is compared with, and how: targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, overload

import numpy as np
import numpy.typing as npt

from bordersim.observing.forms import from_logit, to_logit
from bordersim.reports import Period
from bordersim.results import FloatArray

GROUPS = (
    "arrivals",
    "seasons",
    "women",
    "fees",
    "fee ratios",
    "stock",
    "delays",
    "routes",
    "returns",
    "split",
    "places",
    "elites",
)
"""Groups of evidence, left out one at a time to see what each contributes."""

COUNT, SHARE, INTERVAL = FORMS = ("count", "share", "interval")
"""Negative binomial count; share of a known number of people; interval on the working scale."""

LOG, LOGIT = SCALES = ("log", "logit")


@dataclass(frozen=True)
class Target:
    """One reported figure, the simulated figure that it is compared with, and how.

    Attributes
    ----------
    id
        Names the target: that of its entry of the registry, or of the first of several.
    group
        One of ``GROUPS``.
    figure
        Name of the simulated figure, a key of ``bordersim.figures.FIGURES``.
    period, place
        What the figure is measured over.
    period_text
        The period as reported.
    definition
        What exactly is measured.
    form
        One of ``FORMS``.
    scale
        Working scale: "log" or "logit".
    low, high
        Reported ends in the figure's own unit (fees: nominal KRW million). Equal for a
        count and a share; -inf or inf where a report is open at one side.
    trials
        People among whom a share was counted; 0 where the form is no share.
    floor
        Least simulated value that is told from zero; of a share also 1 - floor the greatest.
    spread, extra
        Nuisance that is the standard deviation on the working scale ("" for none), and a fixed
        one that adds to it in squares.
    bias
        Nuisance added to the simulated figure on the working scale; "" for none.
    evidence_ids
        Entries of the registry that it is made of.
    use
        Of the entries: "calibrate", "validate", ...
    whole
        Longer period that the figure is a share of; None for most.
    restates
        Why the figure says nothing that another target does not say; "" if it does.
    reason
        Why this form and this spread.
    source, reliability
        Of the report.
    unit
        Of low, high and the simulated figure.
    """

    id: str
    group: str
    figure: str
    period: Period
    place: str
    period_text: str
    definition: str
    form: str
    scale: str
    low: float
    high: float
    trials: float
    floor: float
    spread: str
    extra: float
    bias: str
    evidence_ids: tuple[str, ...]
    use: str
    whole: Period | None = None
    restates: str = ""
    reason: str = ""
    source: str = ""
    reliability: str = ""
    unit: str = ""

    @property
    def quantity(self) -> str:
        """What is measured: the name of its figure."""
        return self.figure

    @property
    def fitted(self) -> bool:
        """Whether the likelihood may contain it."""
        return self.use == "calibrate" and not self.restates


class Targets(Sequence[Target]):
    """Targets in a fixed order, with what the likelihood needs of them as arrays."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._targets = tuple(targets)

    @overload
    def __getitem__(self, index: int) -> Target: ...
    @overload
    def __getitem__(self, index: slice) -> Targets: ...
    def __getitem__(self, index: int | slice) -> Target | Targets:
        """One target, or a part of them."""
        if isinstance(index, slice):
            return Targets(self._targets[index])
        return self._targets[index]

    def __len__(self) -> int:
        return len(self._targets)

    def __iter__(self) -> Iterator[Target]:
        return iter(self._targets)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Targets) and self._targets == other._targets

    def __hash__(self) -> int:
        return hash(self._targets)

    def __repr__(self) -> str:
        return f"Targets({len(self)} in {len(set(self.groups))} groups)"

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids, in order."""
        return tuple(target.id for target in self)

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each, in order."""
        return tuple(target.group for target in self)

    def of_group(self, *groups: str) -> Targets:
        """Those of some groups."""
        return Targets(target for target in self if target.group in groups)

    @cached_property
    def forbidden(self) -> tuple[str, ...]:
        """Ids of those that no likelihood may contain."""
        return tuple(target.id for target in self if not target.fitted)

    @cached_property
    def nuisances(self) -> tuple[str, ...]:
        """Names of the nuisances they need, in order of first use."""
        named = (name for target in self for name in (target.spread, target.bias) if name)
        return tuple(dict.fromkeys(named))

    @cached_property
    def is_logit(self) -> npt.NDArray[np.bool_]:
        """Which work on the logit scale, shape (k,)."""
        return np.array([target.scale == LOGIT for target in self], dtype=bool)

    @cached_property
    def odds_at(self) -> npt.NDArray[np.int64]:
        """Positions of those on the logit scale."""
        return np.flatnonzero(self.is_logit)

    def where(self, form: Literal["count", "share", "interval"]) -> npt.NDArray[np.int64]:
        """Positions of the targets of one form."""
        return self._positions[form]

    @cached_property
    def _positions(self) -> dict[str, npt.NDArray[np.int64]]:
        forms = np.array([target.form for target in self], dtype=object)
        return {form: np.flatnonzero(forms == form) for form in FORMS}

    @cached_property
    def low(self) -> FloatArray:
        """Reported lower ends in natural units, shape (k,)."""
        return np.array([target.low for target in self], dtype=np.float64)

    @cached_property
    def high(self) -> FloatArray:
        """Reported upper ends in natural units, shape (k,)."""
        return np.array([target.high for target in self], dtype=np.float64)

    @cached_property
    def reported_low(self) -> FloatArray:
        """Lower ends on the working scale, shape (k,)."""
        return self._ends(self.low)

    @cached_property
    def reported_high(self) -> FloatArray:
        """Upper ends on the working scale, shape (k,)."""
        return self._ends(self.high)

    @cached_property
    def trials(self) -> FloatArray:
        """People behind each share, shape (k,)."""
        return np.array([target.trials for target in self], dtype=np.float64)

    @cached_property
    def floors(self) -> FloatArray:
        """Least simulated values that are told from zero, shape (k,)."""
        return np.array([target.floor for target in self], dtype=np.float64)

    @cached_property
    def extras(self) -> FloatArray:
        """Fixed standard deviations on the working scale, shape (k,)."""
        return np.array([target.extra for target in self], dtype=np.float64)

    @cached_property
    def spread_index(self) -> npt.NDArray[np.int64]:
        """Position in ``nuisances`` of each one's spread; -1 for none."""
        return self._index([target.spread for target in self])

    @cached_property
    def bias_index(self) -> npt.NDArray[np.int64]:
        """Position in ``nuisances`` of each one's bias; -1 for none."""
        return self._index([target.bias for target in self])

    def _index(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        return np.array([self.nuisances.index(n) if n else -1 for n in names], dtype=np.int64)

    def _ends(self, ends: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(ends > 0, np.log(np.maximum(ends, 0)), -np.inf)
            odds = np.where(ends <= 0, -np.inf, np.where(ends >= 1, np.inf, to_logit(ends)))
        return np.where(self.is_logit, odds, logs)


def as_targets(targets: Sequence[Target]) -> Targets:
    """Targets of any sequence of them; itself when it is one already."""
    return targets if isinstance(targets, Targets) else Targets(targets)


def working_scale(figures: npt.ArrayLike, targets: Sequence[Target]) -> FloatArray:
    """Simulated figures on the scale on which errors are alike: log, or logit of shares.

    Parameters
    ----------
    figures
        Shape (..., k), natural units. Values below a target's floor (no arrival, no deal of
        a cent) count as the floor; NaN stays NaN.
    targets
        The k targets.
    """
    known = as_targets(targets)
    values = np.maximum(np.asarray(figures, np.float64), known.floors)
    working = np.log(values)
    at = known.odds_at
    working[..., at] = to_logit(np.minimum(values[..., at], 1 - known.floors[at]))
    return working


def natural_scale(working: npt.ArrayLike, targets: Sequence[Target]) -> FloatArray:
    """Figures in natural units from the working scale; the inverse of ``working_scale``."""
    known = as_targets(targets)
    values = np.asarray(working, np.float64)
    figures = np.exp(np.clip(values, -300, 300))  # far beyond any figure, short of overflow
    figures[..., known.odds_at] = from_logit(values[..., known.odds_at])
    return figures
