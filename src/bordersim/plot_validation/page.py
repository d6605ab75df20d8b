"""The scorecard as a page: Markdown, its figures and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim._version import __version__
from bordersim.errors import BordersimError
from bordersim.plot.saving import save_page
from bordersim.validating.scorecard import LANES
from bordersim.validating.tables import (
    bars_rows,
    claims_rows,
    conditions_rows,
    harms_rows,
    report_rows,
)

if TYPE_CHECKING:
    from bordersim.validating import Validation

_FIGURES = {
    "arrivals": "Arrivals a year beside the reports, the error of the median, and harm a year.",
    "fees": "Every reported fee for the river crossing.",
    "shares": "Share of women, people in China, and years from leaving to arrival.",
    "scores": "Left: share of reports that central bands hold. Right: where reports lie among "
    "replicated ones; grey is the band.",
    "patterns": "Share of draws in which patterns and their conditions hold.",
}

_LANES = {
    "fit": "Reports fitted",
    "hold-out": "Reports held out",
    "closure": "Reports of the closure, held out",
    "context": "Context: never fitted, not judged",
}


def write_page(found: Validation, folder: Path) -> list[Path]:
    """Write ``scorecard.md``, five figures (PNG) and five tables (CSV).

    Parameters
    ----------
    found
        What was judged.
    folder
        Made when it is missing; files of the same names are replaced.

    Returns
    -------
    list of Path
        The page first.

    Raises
    ------
    BordersimError
        When the folder cannot be written.
    """
    page = folder / "scorecard.md"
    written = [page]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in found.tables().items():
            path = folder / f"{name}.csv"
            table.to_csv(path, index=False, float_format="%.6g")
            written.append(path)
        for name, figure in found.plot().items():
            written.append(save_page(figure, folder / f"{name}.png"))
        page.write_text(page_text(found), encoding="utf-8")
    except OSError as error:
        where = error.filename or folder
        raise BordersimError(f"{where}: cannot be written: {error.strerror or error}") from error
    return written


def page_text(found: Validation) -> str:
    """Text of the page, in Markdown."""
    band = f"{found.bars.band:.0%}".replace("%", " %")
    parts = [
        "# Scorecard of the calibrated model",
        f"Written by `bordersim validate -o`, bordersim {__version__}. Change the model or the "
        "evidence, not this page.",
        f"{found.basis} A band holds {band} of the draws; with report error it holds {band} of "
        "the reports that would have been made of them.",
        "## Bars",
        _verdict_words(found),
        _table(("bar", "judged", "asked", "found", ""), bars_rows(found)),
        _figure("arrivals"),
        "## Harm, people a year (median over draws, in brackets the band)",
        _table(("", *dict.fromkeys(found.harms()["years"])), harms_rows(found, brackets=True)),
        "Levels of death and custody rest on assumptions; no count exists to hold them against.",
    ]
    for lane in LANES:
        rows = report_rows(found, lane)
        if rows:
            parts += [f"## {_LANES[lane]}", _table(_HEADINGS, rows)]
        if lane == "fit":
            parts += [_figure("fees"), _figure("shares")]
    parts += [_figure("scores"), "## Patterns, each condition in every draw"]
    parts += [_table(_TESTED, conditions_rows(found)), _figure("patterns")]
    parts += ["## What the founding reports say", _table(_CLAIMS, claims_rows(found))]
    return "\n\n".join(part for part in parts if part) + "\n"


_HEADINGS = ("quantity", "period", "simulated", "with report error", "reported", "error", "band")
_TESTED = ("condition", "period", "limits", "reported", "median", "draws")
_CLAIMS = ("claim", "says", "tested as", "reported", "median", "draws")


def _verdict_words(found: Validation) -> str:
    failed = [verdict for verdict in found.verdicts if not verdict.holds]
    n_bars = len(found.verdicts)
    if not failed:
        return f"All {n_bars} bars hold."
    return f"{n_bars - len(failed)} of {n_bars} bars hold; those that do not are marked."


def _figure(name: str) -> str:
    return f"![{_FIGURES[name]}]({name}.png)\n\n{_FIGURES[name]}"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
