"""What the reports tell of parameters, as figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bordersim.plot.style import HAIR, INK, LOOKS, MEDIUM, MUTED, RC, SHADE, SMALL
from bordersim.plot_effects import EffectFigure
from bordersim.results import FloatArray
from bordersim.wording import number

if TYPE_CHECKING:
    from bordersim.calibrating.results import Calibration

_WIDTH = 6.3
"""Inches; a column of text."""

_ROW = 0.27
"""Inches for each parameter."""

_TOLD, _UNTOLD, _ABC = LOOKS["blue"].color, LOOKS["amber"].color, LOOKS["wine"].color
_BOTH_WAYS = LinearSegmentedColormap.from_list(
    "both ways", [LOOKS["blue"].color, "#FFFFFF", LOOKS["orange"].color]
)
_ONE_WAY = LinearSegmentedColormap.from_list("one way", ["#FFFFFF", LOOKS["blue"].color])
_BINS = 40


@contextmanager
def _page(height: float) -> Iterator[Figure]:
    style: Any = ["default", dict(RC)]
    with matplotlib.style.context(style):
        yield EffectFigure(figsize=(_WIDTH, height), layout="constrained")


def posterior_figure(found: Calibration) -> Figure:
    """Posterior of each parameter on quantiles of its prior, where the prior is flat.

    Below each, the 90 % interval of the second method.
    """
    rows = found.table("identifiability").to_dict("records")
    shares = found.table("shares")
    other = {row["parameter"]: row for row in found.table_or_none("check")}
    priors = {prior["parameter"]: prior for prior in found.manifest["priors"]}
    with _page(0.9 + _ROW * 1.35 * len(rows)) as page:
        axes = page.subplots()
        for place, row in enumerate(rows):
            name = str(row["parameter"])
            _ridge(axes, len(rows) - 1 - place, shares[name].to_numpy(), row["verdict"])
            if name in other:
                ends = [_share(priors[name], other[name][end]) for end in ("abc_low", "abc_high")]
                height = len(rows) - 1 - place - 0.08
                axes.plot(ends, [height] * 2, color=_ABC, linewidth=1.4, linestyle=(0, (3, 0.8)))
        labels = [
            f"{row['parameter']}\n{number(row['median'])} ({number(row['low'])} to "
            f"{number(row['high'])})"
            for row in rows
        ]
        axes.set_yticks(np.arange(len(rows) - 1, -1, -1) + 0.35, labels)
        axes.tick_params(axis="y", length=0)
        axes.set(xlim=(0, 1), ylim=(-0.3, len(rows) - 0.05))
        axes.set_xlabel("quantile of the prior; grey: the prior")
        page.suptitle(_title(found), x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold")
        keys = [
            Patch(facecolor=_TOLD, label="identified, weakly or well"),
            Patch(facecolor=_UNTOLD, label="not identified"),
            Line2D([], [], color=_ABC, linestyle=(0, (3, 0.8)), label="regression ABC, 90 %"),
        ]
        page.legend(handles=keys, loc="outside lower left", ncols=3, frameon=False)
    return page


def correlation_figure(found: Calibration) -> Figure:
    """Correlation of every two parameters and nuisances in the posterior."""
    shares = found.table("shares")
    names = [name.removeprefix("nuisance.") for name in shares.columns]
    values = np.corrcoef(shares.to_numpy().T)
    np.fill_diagonal(values, np.nan)
    return _heat(found, names, names, values, (-1.0, 1.0), "correlation in the posterior")


def group_figure(found: Calibration) -> Figure:
    """How much less each parameter is narrowed without each group of reports."""
    table = found.table("groups").pivot(index="parameter", columns="group", values="lost")
    order = list(found.table("identifiability")["parameter"])
    groups = list(dict.fromkeys(found.table("groups")["group"]))
    values = table.loc[order, groups].to_numpy()
    return _heat(found, groups, order, values, (0.0, 1.0), "narrowing lost without these reports")


def ranks_figure(found: Calibration) -> Figure:
    """Ranks of known truths among draws: even where intervals are right."""
    rows = found.table("coverage").to_dict("records")
    columns = min(3, len(rows))
    lines = -(-len(rows) // columns)
    with _page(0.8 + 1.1 * lines) as page:
        grid = page.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
        for axes, row in zip(grid.flat, rows, strict=False):
            counts = np.asarray(row["ranks"], dtype=np.float64)
            axes.bar(np.arange(len(counts)) / len(counts), counts, 1 / len(counts), align="edge",
                     color=_TOLD)  # fmt: skip
            axes.axhline(row["truths"] / len(counts), color=INK, linewidth=0.7)
            axes.set_title(
                f"{row['parameter']}\n{row['inside_90']:.0%} inside",
                fontsize=SMALL, loc="left",
            )  # fmt: skip
        for axes in list(grid.flat)[len(rows) :]:
            axes.set_axis_off()
        title = f"{_title(found)}: ranks of {rows[0]['truths']} known truths"
        page.suptitle(title, x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold")
    return page


def _ridge(axes: Axes, height: int, shares: FloatArray, verdict: str) -> None:
    counts, edges = np.histogram(shares, bins=_BINS, range=(0.0, 1.0), density=True)
    kernel = np.array([1.0, 2.0, 1.0]) / 4
    smooth = np.convolve(np.pad(counts, 1, mode="edge"), kernel, mode="valid")
    middle = 0.5 * (edges[1:] + edges[:-1])
    top = max(float(smooth.max()), 2.0)
    color = _UNTOLD if verdict == "not identified" else _TOLD
    axes.fill_between([0, 1], height, height + 0.85 / top, color=SHADE, linewidth=0)
    axes.fill_between(middle, height, height + 0.85 * smooth / top, color=color, alpha=0.85,
                      linewidth=0)  # fmt: skip
    axes.plot([0, 1], [height, height], color=HAIR, linewidth=0.6)


def _share(prior: dict[str, Any], value: float) -> float:
    from bordersim.calibrating.priors import Prior

    known = Prior(
        parameter=prior["parameter"],
        distribution=prior["distribution"],
        low=prior["low"],
        high=prior["high"],
        mean=prior.get("mean", 0.0),
        sd=prior.get("sd", 1.0),
        reason="",
    )
    return float(known.shares(np.array([value]))[0])


def _heat(
    found: Calibration,
    columns: Sequence[str],
    rows: Sequence[str],
    values: FloatArray,
    ends: tuple[float, float],
    what: str,
) -> Figure:
    with _page(1.6 + 0.22 * len(rows)) as page:
        axes = page.subplots()
        both = ends[0] < 0
        picture = axes.pcolormesh(
            np.clip(values, *ends),
            cmap=_BOTH_WAYS if both else _ONE_WAY,
            norm=TwoSlopeNorm(0.0, *ends) if both else None,
            vmin=None if both else ends[0],
            vmax=None if both else ends[1],
            edgecolors="white",
            linewidth=0.5,
        )
        for down, line in enumerate(values):
            for across, value in enumerate(line):
                if np.isfinite(value) and abs(value) >= 0.1:
                    strong = abs(value) > 0.6
                    axes.text(
                        across + 0.5, down + 0.5, f"{value:.1f}".replace("0.", "."), ha="center",
                        va="center", fontsize=SMALL - 1, color="white" if strong else INK,
                    )  # fmt: skip
        axes.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=60, ha="right",
                        rotation_mode="anchor")  # fmt: skip
        axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
        axes.invert_yaxis()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        bar = page.colorbar(picture, ax=axes, shrink=0.6, aspect=30)
        bar.outline.set_visible(False)
        bar.set_label(what, color=MUTED)
        title = f"{_title(found)}: {what}"
        page.suptitle(title, x=0.01, ha="left", fontsize=MEDIUM, fontweight="bold")
    return page


def _title(found: Calibration) -> str:
    return str(found.manifest["title"])
