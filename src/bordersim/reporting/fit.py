"""How the model agrees with what was reported: scorecards, calibrations, single runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.errors import BordersimError
from bordersim.reporting.content import Absent, Block, Fold, Part, Prose, Section, Table
from bordersim.reporting.finding import HISTORIES, Found, FoundStudy
from bordersim.reporting.fitted import calibration_part
from bordersim.reporting.pictures import drawn, saved_picture
from bordersim.reporting.plain import plain_part
from bordersim.reporting.questioned import is_prior
from bordersim.reporting.scorecards import Card, Saved, judged_study, shipped_card
from bordersim.validating.scorecard import LANES
from bordersim.validating.tables import (
    bars_rows,
    claims_rows,
    conditions_rows,
    report_rows,
)

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers

_LANES = {
    "fit": "Reports fitted",
    "hold-out": "Reports held out",
    "closure": "Reports of the closure, held out",
    "context": "Context: never fitted, not judged",
}
_REPORTS = ("quantity", "period", "simulated", "with report error", "reported", "error", "band")
_TESTED = ("condition", "period", "limits", "reported", "median", "draws")
_CLAIMS = ("claim", "says", "tested as", "reported", "median", "draws")


def cards_of(
    found: Found, answered: Mapping[Path, Answers] | None = None
) -> tuple[list[Card], list[str]]:
    """Read or make every scorecard of a folder.

    Parameters
    ----------
    found
        What is reported.
    answered
        By folder, studies of questions, which keep too little to be judged.

    Returns
    -------
    cards, refused
        Those that were written; else those of studies of posterior draws; else the one that
        ships, where draws are of the posterior that ships. And why studies of draws could
        not be judged.
    """
    saved = []
    refused = []
    for one in found.scorecards:
        try:
            saved.append(Card(one.name, Saved.read(one.folder), one.folder))
        except BordersimError as error:
            refused.append(f"{one.name}: {error}")
    if saved:
        return saved, refused
    cards = []
    known = answered or {}
    apart = [s for s in found.studies if s.folder not in known and not is_prior(s, known)]
    for study in _judgeable(apart):
        try:
            cards.append(Card(study.name, judged_study(study.study), None))
        except BordersimError as error:
            refused.append(f"{study.name} is not judged: {error}")
    return cards or shipped_card(found.every_study()), refused


def _judgeable(studies: Sequence[FoundStudy]) -> Iterator[FoundStudy]:
    for one in studies:
        ends = max((str(row["end"]) for row in one.rows), default="")
        if one.drawn and one.n_points == 1 and one.baseline in HISTORIES and ends >= "2015-12":
            yield one


def fit_section(found: Found, cards: Sequence[Card], refused: Sequence[str]) -> Section:
    """Tell how the model agrees with reports.

    Parameters
    ----------
    found
        What is reported.
    cards
        Scorecards.
    refused
        Why studies have none, in words.
    """
    blocks: list[Block] = [card_part(card) for card in cards]
    blocks += [Part("Not judged", [Absent(f"{text}.")]) for text in refused]
    for folder in found.calibrations:
        blocks.append(calibration_part(folder))
    taken = {card.name for card in cards}
    blocks += [plain_part(one) for one in _plain(found.studies) if one.name not in taken]
    if not cards:
        said = (
            "No scorecard is here: the posterior is not judged. `bordersim validate -o` writes "
            "one, and a study of posterior draws that reaches the end of 2015 is judged here."
        )
        blocks.insert(0, Absent(said))
    return Section("fit", "Fit", blocks)


def _plain(studies: Sequence[FoundStudy]) -> list[FoundStudy]:
    """Studies of one set of inputs whose baseline is history; of none, the first."""
    single = [one for one in studies if not one.drawn and one.n_points == 1 and one.scenarios]
    history = [one for one in single if one.baseline in HISTORIES]
    return history or single[:1]


def card_part(card: Card) -> Part:
    """Bars, reports lane by lane, patterns and claims of one scorecard."""
    found: Any = card.found
    verdicts = list(found.verdicts)
    n_held = sum(bool(one.holds) for one in verdicts)
    fails = [f"{one.what} ({one.got}, asked {one.asked})" for one in verdicts if not one.holds]
    said = f"{n_held} of {len(verdicts)} bars hold."
    if fails:
        said += f" Those that do not: {'; '.join(fails)}."
    blocks: list[Block] = [
        Prose(f"{found.basis}"),
        Prose(said),
        Table("Bars, set before the fit", ("bar", "judged", "asked", "found", "verdict"),
              bars_rows(found)),
    ]  # fmt: skip
    figures = _figures(card)
    for name in ("arrivals", "fees", "shares"):
        blocks += figures.get(name, [])
    for lane in LANES:
        rows = report_rows(found, lane)
        if rows:
            table = Table(_LANES[lane], _REPORTS, rows, note=_READING)
            blocks.append(Fold(f"{_LANES[lane]}: {len(rows)}", [table]))
    for name in ("scores", "patterns"):
        blocks += figures.get(name, [])
    patterns = Table("Patterns, each condition in every draw", _TESTED, conditions_rows(found))
    claims = claims_rows(found)
    blocks.append(Fold("Patterns and their conditions", [patterns]))
    if claims:
        table = Table("Claims of the founding reports", _CLAIMS, claims)
        blocks.append(Fold(f"What the founding reports say: {len(claims)} claims", [table]))
    return Part(f"Scorecard: {card.name}", blocks)


_READING = (
    "Simulated: median over draws and its band. With report error: where a report of it would "
    "lie. Error: how far the median lies from the report."
)


def _figures(card: Card) -> dict[str, list[Block]]:
    """Pictures of a scorecard, with what each shows."""
    alts = card_alts(card.found)
    captions = {
        "arrivals": "Arrivals a year beside the reports, the error of the median, harm a year.",
        "fees": "Every reported fee for the river crossing.",
        "shares": "Share of women, people in China, years from leaving to arrival.",
        "scores": "Left: share of reports that bands hold. Right: where reports lie among "
        "replicated ones.",
        "patterns": "Share of draws in which patterns and their conditions hold.",
    }
    if card.folder is not None:
        return {
            name: [saved_picture(card.folder / f"{name}.png", alts[name], captions[name])]
            for name in captions
            if (card.folder / f"{name}.png").is_file()
        }
    plots = card.found.plot()
    return {
        name: [drawn(lambda figure=figure: figure, alts[name], captions[name])]  # type: ignore[misc]
        for name, figure in plots.items()
        if name in captions
    }


def card_alts(found: Any) -> dict[str, str]:
    """What each picture of a scorecard shows, from its tables."""
    card, patterns = found.scorecard, found.patterns
    arrivals = card[(card["group"] == "arrivals") & (card["lane"] != "context")]
    worst = [
        f"{row['period']} ({row['error']:+.0%})"
        for row in arrivals.reindex(arrivals["error"].abs().sort_values().index[::-1])
        .head(3)
        .to_dict("records")
    ]
    error = float(arrivals["error"].abs().median()) if len(arrivals) else float("nan")
    return {
        "arrivals": f"Arrivals by year: {_inside(arrivals)}; median error of a report "
        f"{error:.0%}, largest in {', '.join(worst) or 'none'}.",
        "fees": f"Reported fees: {_inside(card[card['group'] == 'fees'])}.",
        "shares": "Shares, stock and delay: "
        f"{_inside(card[~card['group'].isin(['arrivals', 'fees'])])}.",
        "scores": f"Of all reports, {_inside(card)}.",
        "patterns": "Share of draws in which each pattern holds: "
        + ", ".join(
            f"{row['id']} {row['share']:.0%}" if row["share"] == row["share"] else row["id"]
            for row in patterns.to_dict("records")
        )
        + ".",
    }


def _inside(card: Any) -> str:
    counts = card["band"].value_counts()
    return (
        f"{int(counts.get('inside', 0))} of {len(card)} lie inside the band with report error, "
        f"{int(counts.get('partly', 0))} partly, {int(counts.get('outside', 0))} outside"
    )
