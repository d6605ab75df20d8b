"""The values at which fitted parameters ship: the judged draw that is nearest to the reports.

    python calibration/nearest_draw.py results/validation            # print them
    python calibration/nearest_draw.py results/validation --write    # into the parameters' file

One draw is run when a scenario is run without ``--draws``; medians of every parameter would be
no draw at all. Among the runs that show the most of the patterns P1 to P8, in fees, women, stocks
and delays, the nearest is that whose annual arrivals miss the fitted reports least.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import bordersim as bs
from bordersim.data_files import scenarios_folder
from bordersim.observing import targets
from bordersim.validating.asking import judge
from bordersim.validating.bars import read_bars
from bordersim.validating.judging import held_in
from bordersim.validating.reading import Readings
from bordersim.vocabulary import read_vocabulary

DIGITS = 4
"""Significant digits that ship: fewer than a posterior could tell apart."""


@dataclass(frozen=True)
class Nearest:
    """A draw of a validation.

    Attributes
    ----------
    draw
        Its row in the posterior.
    patterns
        How many its run shows.
    error
        Root mean square of log simulated over reported annual arrivals.
    values
        Of the fitted parameters.
    """

    draw: int
    patterns: int
    error: float
    values: dict[str, float]


def nearest(folder: Path) -> Nearest:
    """Look for the draw among the runs of a validation."""
    study, bars = bs.open(folder), read_bars()
    readings = judge(study, bars).readings
    held = (held_in(readings, pattern.conditions) for pattern in bars.patterns)
    shown = np.sum([values for values in held if values is not None], axis=0)
    errors = arrival_errors(readings)
    best = max(range(readings.n_runs), key=lambda at: (shown[at], -errors[at]))
    row = readings.cells.iloc[best]
    cell = study.cells.set_index("run_id").loc[row["run_id"]]
    fitted = [key for key in read_vocabulary().parameters if f"draw.{key}" in cell.index]
    return Nearest(
        draw=int(row["draw"]),
        patterns=int(shown[best]),
        error=float(errors[best]),
        values={key: float(f"{cell[f'draw.{key}']:.{DIGITS}g}") for key in fitted},
    )


def arrival_errors(readings: Readings) -> npt.NDArray[np.float64]:
    """Root mean square error of log annual arrivals that were fitted, shape (runs,)."""
    fitted = {one.id for one in targets() if one.group == "arrivals"}
    known = [at for at, one in enumerate(readings.targets) if one.id in fitted]
    reported = np.array([readings.targets[at].low for at in known])
    return np.asarray(np.sqrt((np.log(readings.figures[:, known] / reported) ** 2).mean(axis=1)))


def written(text: str, values: dict[str, float]) -> str:
    """The parameters' file with other values; everything else of it stays as it is."""
    section = ""
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        if named := re.match(r"  (\w+):\s*$", line):
            section = named[1]
        if entry := re.match(r"    (\w+): \{", line):
            value = values.get(f"{section}.{entry[1]}")
            if value is not None:
                lines[at] = re.sub(r"(, value: )[^,]+", rf"\g<1>{value!r}", line, count=1)
    return "".join(lines)


def main() -> int:
    """Print the nearest draw, or write it into the parameters' file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, help="folder of results of bordersim validate")
    parser.add_argument("--write", action="store_true", help="into scenarios/parameters.yaml")
    asked = parser.parse_args()
    found = nearest(asked.study)
    print(
        f"draw {found.draw}: {found.patterns} patterns, annual arrivals miss by {found.error:.1%}"
    )
    for key, value in found.values.items():
        print(f"{key:34} {value!r}")
    if asked.write:
        file = scenarios_folder() / "parameters.yaml"
        file.write_text(written(file.read_text("utf-8"), found.values), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
