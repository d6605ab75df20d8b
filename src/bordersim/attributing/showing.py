"""An attribution as the words and digits of tables, in a terminal or a notebook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from bordersim.attributing.dividing import CHANGE
from bordersim.attributing.spec import MOMENTUM, PRIOR, period_text
from bordersim.comparing.cells import Table, signed
from bordersim.comparing.estimates import METHODS
from bordersim.comparing.quantities import TOTAL, quantity_of
from bordersim.wording import count, number

if TYPE_CHECKING:
    from bordersim.attributing.answers import Attribution

Row = Mapping[str, Any]

SUM = "change, the sum"
PAIRS = 6
"""Pairs of factors shown; the rest is in the document."""

_LARGE = 100.0


def head(found: Attribution) -> str:
    """What was divided, and by how many runs."""
    asked = found.question
    main = asked.sets[0]
    runs = f"{asked.n_coalitions} coalitions of {count(len(asked.factors), 'factor')}"
    return (
        f"{asked.scenario.name}, {period_text(asked.first)} to {period_text(asked.last)}: {runs} "
        f"x {count(main.n_draws, 'draw')} x {count(asked.n_seeds, 'seed')}. Simulated, no forecast."
    )


def level_words(found: Attribution, observable: str) -> str:
    """The quantity in both periods, in one line."""
    levels, asked = found.levels(observable), found.question
    quantity = quantity_of(observable)
    over = "" if quantity.how == TOTAL else ", mean of the period"
    return (
        f"{label(observable)}: {_level(levels['first'])} in {period_text(asked.first)}, "
        f"{_level(levels['last'])} in {period_text(asked.last)} ({quantity.unit}{over})"
    )


def share_table(found: Attribution, observable: str, under: str | None = None) -> Table:
    """Every part with its interval, its share of the change, and the error of its seeds."""
    rows = found.rows(observable, under)
    places = places_of(rows, ("share",))
    headings = ("", "share [90 %]", "of the change", "Monte-Carlo error")
    return headings, [
        (
            SUM if row["part"] == CHANGE else row["part"],
            with_interval(row, "share", places),
            _percent(row),
            _plain(row["mc_error"], places),
        )
        for row in rows
    ]


def order_table(found: Attribution, observable: str) -> Table:
    """What a factor changes first, last, and at least and most in any order."""
    rows = [row for row in found.rows(observable) if not math.isnan(row["first_in"])]
    names = ("first_in", "last_out", "least", "most")
    places = places_of(rows, names)
    headings = ("on average, changed", "first", "last", "in any order, from", "to")
    return headings, [(row["part"], *(signed(row[name], places) for name in names)) for row in rows]


def pair_table(found: Attribution, observable: str, most: int = PAIRS) -> Table:
    """The strongest interactions."""
    rows = found.interactions(observable)[:most]
    places = places_of(rows, ("interaction",))
    return ("factor", "with", "interaction [90 %]", "Monte-Carlo error"), [
        (
            row["factor"],
            row["with"],
            with_interval(row, "interaction", places),
            _plain(row["mc_error"], places),
        )
        for row in rows
    ]


def verdict_table(found: Attribution, observable: str) -> Table:
    """Prior against posterior, and what that says."""
    rows = found.verdicts(observable)
    places = places_of(rows, ("share", "prior_low"))
    headings = ("", "prior [90 %]", "posterior [90 %]", "sd", "of weight", "the data")
    return headings, [
        (
            row["part"],
            _ends(row["prior_low"], row["prior_high"], places),
            _ends(row["low"], row["high"], places),
            _ratio(row["sd_ratio"]),
            _ratio(row["weight_ratio"]),
            "; ".join(filter(None, (row["verdict"], row["sign"]))),
        )
        for row in rows
    ]


def beside_table(found: Attribution, observables: Sequence[str], *, narrow: bool = False) -> Table:
    """Several quantities, a row each: every part above its interval."""
    names = (CHANGE, MOMENTUM, *found.question.names)
    rows = []
    for observable in observables:
        parts = {row["part"]: row for row in found.rows(observable)}
        places = places_of(list(parts.values()), ("share",))
        levels = found.levels(observable)
        ends = " to ".join(_value(levels[key]["value"]) for key in ("first", "last"))
        cells = [stacked(parts[name], places, narrow=narrow) for name in names]
        rows.append((f"{label(observable)}\n{ends}", *cells))
    return ("", *names), rows


def structure_table(found: Attribution, observable: str, *, narrow: bool = False) -> Table:
    """One quantity under every structure, a row each."""
    names = (CHANGE, MOMENTUM, *found.question.names)
    titles = {one.name: one.title for one in found.question.sets}
    rows = []
    for under in (found.main, *found.alternatives):
        parts = {row["part"]: row for row in found.rows(observable, under)}
        places = places_of(list(parts.values()), ("share",))
        name = "as calibrated" if under == found.main else titles[under]
        rows.append((name, *(stacked(parts[part], places, narrow=narrow) for part in names)))
    return (label(observable), *names), rows


def stacked(row: Row, places: int | None, *, narrow: bool = False) -> str:
    """A share above its interval; where it is narrow, above one end and the other."""
    text = signed(row["share"], places)
    if math.isnan(row["low"]):
        return text
    ends = _ends(row["low"], row["high"], places)
    return f"{text}\n{ends.replace(' ', chr(10)) if narrow else ends}"


def label(observable: str) -> str:
    """Name of a quantity as the heading of a line."""
    words = observable.replace("_", " ").replace("fee real", "fee of 2015")
    return words[0].upper() + words[1:]


def methods(found: Attribution) -> list[str]:
    """What the columns mean, and what they do not."""
    asked = found.question
    start = asked.plain()["held_from"]
    told = [
        f"Held: from {start} every lever of a factor keeps the value it had the month before, "
        "place by place. Share: Shapley value, the mean over all orders in which the factors "
        "may be let go their way.",
        f"Momentum: the change with all of them held: stocks, kin, beliefs and prices that were "
        f"on their way{_others(found)}. Shares and momentum add up to the change"
        f"{' exactly' if _all_counts(found) else ', counts exactly'}, for every draw and seed.",
    ]
    intervals = {row["method"] for row in found.rows(found.observables[0])}
    told.append(f"Interval: {'; '.join(METHODS[one] for one in intervals)}.")
    if any(one.role == PRIOR for one in asked.sets):
        told.append(
            f"The data: sd is that of the posterior over that of the prior, luck taken out; above "
            f"{asked.identified_below:g} a share is not identified. Weight: a share over the sum "
            "of the sizes of all, which does not narrow merely because the total is known."
        )
    if asked.passing:
        told.append(f"In every coalition these end as dated: {', '.join(asked.passing)}.")
    return told


def _others(found: Attribution) -> str:
    scenario, asked = found.question.scenario, found.question
    paths = scenario.lever_paths()[asked.held_from - 1 : asked.last.last + 1]
    order = list(scenario.catalogue)
    moving = [
        lever
        for lever in asked.left_out
        if (paths[:, order.index(lever)] != paths[0, order.index(lever)]).any()
    ]
    return f", and what is of no factor and moves ({', '.join(moving)})" if moving else ""


def _all_counts(found: Attribution) -> bool:
    return all(game.exact for game in found.games[found.main].of.values())


def with_interval(row: Row, name: str, places: int | None) -> str:
    """A number and its interval."""
    text = signed(row[name], places)
    return text if math.isnan(row["low"]) else f"{text} {_ends(row['low'], row['high'], places)}"


def _ends(low: float, high: float, places: int | None) -> str:
    if math.isnan(low):
        return "-"
    return f"[{signed(low, places)}, {signed(high, places)}]"


def _percent(row: Row) -> str:
    if math.isnan(row["of_change"]):
        return "-"
    ends = (row["of_change_low"], row["of_change_high"])
    text = f"{100 * row['of_change']:.0f} %"
    if row["part"] == CHANGE or math.isnan(ends[0]):
        return text
    return f"{text} [{100 * ends[0]:.0f}, {100 * ends[1]:.0f}]"


def _ratio(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def places_of(rows: Sequence[Row], names: Sequence[str]) -> int | None:
    """Decimals of a column: none where anything is large, two digits that count otherwise."""
    sizes = [abs(row[name]) for row in rows for name in names if not math.isnan(row[name])]
    largest = max(sizes, default=0.0)
    if largest == 0.0 or largest >= _LARGE:
        return 0
    return max(0, 1 - math.floor(math.log10(largest)))


def _plain(value: float, places: int | None) -> str:
    return "-" if math.isnan(value) else f"{value:,.{(places or 0) + 1}f}"


def _value(value: float) -> str:
    return (
        "-" if math.isnan(value) else f"{value:,.0f}" if abs(value) >= _LARGE else number(value, 3)
    )


def _level(level: Row) -> str:
    if math.isnan(level["low"]):
        return _value(level["value"])
    return f"{_value(level['value'])} [{_value(level['low'])}, {_value(level['high'])}]"


def attribution_html(found: Attribution) -> str:
    """Shares, verdicts and what stands beside them, as tables of a notebook."""
    first, *others = found.observables
    tables = [(level_words(found, first), share_table(found, first))]
    tables.append(("What the order of the factors does", order_table(found, first)))
    tables.append(("What the data say", verdict_table(found, first)))
    if others:
        tables.append(("Beside it", beside_table(found, others)))
    if found.alternatives:
        tables.append(("Under other structures", structure_table(found, first)))
    text = "".join(f"<p><b>{escape(title)}</b></p>{_html(table)}" for title, table in tables)
    notes = " ".join((*found.notes(), *methods(found)))
    return (
        f"<p><b>{escape(found.question.title)}</b><br>{escape(head(found))}</p>{text}"
        f"<p><small>{escape(notes)}</small></p>"
    )


def _html(table: Table) -> str:
    headings, rows = table

    def cells(tag: str, texts: tuple[str, ...]) -> str:
        return "".join(
            f'<{tag} style="text-align:{"left" if k == 0 else "right"}">'
            f"{escape(text).replace(chr(10), '<br>')}</{tag}>"
            for k, text in enumerate(texts)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', headings)}</tr></thead><tbody>{body}</tbody></table>"
