"""Draw the page of a scenario's run, as committed beside this file.

``python docs/figures/draw.py`` simulates history 1:1 unless ``results/`` holds the run,
and writes ``historical.png``. Other scenarios, several seeds, other formats::

    python docs/figures/draw.py scenarios/closure-2020.yaml --replicates 8 --scale 0.1 --to pdf
"""

from __future__ import annotations

import argparse
from pathlib import Path

import bordersim as bs
from bordersim.plot import run_page, save_page
from bordersim.study import Study

FIGURES = Path(__file__).resolve().parent
ROOT = FIGURES.parents[1]


def main() -> None:
    """Run what is not stored, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", nargs="?", default=str(ROOT / "scenarios/historical.yaml"))
    parser.add_argument("--replicates", type=int, default=1)
    parser.add_argument("--scale", type=float)
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    parser.add_argument("--folder", type=Path, default=FIGURES)
    parser.add_argument("--to", choices=("png", "svg", "pdf"), default="png")
    asked = parser.parse_args()
    found = bs.run(
        asked.scenario, replicates=asked.replicates, scale=asked.scale, out=asked.results
    )
    runs = list(found) if isinstance(found, Study) else [found]
    page = run_page(runs, scenario=asked.scenario)
    print(save_page(page, asked.folder / f"{runs[0].scenario_name}.{asked.to}"))


if __name__ == "__main__":
    main()
