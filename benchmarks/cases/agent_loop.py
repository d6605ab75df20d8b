"""Peer (b): the loop one writes first, every agent every month in a ``prange``.

At home: an intensity from hardship, age and sex, and a draw; those who consider leaving
choose by a logit of fee and risk and meet the river. In China and in custody: monthly
hazards. No traffickers, guards, beliefs, money or kin. ``np.random`` inside the loop, as
one does, makes the result depend on the number of threads.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from benchmarks.cases.child import Findings, answer, timed

HOME, CHINA, CUSTODY, ARRIVED = 0, 1, 2, 3
HOMES = 11
AGE_EFFECT = np.array([-1.8, -0.5, 0.35, 0.30, -0.1, -0.7, -1.4])


class People(NamedTuple):
    """Twelve bytes of state a resident."""

    status: NDArray[np.uint8]
    home: NDArray[np.uint8]
    sex: NDArray[np.uint8]
    age: NDArray[np.uint8]
    rank: NDArray[np.float32]
    wealth: NDArray[np.float32]


class Law(NamedTuple):
    """Made-up numbers: history's share of people considers leaving."""

    k0_log: float = -11.2
    k_hardship: float = 6.0
    k_women: float = 0.3
    gain: float = -0.5
    a_fee: float = 0.3
    fee: float = 0.8
    a_risk: float = 4.0
    risk: float = 0.1
    arrest: float = 0.02
    onward: float = 0.01
    release: float = 0.2


@numba.njit(parallel=True, nogil=True, error_model="numpy", cache=True)
def live_a_month(people, law, shortage, age_effect):  # type: ignore[no-untyped-def]
    """One month of every agent: those who considered leaving, crossed, arrived."""
    status, home, sex, age, rank, wealth = people
    considered, crossed, arrived = 0, 0, 0
    for i in numba.prange(status.shape[0]):
        if status[i] == HOME:
            log_rate = law.k0_log + law.k_hardship * shortage[home[i]] * rank[i]
            log_rate += age_effect[age[i]]
            if sex[i] == 0:
                log_rate += law.k_women
            if np.random.random() < math.exp(log_rate):
                considered += 1
                value = law.gain - law.a_risk * law.risk
                if wealth[i] > law.fee:
                    value += law.a_fee * math.log(1.0 - law.fee / wealth[i])
                if np.random.random() < 1.0 / (1.0 + math.exp(-value)):
                    if np.random.random() < law.risk:
                        status[i] = CUSTODY
                    else:
                        status[i] = CHINA
                        crossed += 1
        elif status[i] == CHINA:
            u = np.random.random()
            if u < law.arrest:
                status[i] = CUSTODY
            elif u < law.arrest + law.onward:
                status[i] = ARRIVED
                arrived += 1
        elif status[i] == CUSTODY and np.random.random() < law.release:
            status[i] = HOME
    return considered, crossed, arrived


def new_people(residents: int) -> People:
    """Residents at home."""
    rng = np.random.default_rng(1)
    return People(
        status=np.zeros(residents, np.uint8),
        home=rng.integers(0, HOMES, residents, np.uint8),
        sex=rng.integers(0, 2, residents, np.uint8),
        age=rng.integers(0, len(AGE_EFFECT), residents, np.uint8),
        rank=rng.random(residents, np.float32),
        wealth=np.exp(rng.standard_normal(residents, np.float32)),
    )


def live(people: People, months: int) -> NDArray[Any]:
    """Live for some months; totals considered, crossed, arrived."""
    totals = np.zeros(3, np.int64)
    for month in range(months):
        shortage = np.linspace(0.2, 0.8, HOMES) * (1.0 + 0.2 * math.sin(month / 6.0))
        totals += live_a_month(people, Law(), shortage, AGE_EFFECT)
    return totals


def measure(residents: int = 24_052_231, months: int = 24, threads: int = 1) -> Findings:
    """Time the loop on ``threads`` threads; compiling it and making people are not counted."""
    numba.set_num_threads(threads)
    live(new_people(1000), 1)
    people = new_people(residents)
    totals, time_taken = timed(lambda: live(people, months))
    return {
        **time_taken,
        "agents": residents,
        "steps": months,
        "threads": threads,
        "considerers": int(totals[0]),
        "crossings": int(totals[1]),
    }


if __name__ == "__main__":
    answer(measure)
