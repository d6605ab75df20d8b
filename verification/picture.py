"""How the pictures look: colour-blind safe (Okabe & Ito), no ornaments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, "#E69F00", "#56B4E9", GREY)


@contextmanager
def panels(path: Path, count: int = 2, height: float = 3.0) -> Iterator[Any]:
    """Axes side by side; the picture is written to ``path`` at the end."""
    fig, axes = plt.subplots(1, count, figsize=(7.6, height), layout="constrained", squeeze=False)
    try:
        for ax in axes[0]:
            ax.tick_params(labelsize=8)
            ax.spines[["top", "right"]].set_visible(False)
        yield axes[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        fig.savefig(path, dpi=150)
    finally:
        plt.close(fig)


def key_below(axes: Any, ax: Any, title: str = "") -> None:
    """One legend for all panels, beneath them: the handles of ``ax``."""
    handles, names = ax.get_legend_handles_labels()
    axes[0].figure.legend(
        handles, names, title=title or None, title_fontsize=8, fontsize=8, frameon=False,
        loc="outside lower center", ncols=len(names), handletextpad=0.3, columnspacing=1.2,
    )  # fmt: skip


def label(ax: Any, title: str, x: str, y: str, legend: bool = True) -> None:
    """Title and axes with their units, and a legend without a frame."""
    ax.set_title(title, fontsize=9.5, loc="left")
    ax.set_xlabel(x, fontsize=8.5)
    ax.set_ylabel(y, fontsize=8.5)
    if legend:
        ax.legend(fontsize=7.5, frameon=False)
