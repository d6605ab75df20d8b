"""The ledger of fates: what became of each person in A against B, and what it sums to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.comparing.fates import FATE_WORDS, Fate, Lives
from bordersim.comparing.imposing import imposed_lives
from bordersim.comparing.known import Known
from bordersim.comparing.lives import lives_of, same_books
from bordersim.dates import month_label
from bordersim.errors import BordersimError
from bordersim.reports import Period
from bordersim.results import FloatArray, IntArray, RunResults
from bordersim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from bordersim.comparing.pairing import Pair

N_FATES = len(Fate)
EARLIER, LATER = N_FATES, N_FATES + 1
"""Columns of those who arrive in both, but not in the same month."""

CHUNK = 1 << 20
"""Residents counted at a time."""

COLUMNS: tuple[str, ...] = (
    *FATE_WORDS.values(),
    "arrived, earlier than in A",
    "arrived, later than in A",
)
"""Fates in B."""

COUNTED: dict[str, Fate] = {
    "arrivals": Fate.ARRIVED,
    "deaths": Fate.DIED,
    "in China at the end": Fate.IN_CHINA,
    "on the way at the end": Fate.ON_THE_WAY,
}
"""Effects that are a column of the ledger less a row, and their fates."""


@dataclass(frozen=True, eq=False, repr=False)
class Ledger:
    """Fates in A against fates in B.

    Attributes
    ----------
    matrices
        Agents by fate in A and in B, shape (pairs, 15, 17): the last two columns part
        those who arrive in both from those who arrive in the same month.
    scale
        Agents over people.
    window
        By whose end the fates are.
    direct, market
        The same from A to B under A's prices and beliefs, and from there to B; None
        where the effect was not taken apart.
    names
        Of A and B.
    """

    matrices: IntArray
    scale: float
    window: Period
    direct: Ledger | None = None
    market: Ledger | None = None
    names: tuple[str, str] = ("A", "B")

    def __repr__(self) -> str:
        return f"Ledger({self.names[1]!r} against {self.names[0]!r}, {len(self.matrices)} pairs)"

    def named(self, a: str, b: str) -> Ledger:
        """The same with the names of its sides."""
        return replace(self, names=(a, b))

    @property
    def people(self) -> FloatArray:
        """Mean over pairs, in people, shape (15, 17)."""
        return np.asarray(self.matrices.mean(axis=0) / self.scale)

    def effects(self) -> IntArray:
        """Column less row of every fate in ``COUNTED``, agents, shape (pairs, effects)."""
        return np.stack([self._effect(fate) for fate in COUNTED.values()], axis=1)

    def _effect(self, fate: Fate) -> IntArray:
        reached = _reaching(self.matrices, fate).sum(axis=1)
        return np.asarray(reached - self.matrices[:, fate].sum(axis=1))

    def to_df(self) -> pd.DataFrame:
        """The matrix in people, mean over pairs: fates in A down, in B across."""
        import pandas as pd

        rows = pd.Index(FATE_WORDS.values(), name="in A")
        return pd.DataFrame(self.people, index=rows, columns=pd.Index(COLUMNS, name="in B"))

    def moves(self) -> pd.DataFrame:
        """Everybody whose fate differs, largest group first: in A, in B, people."""
        import pandas as pd

        people = self.people
        rows = [
            {"in A": name, "in B": COLUMNS[column], "people": people[row, column]}
            for row, name in enumerate(FATE_WORDS.values())
            for column in range(len(COLUMNS))
            if row != column and people[row, column] > 0
        ]
        frame = pd.DataFrame(rows, columns=["in A", "in B", "people"])
        return frame.sort_values("people", ascending=False, ignore_index=True)

    def sources(self, observable: str = "arrivals") -> pd.DataFrame:
        """What an effect is made of, by the other fate of those it concerns.

        Parameters
        ----------
        observable
            A key of ``COUNTED``.

        Returns
        -------
        DataFrame
            By fate: people that B brings to it (``gained``, by their fate in A), that it
            takes from it (``lost``, by their fate in B), and ``net``; the sum of ``net``
            is the effect.
        """
        import pandas as pd

        if observable not in COUNTED:
            raise BordersimError(f'"{observable}" is no effect here; there are {list(COUNTED)}')
        fate = COUNTED[observable]
        gained = _reaching(self.people[None], fate)[0]
        lost = self.people[fate, :N_FATES].copy()
        gained[fate] = lost[fate] = 0.0
        frame = pd.DataFrame(
            {"gained": gained, "lost": lost, "net": gained - lost},
            index=pd.Index(FATE_WORDS.values(), name="fate"),
        )
        return frame[(frame["gained"] > 0) | (frame["lost"] > 0)]

    def summary(self) -> pd.DataFrame:
        """Effects in people, mean over pairs, and what is direct and through the market.

        Returns
        -------
        DataFrame
            By effect: ``a``, ``b``, ``effect`` and, where the ledger was split, ``direct``
            and ``market``, which add up to it.
        """
        import pandas as pd

        rows = []
        for k, (name, fate) in enumerate(COUNTED.items()):
            row = {
                "effect on": name,
                "a": self.people[fate].sum(),
                "b": _reaching(self.people[None], fate)[0].sum(),
                "effect": self.effects()[:, k].mean() / self.scale,
            }
            if self.direct is not None and self.market is not None:
                row["direct"] = self.direct.effects()[:, k].mean() / self.scale
                row["market"] = self.market.effects()[:, k].mean() / self.scale
            rows.append(row)
        return pd.DataFrame(rows).set_index("effect on")

    def document(self) -> dict[str, Any]:
        """Give everything as plain data, ready for JSON."""
        from bordersim.reports import rows_of

        return {
            "window": [month_label(self.window.first), month_label(self.window.last)],
            "pairs": len(self.matrices),
            "in_a": list(FATE_WORDS.values()),
            "in_b": list(COLUMNS),
            "people": self.people.tolist(),
            "agents": self.matrices.sum(axis=0).tolist(),
            "effects": rows_of(self.summary().reset_index()),
            "sources": {
                name: rows_of(self.sources(name).reset_index()) for name in ("arrivals", "deaths")
            },
            "direct": None if self.direct is None else self.direct.document(),
            "market": None if self.market is None else self.market.document(),
        }

    def plot(self) -> Figure:
        """Flow from fates in A to fates in B, of everybody whose fate differs."""
        from bordersim.plot_fates import flow_figure

        return flow_figure(self)

    def _repr_html_(self) -> str:
        from bordersim.comparing.showing import ledger_html

        return ledger_html(self)


def _reaching(matrices: FloatArray | IntArray, fate: Fate) -> Any:
    """Who has a fate in B, by fate in A, shape (pairs, 15)."""
    reached = matrices[:, :, fate].copy()
    if fate is Fate.ARRIVED:
        reached += matrices[:, :, EARLIER] + matrices[:, :, LATER]
    return reached


def matrix_of(a: Lives, b: Lives) -> IntArray:
    """Count every resident once by fate in A and in B.

    Parameters
    ----------
    a, b
        Of the same people.

    Returns
    -------
    array
        Agents, shape (15, 17).

    Raises
    ------
    BordersimError
        When the two are not of the same number of people.
    """
    if a.fate.size != b.fate.size:
        raise BordersimError(
            f"A has {a.fate.size:,} residents, B {b.fate.size:,}: nobody can be followed "
            "from one into the other; compare scenarios of the same population"
        )
    width = len(COLUMNS)
    counts = np.zeros(N_FATES * width, np.int64)
    for first in range(0, a.fate.size, CHUNK):
        part = slice(first, first + CHUNK)
        column = b.fate[part].astype(np.int64)
        both = (a.fate[part] == Fate.ARRIVED) & (column == Fate.ARRIVED)
        column[both & (b.arrived[part] < a.arrived[part])] = EARLIER
        column[both & (b.arrived[part] > a.arrived[part])] = LATER
        counts += np.bincount(a.fate[part] * width + column, minlength=counts.size)
    return counts.reshape(N_FATES, width)


def ledger_of(
    pairs: Sequence[Pair],
    window: Period,
    known: Known,
    *,
    split: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Ledger:
    """Make the runs of pairs again and follow every resident through both.

    Parameters
    ----------
    pairs
        At least one.
    window
        By whose end fates are told.
    known
        Where to look for the scenarios that were simulated.
    split
        Also simulate B under A's prices and beliefs.
    progress
        Called with runs done and runs in all.

    Returns
    -------
    Ledger
        Exact for every pair.

    Raises
    ------
    BordersimError
        When a run's scenario is not found, cannot be made again by this engine, or is of
        other people than its partner.
    """
    made: list[list[IntArray]] = []
    done, todo = 0, len(pairs) * (3 if split else 2)

    def told(lives: Lives) -> Lives:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, todo)
        return lives

    if not pairs:
        raise BordersimError("no pair to make a ledger of")
    for pair in pairs:
        runs = pair.a(), pair.b()
        a, b = (known.scenario_of(run, pair.point) for run in runs)
        in_a, in_b = (
            told(_followed(scenario, run, window))
            for scenario, run in zip((a, b), runs, strict=True)
        )
        row = [matrix_of(in_a, in_b)]
        if split:
            between = told(imposed_lives(a, b, pair.seed, window))
            row += [matrix_of(in_a, between), matrix_of(between, in_b)]
        made.append(row)
    scale = runs[0].scale
    whole, *parts = (
        Ledger(np.array([row[k] for row in made]), scale, window) for k in range(len(made[0]))
    )
    return replace(whole, direct=parts[0], market=parts[1]) if parts else whole


def _followed(scenario: Scenario, run: RunResults, window: Period) -> Lives:
    """Fates in a run, made again."""
    lives, books = lives_of(scenario, run.seed, window)
    same_books(books, run, window)
    return lives
