"""A life as it shows itself in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bordersim.dates import month_label
from bordersim.explain.life import RESPONSIBLE, Life, LifeMonth
from bordersim.explain.told import NO_CLOCK, Decision
from bordersim.explain.wordings import (
    chance_text,
    flip_text,
    headline,
    parting_lines,
    shown_chances,
    terms_of,
    utility,
    value_text,
    who_lines,
)


def life_html(life: Life) -> str:
    """Traits, then a foldable block for every month in which something happened.

    Parameters
    ----------
    life
        With a month asked for, that month is shown with every number.

    Returns
    -------
    str
        HTML.
    """
    run = life.run
    of = f"in {run['scenario']}, seed {run['seed']}, run {run['run_id']}"
    parts = [f"<p><b>uid {life.uid}</b> {escape(of)}<br><small>{escape(RESPONSIBLE)}</small></p>"]
    parts.append(_table((), who_lines(life)))
    lines = parting_lines(life)
    if lines:
        parts.append(f"<p><b>{escape(lines[0])}</b><br>{'<br>'.join(map(escape, lines[1:]))}</p>")
    full = life.asked is not None
    parts += [_month(month, full=full) for month in life.months]
    if not life.months:
        parts.append(f"<p>Nothing happened to this person from 1995-01 to {run['end']}.</p>")
    return "".join(parts)


def _month(month: LifeMonth, *, full: bool) -> str:
    told = "".join(
        _decision(decision, full=full)
        for decision in month.decisions
        if full or decision.choice != NO_CLOCK
    )
    title = f"<b>{month_label(month.month)}</b> {escape(headline(month))}"
    return f"<details{' open' if full else ''}><summary>{title}</summary>{told}</details>"


def _decision(decision: Decision, *, full: bool) -> str:
    parts = [f"<p>{escape(decision.question)}: <b>{escape(decision.choice)}</b></p>"]
    if full and decision.facts:
        facts = [(fact.what, value_text(fact.value, fact.unit)) for fact in decision.facts]
        parts.append(_table((), facts))
    if decision.alternatives:
        names = terms_of(decision)
        rows = [
            (
                one.name,
                *(utility(one.terms.get(name)) for name in names),
                utility(one.error),
                one.obstacle or utility(one.utility),
            )
            for one in decision.alternatives
        ]
        parts.append(_table(("", *names, "error", "utility"), rows))
    lines = [chance_text(chance) for chance in shown_chances(decision, full=full)]
    lines += [
        f"flips: {flip_text(flip)}" if flip.then is not None else f"no flip: {flip_text(flip)}"
        for flip in sorted(decision.flips, key=lambda flip: flip.size)
    ]
    parts.append(f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>")
    return "".join(parts)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
