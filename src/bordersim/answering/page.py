"""The page of answers in Markdown: the same runs give the same page, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bordersim.answering.brief import brief_table, claim_lines, limits
from bordersim.answering.showing import (
    claim_table,
    counted_words,
    effect_rows,
    fate_table,
    glance_table,
    made_words,
    policy_lines,
)
from bordersim.answering.spec import Contrast, Question
from bordersim.answering.verdicts import AGREES, CONTRADICTS, OPEN
from bordersim.attributing.judging import FEWEST
from bordersim.attributing.showing import (
    beside_table,
    head,
    level_words,
    methods,
    order_table,
    share_table,
    structure_table,
    verdict_table,
)
from bordersim.comparing.cells import Table, source_table
from bordersim.comparing.estimates import METHODS
from bordersim.reports import rows_of
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers
    from bordersim.comparing.ledger import Ledger

NOTE = "<!-- Written by bordersim answers. Change the questions or the runs, not this file. -->"

HOW = """\
An effect is scenario less baseline, mean over pairs of runs that share their draw of the
parameters, their people and their luck. Its interval is said with each comparison: over draws
it holds the effect at a new draw, and with it what is not known about the world. "Of baseline"
is the effect in per cent of the baseline. The Monte-Carlo error is what the seeds leave.

*What the data say* compares the spread of an effect over posterior draws with that over prior
draws of the same parameters, the luck of seeds taken out of both; under {fewest} draws of either
nothing is judged. Above {below:.2g} the reports
have not narrowed it: "not identified by the data". The sign is "from the data" where prior
draws left it open, "from the model" where they had it already, and "not identified" where the
interval holds zero. Where the size of an answer rests on an assumption that no report bears
on, it is said to be not identified, whatever the draws say.

