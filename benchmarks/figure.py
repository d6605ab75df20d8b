"""The figure: seconds against population and against events."""

from __future__ import annotations

from pathlib import Path

from benchmarks.numbers import Found, line_through, runs_of
from benchmarks.tables import EVENT_CASES, POPULATION_CASES

BLUE, GREY = "#0072B2", "#666666"


def draw(found: Found, path: Path) -> bool:
    """Draw the two sweeps; False, and no file, when one of them was not measured."""
    sweeps = {
        "residents": [run for name in POPULATION_CASES for run in runs_of(found, name)],
        "considerers": [run for name in EVENT_CASES for run in runs_of(found, name)],
    }
    if not all(sweeps.values()):
        return False
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(7.4, 3.0), layout="constrained")
    titles = ("Same events, more residents", "Same residents, more events")
    for ax, (key, runs), title in zip(axes, sweeps.items(), titles, strict=True):
        x = [run[key] / 1e6 for run in runs]
        ax.plot(x, [run["seconds"] for run in runs], "o", ms=4.5, mfc="none", color=BLUE)
        ax.set_xlim(0, max(x) * 1.08)
        ax.set_ylim(0, max(run["seconds"] for run in runs) * 1.15)
        ax.set_title(title, fontsize=10, loc="left")
        ax.set_xlabel(f"{key}, million", fontsize=9)
        ax.tick_params(labelsize=8)
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("seconds a run", fontsize=9)
    fit = line_through(found, EVENT_CASES, "considerers")
    if fit is not None:
        end = axes[1].get_xlim()[1]
        axes[1].plot(
            [0, end], [fit.fixed, fit.fixed + fit.slope * end * 1e6], "-", lw=1, color=GREY
        )
        axes[1].annotate(
            f"{fit.fixed:.2f} s + {fit.slope * 1e9:,.0f} ns a considerer",
            (0.04, 0.92), xycoords="axes fraction", fontsize=8, color=GREY,
        )  # fmt: skip
    fig.savefig(path, dpi=150)
    plt.close(fig)
    return True
