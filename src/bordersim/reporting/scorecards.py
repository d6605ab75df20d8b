"""Scorecards: of a study of posterior draws, or as a folder keeps one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.data_files import calibration_folder, shipped_posterior
from bordersim.errors import BordersimError
from bordersim.reporting.finding import FoundStudy
from bordersim.study import Study
from bordersim.sweeping.draws import read_draws
from bordersim.sweeping.plan import stored_plan
from bordersim.validating.bars import Bars, read_bars
from bordersim.validating.judging import Verdict
from bordersim.vocabulary import read_vocabulary

if TYPE_CHECKING:
    import pandas as pd

_TABLES = ("bars", "scorecard", "patterns", "conditions", "harms")
_HELD = {"True": True, "False": False}


@dataclass(frozen=True)
class Saved:
    """A scorecard that ``bordersim validate -o`` wrote, as far as tables need it.

    Attributes
    ----------
    scorecard, patterns, conditions
        Its tables.
    verdicts
        Of each bar.
    bars
        That ship: titles of what was judged.
    basis
        What was simulated.
    """

    scorecard: pd.DataFrame
    patterns: pd.DataFrame
    conditions: pd.DataFrame
    told_harms: pd.DataFrame
    verdicts: tuple[Verdict, ...]
    bars: Bars
    basis: str

    def harms(self) -> pd.DataFrame:
        """Arrivals and harm, people a year; see ``Validation.harms``."""
        return self.told_harms

    @classmethod
    def read(cls, folder: Path) -> Saved:
        """Read a folder.

        Raises
        ------
        BordersimError
            When a table is missing or is none.
        """
        import pandas as pd

        texts = {"period": str, "limits": str, "reported": str, "said": str, "holds": str}
        found: dict[str, pd.DataFrame] = {}
        for name in _TABLES:
            path = folder / f"{name}.csv"
            try:
                table = pd.read_csv(path, dtype=texts)
            except (OSError, ValueError) as error:
                raise BordersimError(f"{path.name}: cannot be read: {error}") from error
            words = [key for key in table.columns if not pd.api.types.is_numeric_dtype(table[key])]
            found[name] = table.fillna(dict.fromkeys(words, ""))
        try:
            return cls(
                scorecard=found["scorecard"],
                patterns=found["patterns"],
                conditions=found["conditions"],
                told_harms=found["harms"],
                verdicts=tuple(_verdict(row) for row in found["bars"].to_dict("records")),
                bars=read_bars(),
                basis=_basis(folder / "scorecard.md"),
            )
        except KeyError as error:
            raise BordersimError(f"bars.csv: no column {error}") from error


def _verdict(row: dict[Any, Any]) -> Verdict:
    return Verdict(
        bar=str(row["bar"]),
        what=str(row["what"]),
        asked=str(row["asked"]),
        got=str(row["got"]),
        holds=_HELD.get(str(row["holds"])),
    )


def _basis(page: Path) -> str:
    """The paragraph of the page that says what was simulated."""
    try:
        paragraphs = page.read_text("utf-8").split("\n\n")
    except (OSError, ValueError):
        return "What was simulated is not said: scorecard.md is missing."
    return paragraphs[2].strip() if len(paragraphs) > 2 else ""


@dataclass(frozen=True)
class Card:
    """A scorecard and where it is from.

    Attributes
    ----------
    name
        Of its folder or study.
    found
        A ``Validation``, or what was saved of one.
    folder
        Where its pictures are; None where they are to be drawn.
    """

    name: str
    found: Any
    folder: Path | None


def shipped_card(studies: Iterable[FoundStudy]) -> list[Card]:
    """The scorecard that ships, if any study draws from the posterior that it judges."""
    folder = calibration_folder() / "scorecard"
    drawn = [one for one in studies if one.drawn]
    if not drawn or not folder.is_dir():
        return []
    draws, _ = read_draws(shipped_posterior(), 1, read_vocabulary().parameters, pinned=False)
    told = (stored_plan(one.folder) or {} for one in drawn)
    used = {(plan.get("draws") or {}).get("posterior") for plan in told}
    if draws is None or draws.digest not in used:
        return []
    try:
        return [Card("the posterior that ships", Saved.read(folder), folder)]
    except BordersimError:
        return []


def judged_study(study: Study) -> Any:
    """Judge a study of posterior draws.

    Raises
    ------
    BordersimError
        When it cannot be judged.
    """
    from bordersim.validating.asking import judge

    return judge(study, read_bars())