A claim *agrees* or is *contradicted* where the whole interval lies on one side of zero. All
of it is about the model: which of its causes, changed, would change what it says. It is no
forecast and no advice, and what is known to be missing is in
[model.md](model.md#9-known-limits). Repatriations are returns by China and seizures there by
officers from the North, which go on where China returns nobody. Deaths and custody rest on
assumptions with wide ranges: read their direction, not their level. See
[responsible use](responsible-use.md)."""


def page_text(found: Answers, picture: str | None) -> str:
    """Write the page.

    Parameters
    ----------
    found
        The answers.
    picture
        Address of the figure, relative to the page; left out when None.

    Returns
    -------
    str
        Markdown, with a line feed at the end.
    """
    return "\n\n".join(_sections(found, picture)) + "\n"


def _sections(found: Answers, picture: str | None) -> Iterator[str]:
    yield NOTE
    yield f"# {found.asked.title}"
    if trial := found.trial():
        yield f"> **A trial, no answer.** Made from {trial}."
    yield made_words(found.made_from())
    yield (
        "Simulated, no forecast. Fewer arrivals is no success: who did not arrive stayed in "
        "hunger, was caught, or died. Harm stands beside every count."
    )
    yield "## The answers, a line each"
    yield (
        "Effect on arrivals in the South, scenario less baseline over the years named, with its "
        "90 % interval; claims are those of the reports, judged below."
    )
    yield table(brief_table(found))
    yield "## Harm beside it"
    yield "Effects in per cent of the baseline, with 90 % intervals."
    yield table(glance_table(found, found.asked.observables))
    if picture is not None:
        yield f"![{alt_text(found)}]({picture})"
    yield "## Where the model contradicts a claim of the reports"
    yield from _contradictions(found)
    for question in found.asked.questions:
        yield from _question(found, question)
    yield "## What these answers cannot say"
    yield _listed(limits(found))
    yield "## How to read this"
    yield HOW.format(below=found.asked.identified_below, fewest=FEWEST)


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def alt_text(found: Answers) -> str:
    """What the figure shows, for those who cannot see it."""
    first, *others = (name.replace("_", " ") for name in found.asked.observables)
    sides: dict[str, list[str]] = {"more": [], "fewer": [], "open": []}
    for contrast, (comparison, _) in found.comparisons.items():
        effect = comparison.estimate(found.asked.observables[0])
        side = "more" if effect.low > 0 else "fewer" if effect.high < 0 else "open"
        sides[side].append(contrast.scenario)
    told = "; ".join(f"{side}: {', '.join(sides[side]) or 'none'}" for side in sides)
    return f"Effects on {first} ({told}) and on {', '.join(others)}, with 90 % intervals"


def _contradictions(found: Answers) -> Iterator[str]:
    verdicts = [
        row["verdict"] for question in found.asked.questions for row in found.claims(question)
    ]
    yield (
        f"Of {count(len(verdicts), 'claim')} listed below the model agrees with "
        f"{verdicts.count(AGREES)}, contradicts {verdicts.count(CONTRADICTS)}, and does not say of "
        f"{verdicts.count(OPEN)}."
    )
    if any(question.assumed and question.claims for question in found.asked.questions):
        yield (
            "Verdicts *by assumption* are about what was put into the model: they bear nothing out."
        )
    for verdict, words in ((CONTRADICTS, "It contradicts:"), (OPEN, "It does not say of:")):
        if lines := claim_lines(found, verdict):
            yield words
            yield _listed(lines)


def _question(found: Answers, question: Question) -> Iterator[str]:
    yield f"## {question.asks}"
    if question.evidence:
        yield f"Raised by {', '.join(f'`{name}`' for name in question.evidence)}."
    if question.reading:
        yield f"**How it is read:** {' '.join(question.reading.split())}."
    if question.elsewhere:
        yield " ".join(question.elsewhere.split())
    if question.assumed:
        yield f"**Not identified by the data:** {' '.join(question.assumed.split())}."
    if question.attribution is not None:
        yield from _shares(found, question)
    for contrast in question.contrasts:
        yield from _contrast(found, question, contrast)
    claims = found.claims(question)
    if claims:
        yield "### What the reports claim of it"
        yield table(claim_table(claims))


def _shares(found: Answers, question: Question) -> Iterator[str]:
    """What explains a change, where its attribution is stored."""
    divided = found.attributions.get(question.id)
    file = question.attribution.name if question.attribution is not None else ""
    if divided is None:
        yield (
            f"Not answered here: no runs that divide the change are stored beside those of this "
            f"page. `bordersim attribute {file}` makes them; `--attribution DIR` names their "
            "folder."
        )
        return
    first, *others = divided.observables
    yield f"{head(divided)} {level_words(divided, first)}."
    for heading, content in (
        ("Shares of the change", share_table(divided, first)),
        ("What the data say of them", verdict_table(divided, first)),
        ("What the order of the factors does", order_table(divided, first)),
        ("Harm and fees beside it", beside_table(divided, others) if others else None),
        (
            "Under other structures of the model",
            structure_table(divided, first) if divided.alternatives else None,
        ),
    ):
        if content is not None:
            yield f"### {heading}"
            yield table(content)
    yield _listed([*(f"{note}." for note in divided.notes()), *methods(divided)])


def _contrast(found: Answers, question: Question, contrast: Contrast) -> Iterator[str]:
    scenarios = {one.name: one for one in found.asked.study.scenarios}
    scenario, baseline = scenarios[contrast.scenario], scenarios[contrast.baseline]
    yield f"### {scenario.title}"
    yield (
        f"`{contrast.scenario}` against `{contrast.baseline}`, {contrast.span()}. "
        f"{' '.join(scenario.description.split())}"
    )
    draws = found.asked.study.draws
    drawn = () if draws is None else draws.keys
    lines = policy_lines(baseline, scenario, contrast.window.last, drawn)
    if lines:
        yield _listed(lines)
    rows = found.rows(question, contrast)
    yield table(effect_rows(rows))
    yield f"{METHODS[rows[0]['interval']].capitalize()}. {counted_words(rows)}"
    ledger = found.ledgers.get(contrast)
    if ledger is not None:
        yield from _fates(ledger, contrast)


def _fates(ledger: Ledger, contrast: Contrast) -> Iterator[str]:
    n = count(len(ledger.matrices), "pair")
    fates = fate_table(ledger)
    if not fates[1]:
        yield f"In {n} followed person by person nobody's fate differs."
        return
    yield f"What became of people, mean of {n}; fates that nobody changes are left out:"
    yield table(fates)
    sources = source_table(rows_of(ledger.sources().reset_index()), "arrive")
    if sources[1]:
        yield (
            f"Who arrives in one only (A is {contrast.baseline}, B is {contrast.scenario}), "
            "by what becomes of them in the other:"
        )
        yield table(sources)


def table(content: Table) -> str:
    """Write a table in Markdown: the first column to the left, others to the right if numbers."""
    headings, rows = content
    right = [
        k > 0 and all(row[k][:1].isdigit() or row[k][:1] in "+-" for row in rows)
        for k in range(len(headings))
    ]
    lines = [
        "| " + " | ".join(map(_cell, headings)) + " |",
        "|" + "|".join("---:" if one else "---" for one in right) + "|",
        *("| " + " | ".join(map(_cell, row)) + " |" for row in rows),
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")
