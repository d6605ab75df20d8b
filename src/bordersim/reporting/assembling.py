"""Sections of a page from what a folder holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bordersim.reporting.against import comparisons_of
from bordersim.reporting.attributed import answers_of, attribution_section
from bordersim.reporting.brief import brief_section
from bordersim.reporting.compared import scenarios_section
from bordersim.reporting.content import Section
from bordersim.reporting.finding import Found
from bordersim.reporting.fit import cards_of, fit_section
from bordersim.reporting.harmed import harms_section
from bordersim.reporting.limits import limits_section
from bordersim.reporting.questioned import is_prior, questions_of
from bordersim.reporting.ran import ran_section
from bordersim.reporting.rests_on import evidence_section
from bordersim.reporting.valued import facts_of, facts_part
from bordersim.wording import count


def sections_of(
    found: Found, files: Sequence[Path], fates: int, told: Callable[[str], None]
) -> tuple[list[Section], str]:
    """Tell everything.

    Parameters
    ----------
    found
        What the folder holds.
    files
        Of attributions.
    fates
        Pairs in which everybody is followed.
    told
        Hears what is being done.

    Returns
    -------
    sections, about
        And in a sentence what there is.
    """
    if found.attributions:
        told("working out attributions")
    answers = answers_of(found.attributions, files)
    told("looking up the evidence")
    asked = [one.found.question.scenario for one in answers if one.found is not None]
    evidence = evidence_section(found, asked)
    told("answering questions")
    answered = questions_of(found.studies, answers)
    told("judging the fit")
    cards, refused = cards_of(found, answered)
    fit = fit_section(found, cards, refused)
    told("valuing facts")
    facts = facts_of(found.studies)
    posterior = [
        one for one in found.studies if not is_prior(one, answered) and one.folder not in facts
    ]
    made = comparisons_of(posterior, told, answered)
    scenarios = scenarios_section(posterior, made, fates, told, list(answered.values()))
    told("adding up harm")
    harms = harms_section(posterior, cards)
    limits = limits_section(found, cards, answers, made)
    attribution = attribution_section(answers, [facts_part(one) for one in facts.values()])
    sections = [ran_section(found), evidence, fit, attribution, scenarios, harms, limits]
    brief = brief_section(found, cards, answers, made, list(answered.values()))
    return ([brief] if brief.blocks else []) + sections, about(found)


def about(found: Found) -> str:
    """What a folder holds, in a sentence."""
    counts = (
        (len(found.studies), "study"),
        (len(found.calibrations), "calibration"),
        (len(found.attributions), "attribution"),
        (len(found.scorecards), "scorecard"),
    )
    told = [count(many, noun) for many, noun in counts if many]
    n_runs = sum(len(one.study) for one in found.every_study())
    held = ", ".join(told) or "nothing that could be read"
    return f"{held}; {count(n_runs, 'finished run')}. Simulated, no forecast."
