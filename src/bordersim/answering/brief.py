"""Answers for who reads no further: a line a question, contradictions and limits in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bordersim.answering.showing import expected, said_words, short_span
from bordersim.answering.spec import Contrast, Question
from bordersim.answering.verdicts import AGREES, ASSUMED, CONTRADICTS, OPEN
from bordersim.attributing.judging import IDENTIFIED, NOT_IDENTIFIED, SIGN_OPEN
from bordersim.attributing.showing import share_table
from bordersim.attributing.verdicts import SIZE_ONLY
from bordersim.comparing.cells import Table, effect_cell, relative_cell
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers, Row

MAIN = "arrivals"


def brief_table(found: Answers, *, sortable: bool = False) -> Table:
    """Every comparison in one row, and shares where a question asks for them.

    Rows name their question once, or each, where they may be ``sortable``.
    """
    headings = (
        "question", "answered by", "years", "effect on arrivals [90 %]", "of baseline [90 %]",
        "pairs", "what the data say", "claims of the reports",
    )  # fmt: skip
    rows: list[tuple[str, ...]] = []
    for question in found.asked.questions:
        lines = [_effect(found, question, one) for one in question.contrasts]
        if question.attribution is not None:
            lines.append(_shares(found, question))
        for at, line in enumerate(lines):
            rows.append((question.asks if sortable or at == 0 else "", *line))
    return headings, rows


def _effect(found: Answers, question: Question, contrast: Contrast) -> tuple[str, ...]:
    by_name = {row["observable"]: row for row in found.rows(question, contrast)}
    row = by_name.get(MAIN, next(iter(by_name.values())))
    return (
        contrast.scenario,
        short_span(contrast),
        effect_cell(row),
        relative_cell(row),
        f"{row['pairs']:,}",
        said_words(row),
        _claims(found, question, contrast),
    )


def _claims(found: Answers, question: Question, contrast: Contrast) -> str:
    """How many claims about a comparison hold."""
    verdicts = [
        row["verdict"]
        for claim, row in zip(question.claims, found.claims(question), strict=True)
        if claim.contrast == contrast
    ]
    words = ((AGREES, "agrees with"), (CONTRADICTS, "**contradicts**"), (OPEN, "does not say of"))
    told = [f"{text} {verdicts.count(name)}" for name, text in words if name in verdicts]
    assumed = ", by assumption" if question.assumed and told else ""
    return ", ".join(told) + assumed or "none made"


def _shares(found: Answers, question: Question) -> tuple[str, ...]:
    divided = found.attributions.get(question.id)
    if divided is None:
        return ("attribution", "-", "not stored here; see below", "-", "-", "-", "-")
    first = divided.observables[0]
    parts = share_table(divided, first)[1]
    verdicts = divided.verdicts(first)
    known = [str(row["part"]) for row in verdicts if row["verdict"] == IDENTIFIED]
    open_ = [str(row["part"]) for row in verdicts if row["verdict"] in (NOT_IDENTIFIED, SIZE_ONLY)]
    said = [f"narrowed: {', '.join(known)}"] if known else []
    said += [f"not identified: {', '.join(open_)}"] if open_ else []
    asked = divided.question
    return (
        "attribution",
        f"{asked.plain()['from']}, {asked.plain()['to']}",
        "\n".join(f"{row[0]} {row[1]}" for row in parts),
        "\n".join(f"{row[0]} {row[2]}" for row in parts[:-1]),
        f"{divided.game(first).draw.size:,}",
        "; ".join(said) or str(verdicts[0]["verdict"]),
        "none made",
    )


def claim_lines(found: Answers, verdict: str) -> list[str]:
    """Claims of which the model says one thing, in words."""
    rows = [row for question in found.asked.questions for row in found.claims(question)]
    return [_claim(row) for row in rows if row["verdict"] == verdict]


def _claim(row: Row) -> str:
    of = f" of the {row['of']}" if row["of"] else ""
    name = f"{row['observable'].replace('_', ' ')}{of}"
    effect = f"{effect_cell(row)}, {relative_cell(row)} of the baseline"
    ends = {
        CONTRADICTS: "the whole interval lies on the other side: **contradicted**",
        OPEN: "the interval holds both signs: the model does not say",
        AGREES: "the whole interval lies on that side: the model agrees",
    }
    cited = ", ".join(row["evidence"])
    return (
        f'The reports say: "{row["says"]}" [{cited}] Then {name} in `{row["scenario"]}`, '
        f"{row['window']}, would be {expected(row)}. The model: {effect} "
        f"({row['pairs']:,} pairs); {ends[row['verdict']]}."
    )


def limits(found: Answers) -> list[str]:
    """What these answers lack, and what the model cannot say."""
    rows = [
        row
        for question in found.asked.questions
        for contrast in question.contrasts
        for row in found.rows(question, contrast)
    ]
    arrivals = [row for row in rows if row["observable"] == MAIN]
    said = []
    for text, names in (
        (
            "Size of the effect on arrivals not identified, or resting on an assumption",
            [r["scenario"] for r in arrivals if r["verdict"] in (NOT_IDENTIFIED, ASSUMED)],
        ),
        (
            "Sign of the effect on arrivals not identified",
            [r["scenario"] for r in arrivals if r["sign"] == SIGN_OPEN],
        ),
        (
            "Sign of the effect on deaths not identified",
            [r["scenario"] for r in rows if r["observable"] == "deaths" and r["sign"] == SIGN_OPEN],
        ),
    ):
        if names:
            said.append(f"{text}: {', '.join(f'`{name}`' for name in names)}.")
    made = found.made_from()
    if found.ledgers:
        pairs = count(made["ledger_pairs"], "pair")
        said.append(f"What became of people is told of {pairs} a comparison, without interval.")
    if made["draws"] and not any(one.alternatives for one in found.attributions.values()):
        said.append("One structure of the model; others may give other answers.")
    return [
        *said,
        "Levels of deaths and custody rest on assumptions with wide ranges, and no counts check "
        "them: read their direction.",
        "How people answer to money for informing is a declared assumption.",
        "People at home neither are born nor age; the interior of China is one place.",
    ]
