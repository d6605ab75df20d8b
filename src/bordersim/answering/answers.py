"""Answers: effects with what the data say of them, claims judged, fates counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.answering.measuring import Readings, Told, read_study
from bordersim.answering.spec import Asked, Claim, Contrast, Question
from bordersim.answering.verdicts import CONTRADICTS, claim_verdict, identification
from bordersim.comparing.comparison import Comparison
from bordersim.comparing.ledger import Ledger
from bordersim.comparing.quantities import Cut, quantity_of
from bordersim.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bordersim.attributing.answers import Attribution

Row = dict[str, Any]

Heard = Callable[[Contrast, int, int], None]
"""Hears which ledger is being made, runs done and runs in all."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What the runs say of every question.

    Attributes
    ----------
    asked
        The questions.
    posterior, prior
        Runs of the draws; no prior where there is none.
    ledgers
        What became of each person, by comparison; empty if none was asked for.
    attributions
        Shares of a change, by the id of the question that they answer; without those that
        are not carried out.
    """

    asked: Asked
    posterior: Readings
    prior: Readings | None = None
    ledgers: Mapping[Contrast, Ledger] = field(default_factory=dict)
    attributions: Mapping[str, Attribution] = field(default_factory=dict)

    @cached_property
    def comparisons(self) -> dict[Contrast, tuple[Comparison, Comparison | None]]:
        """Every comparison under posterior and prior draws."""
        jobs = [(quantity_of(name), Cut()) for name in self.asked.observables]
        return {
            one: (
                self.posterior.comparison(one, jobs),
                None if self.prior is None else self.prior.comparison(one, jobs),
            )
            for one in self.asked.contrasts
        }

    def rows(self, question: Question, contrast: Contrast) -> list[Row]:
        """Effect on every observable, and what the data say of it.

        Parameters
        ----------
        question, contrast
            The question, and one of its comparisons.

        Returns
        -------
        list of dict
            Rows of ``Comparison.rows`` with question, scenario, baseline, window, sd,
            prior_sd, sd_ratio, verdict, sign besides.
        """
        posterior, prior = self.comparisons[contrast]
        below, assumed = self.asked.identified_below, bool(question.assumed)
        return [
            {
                "question": question.id,
                "scenario": contrast.scenario,
                "baseline": contrast.baseline,
                "window": contrast.span(),
                **{k: v for k, v in row.items() if k not in ("point", "design", "at")},
                **identification(posterior, prior, row["observable"], below, assumed=assumed),
            }
            for row in posterior.rows()
        ]

    def claims(self, question: Question) -> list[Row]:
        """Each claim of the reports, the effect it is about, and whether it holds."""
        assumed = bool(question.assumed)
        return [self._judged(claim) | {"assumed": assumed} for claim in question.claims]

    def _judged(self, claim: Claim) -> Row:
        comparison = self.posterior.comparison(claim.contrast, [claim.job])
        row = comparison.rows()[0]
        return {
            "says": claim.says,
            "evidence": list(claim.evidence),
            "scenario": claim.contrast.scenario,
            "window": claim.contrast.span(),
            "expects": claim.expects,
            **{k: v for k, v in row.items() if k not in ("point", "design", "at")},
            "verdict": claim_verdict(claim, comparison.estimate(claim.observable)),
        }

    def contradicted(self) -> list[Row]:
        """Claims that the model contradicts."""
        found = [row for question in self.asked.questions for row in self.claims(question)]
        return [row for row in found if row["verdict"] == CONTRADICTS]

    def made_from(self) -> Row:
        """What the answers were made from, without a word of this machine."""
        study, prior = self.asked.study, self.asked.prior
        draws = study.draws
        return {
            "study": study.name,
            "posterior": None if draws is None else draws.path.name,
            "posterior_digest": None if draws is None else draws.digest,
            "ships": self.asked.shipped,
            "draws": study.n_draws,
            "prior_draws": 0 if prior is None else prior.n_draws,
            "seeds": study.n_seeds,
            "first_seed": study.first_seed,
            "scale": self.posterior.scale,
            "version": self.posterior.version,
            "engine": self.posterior.engine,
            "runs": sum(len(runs) for runs in self.posterior.of.values()),
            "runs_planned": self.posterior.n_cells,
            "ledger_pairs": self.asked.ledger_pairs,
        }

    def trial(self) -> str:
        """Why the numbers are no answer; empty if nothing speaks against them."""
        made = self.made_from()
        reasons = []
        if made["posterior"] is None:
            reasons.append("parameters as they stand, no posterior draws")
        elif not made["ships"]:
            reasons.append(f"draws of {made['posterior']}, which are not those that ship")
        if made["scale"] < 1.0:
            reasons.append(f"{made['scale']:.3g} of the population")
        if made["runs"] < made["runs_planned"]:
            reasons.append(f"{made['runs']:,} of {made['runs_planned']:,} planned runs")
        return "; ".join(reasons)

    def document(self) -> Row:
        """Give everything as plain data, ready for JSON."""
        return {
            "title": self.asked.title,
            "trial": self.trial(),
            "made_from": self.made_from(),
            "questions": [self._question(question) for question in self.asked.questions],
        }

    def _question(self, question: Question) -> Row:
        return {
            "id": question.id,
            "asks": question.asks,
            "evidence": list(question.evidence),
            "assumed": question.assumed,
            "reading": question.reading,
            "elsewhere": question.elsewhere,
            "attribution": (
                self.attributions[question.id].document()
                if question.id in self.attributions
                else None
            ),
            "effects": [row for one in question.contrasts for row in self.rows(question, one)],
            "claims": self.claims(question),
            "ledgers": [
                {"scenario": one.scenario, "baseline": one.baseline} | self.ledgers[one].document()
                for one in question.contrasts
                if one in self.ledgers
            ],
        }

    def page(self, picture: str | None = None) -> str:
        """The page of results in Markdown; ``picture`` is the address of the figure."""
        from bordersim.answering.page import page_text

        return page_text(self, picture)

    def plot(self) -> Figure:
        """Effects of every comparison with their intervals."""
        from bordersim.plot_answers import answers_figure

        return answers_figure(self)


def answers_of(
    asked: Asked,
    folders: Sequence[str | Path],
    told: Told | None = None,
    heard: Heard | None = None,
    attributions: Mapping[str, Attribution] | None = None,
) -> Answers:
    """Work out every answer from what is stored.

    Parameters
    ----------
    asked
        The questions.
    folders
        Of the study and, if there is one, of its prior.
    told, heard
        Hear how many runs have been read, and how far ledgers are.
    attributions
        See ``Answers``.

    Raises
    ------
    BordersimError
        When a comparison has no pair, or a ledger's runs cannot be made again.
    """
    names = {name for one in asked.contrasts for name in (one.scenario, one.baseline)}
    readings = [read_study(Study.open(folder), names, asked.jobs, told) for folder in folders]
    found = Answers(asked, readings[0], readings[1] if asked.prior is not None else None)
    ledgers = {
        one: _ledger(asked, posterior, one, heard)
        for one, (posterior, _) in found.comparisons.items()
        if asked.ledger_pairs
    }
    return replace(found, ledgers=ledgers, attributions=attributions or {})


def _ledger(asked: Asked, whole: Comparison, one: Contrast, heard: Heard | None) -> Ledger:
    """Fates in the first seed of the first draws."""
    first = min(pair.seed for pair in whole.pairs)
    pairs = [pair for pair in whole.pairs if pair.seed == first][: asked.ledger_pairs]

    def progress(done: int, todo: int) -> None:
        if heard is not None:
            heard(one, done, todo)

    sides = [s for s in asked.study.scenarios if s.name in (one.scenario, one.baseline)]
    return replace(whole, pairs=tuple(pairs)).ledger(sides, progress=progress)
