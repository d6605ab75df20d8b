"""Answers as the words and digits of tables, on a page or in a terminal."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.answering.spec import LESS, MORE, Contrast
from bordersim.comparing.cells import Table, effect_cell, name_cell, relative_cell, signed
from bordersim.comparing.fates import FATE_WORDS, Fate
from bordersim.layers import policy_row
from bordersim.policies import Policy
from bordersim.scenario import Scenario
from bordersim.wording import deed, duration, number, place_words

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers, Row
    from bordersim.comparing.ledger import Ledger

HARMS = ("repatriations", "deaths", "custody_entries")

LOST_SIGN = "-"


def glance_table(found: Answers, names: Sequence[str]) -> Table:
    """Every comparison, with its effects in per cent of the baseline."""
    headings = ("scenario", "years", *(_plainly(name) for name in names))
    rows = []
    for question in found.asked.questions:
        for contrast in question.contrasts:
            by_name = {row["observable"]: row for row in found.rows(question, contrast)}
            cells = (relative_cell(by_name[name]) for name in names)
            rows.append((contrast.scenario, short_span(contrast), *cells))
    return headings, rows


def said_words(row: Row) -> str:
    """What the data say of an effect, and where its sign comes from."""
    return "; ".join(filter(None, (row["verdict"], row["sign"])))


def short_span(contrast: Contrast) -> str:
    """The window in the fewest letters."""
    return contrast.span().replace(" to ", "-")


def effect_rows(rows: Sequence[Row]) -> Table:
    """Both sides, effect, its error, and what the data say of it, one row an observable."""
    headings = (
        "quantity", "baseline", "scenario", "effect [90 %]", "of baseline [90 %]",
        "Monte-Carlo error", "pairs", "posterior / prior sd", "what the data say",
    )  # fmt: skip
    return headings, [
        (
            f"{name_cell(row)} ({row['unit']}{'' if row['over'] == 'total' else ', mean'})",
            _value(row["a"]),
            _value(row["b"]),
            effect_cell(row),
            relative_cell(row),
            _value(row["mc_error"]),
            f"{row['pairs']:,}",
            _ratio(row["sd_ratio"]),
            said_words(row),
        )
        for row in rows
    ]


def counted_words(rows: Sequence[Row]) -> str:
    """How many pairs and draws, and what no Monte-Carlo error means, in one sentence."""
    first = rows[0]
    counted = f"{first['pairs']:,} pairs over {first['draws']:,} draws"
    if all(math.isnan(row["mc_error"]) for row in rows):
        return f"{counted}; the Monte-Carlo error is not known while a draw has one seed."
    return f"{counted}."


def claim_table(rows: Sequence[Row]) -> Table:
    """What reports claim, what the model gives, and whether they agree."""
    headings = ("the reports say", "evidence", "if so, expect", "model [90 %]", "the model")
    return headings, [
        (
            row["says"],
            ", ".join(row["evidence"]),
            f"{expected(row)} {_of(row)} in {row['scenario']}",
            f"{effect_cell(row)}, {relative_cell(row)}",
            judged_words(row),
        )
        for row in rows
    ]


def judged_words(row: Mapping[str, Any]) -> str:
    """Whether a claim holds, and whether that was put into the model."""
    return f"{row['verdict']}{', by assumption' if row.get('assumed') else ''}"


def expected(row: Mapping[str, Any]) -> str:
    """What a claim expects, in the word that fits the quantity."""
    words = {MORE: "higher", LESS: "lower"} if row["over"] == "mean" else {LESS: "fewer"}
    return words.get(row["expects"], str(row["expects"]))


def _of(row: Row) -> str:
    name = _plainly(row["observable"])
    return f"{name} of {row['of']}" if row["of"] else name


def fate_table(ledger: Ledger) -> Table:
    """What became of people in both, for every fate that anybody has for another."""
    people = ledger.people
    width = len(Fate)
    in_b = people[:, :width].sum(axis=0)
    in_b[Fate.ARRIVED] += people[:, width:].sum()
    in_a = people.sum(axis=1)
    flows = people[:, :width].copy()
    flows[:, Fate.ARRIVED] += people[:, width:].sum(axis=1)
    np.fill_diagonal(flows, 0.0)
    headings = ("by the end of the window", "baseline", "scenario", "net", "come to it", "leave it")
    return headings, [
        (
            FATE_WORDS[fate],
            f"{in_a[fate]:,.0f}",
            f"{in_b[fate]:,.0f}",
            signed(round(in_b[fate] - in_a[fate]), 0),
            f"{flows[:, fate].sum():,.0f}",
            f"{flows[fate].sum():,.0f}",
        )
        for fate in reversed(Fate)
        if flows[:, fate].sum() > 0 or flows[fate].sum() > 0
    ]


def policy_lines(
    baseline: Scenario, scenario: Scenario, until: int, drawn: Collection[str]
) -> list[str]:
    """What a scenario takes away from its baseline and adds to it, one line a policy.

    Parameters
    ----------
    baseline, scenario
        As their files have them.
    until
        Last month that counts; what begins later is left out.
    drawn
        Parameters that draws set: the value of the package would mislead.
    """
    ours = {policy.id: policy for policy in baseline.policies}
    theirs = {policy.id: policy for policy in scenario.policies}
    gone = [p for name, p in ours.items() if name not in theirs and p.start <= until]
    new = [p for name, p in theirs.items() if name not in ours and p.start <= until]
    lines = [f"Without: {_policy(policy, baseline, drawn)}" for policy in gone]
    return lines + [f"With: {_policy(policy, scenario, drawn)}" for policy in new]


def _policy(policy: Policy, scenario: Scenario, drawn: Collection[str]) -> str:
    spec = scenario.catalogue[policy.lever]
    row = policy_row(policy, spec, scenario.parameters)
    does = deed(row)
    if policy.parameter in drawn:
        words = {"set": "set to", "add": "add", "scale": "times"}[policy.op]
        does = f"{words} {policy.parameter} (drawn)"
    where = f", {place_words(policy.places)}" if policy.places else ""
    cited = f" [{', '.join(policy.evidence)}]" if policy.evidence else ""
    return f"{policy.title or policy.id}: `{policy.lever}` {does}, {duration(row)}{where}{cited}"


def _value(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else number(value, 3)


def _plainly(name: str) -> str:
    return name.replace("_", " ")


def _ratio(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def made_words(made: dict[str, Any]) -> str:
    """What the runs are, in two sentences."""
    drawn = "the parameters as they stand"
    if made["posterior"] is not None:
        which = "the posterior that ships" if made["ships"] else f"`{made['posterior']}`"
        drawn = f"{made['draws']:,} draws of {which} (digest `{made['posterior_digest']}`)"
    prior = f", and {made['prior_draws']:,} prior draws" if made["prior_draws"] else ""
    last = made["first_seed"] + made["seeds"] - 1
    return (
        f"{made['runs']:,} runs of the study `{made['study']}`: {drawn}{prior}, seeds "
        f"{made['first_seed']} to {last}, the same in every scenario and draw. Scale "
        f"{made['scale']:.3g}; bordersim {made['version']}, engine `{made['engine'][:16]}`."
    )
