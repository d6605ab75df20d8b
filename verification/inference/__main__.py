"""``python -m verification.inference``: the table of methods, its page and its picture."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bordersim.inference.scores import BINS, Coverage
from verification.inference.keeping import Keeper
from verification.inference.methods import FULL, QUICK, Scored, coverages, methods, score, trials

HERE = Path(__file__).parent

KEPT = Path("build/inference/kept")
"""Of methods judged already; delete it to judge them again."""

HISTORICAL = Path("calibration/historical.yaml")

BEFOREHAND = {
    "emulator + emcee, two further waves": "0.78 (4,500)",
    "regression ABC": "0.87 (10,000)",
    "regression ABC, larger table": "0.83 (30,000)",
    "rejection ABC": "0.95 (30,000)",
    "sbi NPE with summaries": "0.75 (4,500), 0.73 (30,000)",
}
"""C2ST in the trial that chose the methods, on another stand-in of the same size."""


def main() -> int:
    """Judge the methods; print the table, write page, figures and picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small tables, few truths")
    parser.add_argument("--no-coverage", action="store_true", help="C2ST only")
    parser.add_argument("--out", type=Path, default=None, help="folder to write to")
    parser.add_argument("--calibration", type=Path, default=None, help="folder of a calibration")
    parser.add_argument("--file", type=Path, default=HISTORICAL, help="its file")
    parser.add_argument("--truths", type=int, default=40, help="known truths of the calibration")
    asked = parser.parse_args()
    if asked.calibration is not None:
        return of_calibration(asked.file, asked.calibration, asked.truths)
    size = QUICK if asked.quick else FULL
    out = asked.out or (Path("build/inference") if asked.quick else HERE)
    out.mkdir(parents=True, exist_ok=True)
    told, worst = trials(size)
    print(f"exact posteriors: worst R-hat {max(worst):.3f}", file=sys.stderr, flush=True)
    keeper, scored, covered = Keeper(KEPT, size), {}, {}
    for name, method in methods(size, find_spec("sbi") is not None).items():
        scored[name] = keeper.scored(name, partial(score, method, told))
        print(f"{np.mean(scored[name].c2st):.2f}  {name}", file=sys.stderr, flush=True)
    for name, count in {} if asked.no_coverage else coverages(size).items():
        covered[name] = keeper.covered(name, count)
        print(f"{covered[name].overall:.1%}  {name}", file=sys.stderr, flush=True)
    page = written(scored, covered, max(worst))
    (out / "README.md").write_text(page, "utf-8")
    (out / "results.json").write_text(json.dumps(kept(scored, covered, worst), indent=1) + "\n")
    if covered:
        picture(covered, out / "ranks.png")
    print(page)
    return 0


def of_calibration(file: Path, folder: Path, truths: int) -> int:
    """Judge emulator and emcee by runs of a calibration that play the truth; print a table."""
    from bordersim.calibrating.api import read
    from bordersim.calibrating.checking import coverage_rows
    from bordersim.calibrating.driver import Driver, How
    from verification.inference.known_truths import KnownTruths

    driver = Driver(read(file), How(folder, 1, keep=True))
    with driver.folder.mine():
        found = KnownTruths(driver, truths).coverage(
            lambda said: print(said, file=sys.stderr, flush=True)
        )
        rows = coverage_rows(found)
        text = json.dumps({"overall": found.overall, "error": found.spread, "rows": rows}, indent=1)
        driver.folder.write("known-truths/coverage.json", text.encode())
    print(f"90 % intervals hold {found.overall:.1%} (+- {found.spread:.1%}) of {truths} truths\n")
    print("| parameter | inside 90 % | chance of ranks so uneven |\n|---|--:|--:|")
    for row in rows:
        print(f"| {row['parameter']} | {row['inside_90']:.0%} | {row['uniform']:.2f} |")
    return 0


def kept(
    scored: dict[str, Scored], covered: dict[str, Coverage], worst: list[float]
) -> dict[str, object]:
    """What was measured, as plain data."""
    return {
        "exact": {"worst_r_hat": max(worst)},
        "methods": {
            name: {"runs": one.runs, "c2st": one.c2st, "seconds": round(one.seconds, 1)}
            for name, one in scored.items()
        },
        "coverage": {
            name: {
                "truths": one.truths,
                "overall": one.overall,
                "standard_error": one.spread,
                "parameters": dict(zip(one.names, one.shares.tolist(), strict=True)),
                "uniform": dict(zip(one.names, one.uniform().tolist(), strict=True)),
            }
            for name, one in covered.items()
        },
    }


def written(scored: dict[str, Scored], covered: dict[str, Coverage], worst: float) -> str:
    """The page."""
    trials_of = len(next(iter(scored.values())).c2st)
    lines = [
        "# Methods of inference on a stand-in with a known posterior",
        "",
        "Made by `python -m verification.inference`. Eight parameters, eighteen negative binomial",
        "counts, seven fees reported as ranges (`bordersim.inference.standin`). The exact",
        f"posterior is a long chain on the exact likelihood (worst R-hat {worst:.3f}). C2ST: 0.5",
        f"is exact, 1 is disjoint; mean over {trials_of} reports, the range in brackets.",
        "Coverage: share of known truths inside 90 % intervals, with its standard error.",
        "The last column was measured on another stand-in of the same size, so only the order",
        "of methods can be compared with it.",
        "",
        "| method | runs | C2ST | coverage of 90 % | processor s | C2ST beforehand (runs) |",
        "|---|--:|---|---|--:|---|",
    ]
    for name, one in scored.items():
        range_of = f" ({min(one.c2st):.2f}-{max(one.c2st):.2f})" if trials_of > 1 else ""
        cover = covered.get(name)
        said = f"{cover.overall:.3f} ± {cover.spread:.3f} ({cover.truths} truths)" if cover else "-"
        lines.append(
            f"| {name} | {one.runs:,} | {np.mean(one.c2st):.2f}{range_of} | {said} "
            f"| {one.seconds:.1f} | {BEFOREHAND.get(name, '-')} |"
        )
    if "sbi NPE with summaries" not in scored:
        lines += ["", "NPE was not measured here: `sbi` is not installed."]
    if covered:
        lines += ["", "![Ranks of known truths](ranks.png)"]
    return "\n".join(lines) + "\n"


def picture(covered: dict[str, Coverage], file: Path) -> None:
    """Histograms of ranks; the band holds 99 % of bins of an exact method."""
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from scipy.stats import binom

    first = next(iter(covered.values()))
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        page = Figure((12, 2.6 * len(covered)), layout="constrained")
        axes = np.atleast_2d(page.subplots(len(covered), len(first.names), sharex=True))
        for row, (name, one) in zip(axes, covered.items(), strict=True):
            low, high = binom.ppf([0.005, 0.995], one.truths, 1 / BINS)
            chances = one.uniform()
            for k, cell in enumerate(row):
                cell.axhspan(low, high, color="0.88")
                cell.bar(np.arange(BINS), one.histogram()[:, k], width=0.9, color="#3b6ea5")
                cell.set_title(f"{one.names[k]}, p = {chances[k]:.2g}", fontsize=8)
                cell.set_xticks([0, BINS - 1], ["low", "high"])
            row[0].set_ylabel(f"{name}\n{one.truths} truths")
        page.supxlabel("rank of the truth among draws; grey: 99 % of bins of an exact method")
        page.savefig(file, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    sys.exit(main())
