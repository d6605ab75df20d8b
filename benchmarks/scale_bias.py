"""How far results at a smaller scale lie from those of the whole nation.

Simulates the historical scenario at 1, 0.3 and 0.1 over several seeds and prints the
mean of each observable with its standard error, and the ratio to scale 1 with a
standard error of its own. A smaller nation needs more seeds for the same precision:
by default one seed at scale 1 is joined by three at 0.3 and ten at 0.1.

Usage: python -m benchmarks.scale_bias [--seeds 4] [--scenario scenarios/historical.yaml]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from bordersim.data_files import scenarios_folder
from bordersim.results import Run
from bordersim.scenario import Scenario, load
from bordersim.simulation import simulate

SCALES = (1.0, 0.3, 0.1)
TOTALS = (
    "considerers",
    "crossings",
    "crossings_paid",
    "interceptions",
    "repatriations",
    "deaths_custody",
    "arrivals",
    "arrivals_paid",
    "arrivals_direct",
    "remittances",
)
FEE_YEARS = (2010, 2015)


def measures(run: Run) -> dict[str, float]:
    """National totals, fees of two years, arrivals of the peak, mean stock in China."""
    found = {name: float(run.value(name).sum()) for name in TOTALS}
    for year in FEE_YEARS:
        found[f"mean fee {year}"] = float(
            run.annual("fee_sum")[year] / max(run.annual("deals")[year], 1.0)
        )
    found["arrivals 2007-11"] = float(run.annual("arrivals").loc[2007:2011].sum())
    found["mean stock in China"] = float(run.annual("stock_china").mean())
    found["sellers 2008-15"] = float(run.annual("traffickers").loc[2008:2015].mean())
    return found


def sample(scenario: Scenario, scale: float, seeds: range) -> dict[str, np.ndarray]:
    """Measures of several seeds at one scale."""
    runs = [measures(simulate(scenario.scaled(scale), seed)) for seed in seeds]
    return {name: np.array([found[name] for found in runs]) for name in runs[0]}


def standard_error(values: np.ndarray) -> float:
    """Standard error of a mean; NaN from a single run."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4, help="runs at scale 1 (default 4)")
    parser.add_argument(
        "--scenario", type=Path, default=scenarios_folder() / "historical.yaml", help="file"
    )
    arguments = parser.parse_args()
    scenario = load(arguments.scenario)
    numbers = {scale: max(2, round(arguments.seeds / scale)) for scale in SCALES}
    found = {scale: sample(scenario, scale, range(1, n + 1)) for scale, n in numbers.items()}
    print(f"{scenario.name}: mean and standard error; " + ", ".join(
        f"{n} runs at {scale:g}" for scale, n in numbers.items()
    ))  # fmt: skip
    heads = ["scale 1"] + [f"scale {scale:g} (ratio to 1)" for scale in SCALES[1:]]
    print(f"{'':22}" + "".join(f"{head:>38}" for head in heads))
    for name, whole in found[1.0].items():
        mean, error = whole.mean(), standard_error(whole)
        line = f"{name:22}" + f"{mean:22,.2f} ± {error:13,.2f}"
        for scale in SCALES[1:]:
            part = found[scale][name]
            ratio = part.mean() / mean
            relative = np.hypot(standard_error(part) / part.mean(), error / mean)
            line += f"{part.mean():15,.2f} ({ratio:6.3f} ± {ratio * relative:5.3f})".rjust(38)
        print(line)


if __name__ == "__main__":
    main()
