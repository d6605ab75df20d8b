"""Corruption of the border guard: how widespread it is, and when it tips (model.md G4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bordersim.dates import month_label
from bordersim.results import FloatArray, RunResults

HIGH, LOW = 2 / 3, 1 / 3
"""A sector is corrupt above the first share of willing guards and honest below the second."""

AVERAGE_MONTHS = 12
"""Months over which the share is averaged before it is compared."""


def willing_share(run: RunResults) -> FloatArray:
    """Share of guards whose reservation bribe is at or below the going bribe.

    Returns
    -------
    array
        Shape (months, sectors), 0 to 1; NaN where a sector has no guards.
    """
    guards = run.value("guards")
    with np.errstate(invalid="ignore", divide="ignore"):
        share: FloatArray = run.value("willing_guards") / guards
    return share


def corruption_tips(run: RunResults) -> pd.DataFrame:
    """Months in which a sector tipped between widespread and rare corruption.

    The share of willing guards, averaged over a year, must cross from above ``HIGH`` to
    below ``LOW`` or back; wavering in between is no tip.

    Returns
    -------
    DataFrame
        Columns: sector, month (``YYYY-MM``), to ("corrupt" or "honest"), share.
    """
    kernel = np.ones(AVERAGE_MONTHS) / AVERAGE_MONTHS
    tips = []
    for s, sector in enumerate(run.sectors):
        shares = willing_share(run)[:, s]
        if len(shares) < AVERAGE_MONTHS:
            continue
        mean = np.convolve(shares, kernel, mode="valid")
        state = ""
        for offset, share in enumerate(mean):
            now = "corrupt" if share > HIGH else "honest" if share < LOW else state
            if state and now != state:
                month = run.start_month + offset + AVERAGE_MONTHS - 1
                tips.append((sector, month_label(month), now, float(share)))
            state = now
    return pd.DataFrame(tips, columns=["sector", "month", "to", "share"])


def guards_table(runs: Sequence[RunResults]) -> pd.DataFrame:
    """Guards by year, means of the runs.

    Columns: year, willing (share whose price is at or below the going bribe), takers
    (share who took any bribe in the lookback, goods included), perceived_punishment
    (chance in a year), punished (guards in the year), going_bribe (KRW million of 2015).
    """
    years = sorted(set.intersection(*(set(run.full_years()) for run in runs)))
    columns = []
    for run in runs:
        guards = run.annual("guards")
        columns.append(
            pd.DataFrame(
                {
                    "willing": run.annual("willing_guards") / guards,
                    "takers": run.annual("corrupt_guards") / guards,
                    "perceived_punishment": run.annual("perceived_punishment"),
                    "punished": run.annual("punishments"),
                    "going_bribe": run.annual("going_bribe"),
                }
            ).loc[years]
        )
    table = sum(columns[1:], start=columns[0]) / len(columns)
    return table.rename_axis("year").reset_index()


def tips_table(runs: Sequence[RunResults]) -> pd.DataFrame:
    """First tip of every sector in each direction, over runs.

    Columns: sector, to ("corrupt" or "honest"), month (median of the first tips,
    ``YYYY-MM``), runs (how many of them tipped).
    """
    firsts = [corruption_tips(run).drop_duplicates(["sector", "to"]) for run in runs]
    frame = pd.concat(firsts, ignore_index=True)
    rows = [
        (sector, to, sorted(group["month"])[(len(group) - 1) // 2], len(group))
        for (sector, to), group in frame.groupby(["sector", "to"], sort=True)
    ]
    return pd.DataFrame(rows, columns=["sector", "to", "month", "runs"])
