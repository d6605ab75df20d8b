"""First fit of the calibrated parameters: a simple search, not an inference.

Minimises a distance between one run and the reported figures of ``calibration/evidence``
over the parameters marked ``calibrated`` (and a few assumptions) with CMA-ES
(``pip install cma``), starting from the values in ``scenarios/parameters.yaml``:

    python calibration/first_fit.py --scale 0.3 --evaluations 600 --out fit.json

It says nothing about uncertainty; the posterior is the business of ``bordersim calibrate``.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import bordersim as bs
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate

HERE = Path(__file__).parent
SCENARIO = HERE.parent / "scenarios" / "historical.yaml"

FREE = {
    # key: (lower, upper, logarithmic?)
    "residents.k_hardship": (4.0, 8.5, False),
    "residents.k_kin": (0.5, 3.0, False),
    "residents.sex_base": (-1.8, 0.2, False),
    "residents.sex_market": (1.5, 4.0, False),
    "residents.buffer": (0.4, 0.95, False),
    "residents.gain": (-3.0, 2.5, False),
    "residents.gain_food": (-4.0, 2.5, False),
    "residents.gain_south": (-1.0, 3.5, False),
    "residents.gain_hire": (-1.5, 2.5, False),
    "residents.a_fee": (0.2, 3.0, True),
    "residents.a_risk": (1.0, 9.0, True),
    "population.wealth_market_slope": (0.5, 3.0, False),
    "traffickers.chinese_loss": (20.0, 390.0, True),
    "traffickers.operating_cost": (0.02, 0.6, True),
    "traffickers.penalty": (1.0, 30.0, True),
    "traffickers.outside_income": (0.1, 1.2, True),
    "guards.detection_per_bribe": (0.03, 0.5, True),
    "river.detection": (0.02, 0.4, True),
    "river.inspection_effect": (1.0, 30.0, True),
    "river.paid_share": (0.03, 0.4, True),
    "china.encounter_rate": (0.15, 0.8, True),
    "china.return_rate": (0.002, 0.03, True),
    "china.trip_stay": (0.05, 0.4, True),
    "china.onward_early": (0.00003, 0.0008, True),
    "china.onward_late": (0.006, 0.06, True),
    "china.onward_middle": (98.0, 155.0, False),
    "china.onward_width": (8.0, 30.0, False),
    "china.settle_half_life": (24.0, 300.0, True),
    "china.package_share": (0.1, 1.0, False),
    "informants.report_base": (-5.0, -1.0, False),
    "history.patrol_start": (0.003, 0.045, True),
    "history.tolerance_start": (0.95, 1.0, False),
    "history.inspection_2008": (1.5, 39.0, True),
    "history.inspection_2009": (1.2, 15.0, True),
    "history.inspection_2012": (0.6, 4.0, True),
    "history.patrol_2008": (1.0, 3.0, True),
    "history.patrol_2012": (0.6, 3.0, True),
    "history.tolerance_2008": (0.4, 0.97, False),
    "history.tolerance_2010": (0.1, 0.9, False),
    "history.tolerance_2012": (0.02, 0.7, False),
    "history.closure_2011": (0.0, 0.6, False),
    "history.onward_2011": (0.2, 1.0, False),
}


def read(name: str) -> list[dict[str, str]]:
    """Rows of an evidence file."""
    with (HERE / "evidence" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def months(run: Run, name: str, first: str, last: str) -> np.ndarray:
    """Values of an observable from month ``first`` to ``last``, one row a month."""
    from bordersim.dates import parse_month

    a, b = parse_month(first) - run.start_month, parse_month(last) - run.start_month + 1
    return run.value(name)[a:b]


def outside(value: float, low: float, high: float, spread: float) -> float:
    """Squared log distance of a value from an interval, in units of ``spread``."""
    value = max(value, 1e-6)
    gap = max(math.log(low / value), math.log(value / high), 0.0)
    return (gap / spread) ** 2


def fee(run: Run, first: str, last: str, sectors: slice | None = None, kind: str = "") -> float:
    """Mean fee of the deals of a span, KRW million of 2015."""
    paid = months(run, f"fee_sum{kind}", first, last)
    deals = months(run, f"deals{kind}", first, last)
    if sectors is not None:
        paid, deals = paid[:, sectors], deals[:, sectors]
    return float(paid.sum() / max(deals.sum(), 1e-9))


def distance(run: Run) -> tuple[float, dict[str, float]]:  # noqa: PLR0915 - a list of reports
    """Weighted squared distance of a run from the reports, and its parts."""
    parts: dict[str, float] = {}
    yearly = run.annual("arrivals")
    women = run.value("arrivals")[:, :, 0, :].sum(axis=(1, 2)).reshape(-1, 12).sum(axis=1)
    gaps, shares = [], []
    for row in read("arrivals.csv"):
        year = int(row["year"])
        if row["use"] != "calibrate" or year not in yearly.index:
            continue
        simulated = max(float(yearly[year]), 1.0)
        gaps.append(math.log(simulated / float(row["total"])))
        if row["female"]:
            share = women[year - 1995] / simulated
            shares.append((share - float(row["female"]) / float(row["total"])) / 0.05)
    parts["arrivals"] = sum(min(abs(g) / 0.12, 6.0) ** 1.5 for g in gaps)
    parts["women"] = 0.4 * sum(s**2 for s in shares)
    halves = {"2009-H1": 1437, "2010-H1": 1257, "2012-H1": 710, "2013-H1": 717, "2015-H1": 614}
    for key, reported in halves.items():
        year = key[:4]
        value = months(run, "arrivals", f"{year}-01", f"{year}-06").sum()
        parts[key] = 0.5 * outside(value, 0.93 * reported, 1.07 * reported, 0.12)
    cpi = {row["year"]: float(row["cpi_korea_2015"]) / 100 for row in money()}
    fees = [
        ("1996-01", "1996-12", 0.035, 0.065, 0.4), ("2006-01", "2006-12", 0.055, 0.075, 0.25),
        ("2008-07", "2008-09", 0.5, 0.8, 0.3), ("2008-12", "2009-02", 1.2, 1.8, 0.25),
        ("2009-10", "2009-12", 2.5, 3.5, 0.25), ("2010-01", "2010-12", 3.9, 4.7, 0.08),
        ("2011-04", "2011-08", 3.5, 5.0, 0.2), ("2012-06", "2013-06", 4.5, 7.0, 0.25),
        ("2015-01", "2015-12", 8.7, 10.2, 0.08),
    ]  # fmt: skip
    for first, last, low, high, spread in fees:
        parts[f"fee {first}"] = outside(fee(run, first, last) * cpi[first[:4]], low, high, spread)
    border = fee(run, "2014-01", "2014-12", kind="_border")
    parts["fee border 2014"] = outside(border * cpi["2014"], 7.5, 9.2, 0.15)
    interior = fee(run, "2014-01", "2014-12", kind="_interior")
    parts["interior"] = outside(interior / max(border, 1e-9), 1.6, 1.9, 0.1)
    dear = max(fee(run, "2015-01", "2015-12", slice(s, s + 1)) for s in (3, 4, 5))
    parts["dear"] = 2 * outside(dear, 13.0, 17.0, 0.08)
    stock = run.monthly("stock_china")
    for first, last, low, high in [
        ("1998-01", "1998-12", 56e3, 110e3), ("2000-01", "2000-12", 54e3, 110e3),
        ("2003-01", "2003-12", 34e3, 90e3), ("2006-01", "2007-12", 9e3, 40e3),
        ("2010-01", "2010-12", 9e3, 13.5e3), ("2012-01", "2012-12", 8e3, 13.5e3),
    ]:  # fmt: skip
        parts[f"stock {first[:4]}"] = 2 * outside(float(stock[first:last].mean()), low, high, 0.1)

    def ratio(top: str, bottom: str, first: str, last: str) -> float:
        below = months(run, bottom, first, last).sum()
        return float(months(run, top, first, last).sum() / max(below, 1e-9))

    parts["paid 2004"] = outside(
        ratio("arrivals_paid", "arrivals", "2004-01", "2004-12"), 0.78, 0.88, 0.1
    )
    parts["paid 2008"] = outside(
        ratio("arrivals_paid", "arrivals", "2008-01", "2015-12"), 0.6, 0.95, 0.1
    )
    parts["year 2002"] = outside(
        ratio("arrivals_under_year", "arrivals", "2002-01", "2002-12"), 0.16, 0.26, 0.2
    )
    parts["year 2003"] = outside(
        ratio("arrivals_under_year", "arrivals", "2003-01", "2003-12"), 0.09, 0.16, 0.2
    )
    parts["direct"] = outside(
        ratio("arrivals_direct", "arrivals", "2011-01", "2011-12"), 0.4, 0.7, 0.1
    )
    for year, low, high in [
        ("2002", 3.0, 3.4),
        ("2003", 3.6, 4.2),
        ("2005", 3.6, 4.4),
        ("2009", 1.2, 1.8),
    ]:
        mean = ratio("arrivals_delay", "arrivals", f"{year}-01", f"{year}-12") / 12
        parts[f"delay {year}"] = 0.6 * outside(mean, low, high, 0.15)
    back = run.annual("repatriations")
    parts["returned 2005"] = outside(float(back[[2005, 2006]].mean()), 3000, 7000, 0.2)
    parts["returned 2012"] = outside(float(back[2012]), 1500, 3000, 0.2)
    home = run.value("arrivals").sum(axis=(0, 2, 3))
    parts["homes"] = outside(float(home[:2].sum() / home.sum()), 0.72, 0.82, 0.05)
    for year in ("2010", "2015"):
        span = (f"{year}-01", f"{year}-12")
        total = (
            months(run, "fee_sum_border", *span).sum()
            + months(run, "fee_sum_interior", *span).sum()
        )
        parts[f"guards {year}"] = outside(
            months(run, "bribe_sum", *span).sum() / max(total, 1e-9), 0.27, 0.34, 0.15
        )
        parts[f"china {year}"] = outside(
            months(run, "chinese_cost_sum", *span).sum() / max(total, 1e-9), 0.26, 0.34, 0.15
        )
    # not a report: what people consider without leaving costs time and tells nothing
    considerers = run.annual("considerers").sum() / 1.1e6
    trips = run.annual("attempts_food").sum() / 0.3e6
    parts["time"] = 20 * (max(math.log(considerers), 0.0) ** 2 + max(math.log(trips), 0.0) ** 2)
    return sum(parts.values()), parts


def money() -> list[dict[str, str]]:
    """Rows of the price table."""
    path = HERE.parent / "scenarios" / "data" / "money.csv"
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def to_unit(values: dict[str, float]) -> np.ndarray:
    """Parameters on the unit interval."""
    out = []
    for key, (low, high, log) in FREE.items():
        v = min(max(values[key], low), high)
        out.append(math.log(v / low) / math.log(high / low) if log else (v - low) / (high - low))
    return np.array(out)


def from_unit(unit: np.ndarray) -> dict[str, float]:
    """Parameters from the unit interval, four significant digits."""
    out = {}
    for u, (key, (low, high, log)) in zip(unit, FREE.items(), strict=True):
        v = low * (high / low) ** u if log else low + (high - low) * u
        out[key] = float(f"{v:.4g}")
    return out


@lru_cache(maxsize=1)
def base() -> Scenario:
    """History as shipped, read once a process."""
    return bs.load(SCENARIO)


def evaluate(job: tuple[list[float], float, int]) -> float:
    """Distance of one design point."""
    unit, scale, seed = job
    try:
        scenario = base().with_parameters(from_unit(np.clip(unit, 0, 1))).scaled(scale)
        return distance(simulate(scenario, seed, until="2015-12"))[0]
    except bs.BordersimError:
        return 1e6


def main() -> None:
    """Search, writing the best point so far."""
    import cma

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.3)
    parser.add_argument("--evaluations", type=int, default=600)
    parser.add_argument("--sigma", type=float, default=0.12)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--out", type=Path, default=Path("fit.json"))
    options = parser.parse_args()
    start = {key: base().parameters.value(key) for key in FREE}
    if options.start:
        start |= json.loads(options.start.read_text())
    settings = {"bounds": [0, 1], "seed": 1, "popsize": 16, "verbose": -9}
    settings["maxfevals"] = options.evaluations
    search = cma.CMAEvolutionStrategy(to_unit(start), options.sigma, settings)
    best = math.inf
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        while not search.stop():
            points = search.ask()
            costs = list(pool.map(evaluate, [(list(p), options.scale, 1) for p in points]))
            search.tell(points, costs)
            if min(costs) < best:
                best = min(costs)
                found = from_unit(np.clip(points[int(np.argmin(costs))], 0, 1))
                options.out.write_text(json.dumps(found, indent=1))
            print(search.countevals, round(min(costs), 2), round(best, 2), flush=True)


if __name__ == "__main__":
    main()
