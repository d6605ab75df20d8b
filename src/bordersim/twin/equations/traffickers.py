"""T1 to T7: what a crossing costs, what is asked for it, and who is in the trade."""

from __future__ import annotations

import math
from typing import Any

from bordersim.twin.equations.numbers import logistic


def operating_cost(stored: float, markets: float, slope: float) -> float:
    """T1: operating cost of a crossing, growing with markets like wealth."""
    return stored * math.exp(slope * (markets - 1.0))


def outside_income(markets: float, law: Any, slope: float) -> float:
    """T4: monthly income outside the trade."""
    return float(law.outside_income * math.exp(slope * (markets - 1.0)))


def chinese_part(cost: float, enforcement: float, patrol: float, fine: float, law: Any) -> float:
    """T1: what the Chinese side takes.

    Parameters
    ----------
    cost
        Multiplier of the sector.
    enforcement
        1 - local tolerance.
    patrol
        ``china.patrol_rate``, per month.
    fine
        Fine for helpers, KRW million.
    law
        Group traffickers.
    """
    feared = patrol * law.chinese_loss + law.fine_exposure * fine
    return float(cost * (law.chinese_base + enforcement * feared))


def crossing_cost(bribe: float, chinese: float, operating: float, danger: float, law: Any) -> float:
    """T1: expected cost of a crossing for a client of the border provinces."""
    return float(bribe + chinese + operating + danger * law.penalty)


def surcharge(bribe_and_chinese: float, law: Any) -> float:
    """T1: what clients from the interior cost more, in the unit of what is given."""
    return float(law.interior_surcharge * bribe_and_chinese)


def posted_fee(cost: float, markup: float) -> float:
    """T2: fee asked, before it is rounded to whole thousands."""
    return cost * math.exp(markup)


def collude(own: float, common: float, law: Any) -> float:
    """T7: own number of a seller, drawn to the common one as far as sellers act as one."""
    return float((1.0 - law.cartel) * own + law.cartel * common)


def crowding_at_rest(law: Any) -> float:
    """T2, T7: requests per place that leave markups where they are."""
    return collude(law.markup_target, law.cartel_target, law)


def next_markup(markup: float, crowding: float, law: Any) -> float:
    """T2, T7: log markup after a month of such crowding."""
    moved = markup + law.markup_gain * (crowding - crowding_at_rest(law))
    moved -= law.markup_pull * (markup - law.markup_centre)
    ceiling = collude(law.markup_high, law.cartel_high, law)
    return float(min(ceiling, max(law.markup_low, moved)))


def exit_probability(profit: float, income: float, law: Any) -> float:
    """T4: chance to give up this month, by profit against income outside."""
    return float(law.exit_rate * logistic((income - profit) / (law.income_width * income)))


def entry_probability(expected: float, income: float, law: Any) -> float:
    """T4: chance that an empty place is taken this month."""
    return float(law.entry_rate * logistic((expected - income) / (law.income_width * income)))


def expected_if_nobody_sells(bribe: float, chinese: float, capacity: int, law: Any) -> float:
    """T4: profit a month that somebody alone in a sector would expect."""
    return float(capacity * (math.exp(law.markup_centre) - 1.0) * (bribe + chinese))


def route_opening(month: int, law: Any) -> float:
    """C4, T6: how open the way onward is, 0 to 1; ``law`` is the group china."""
    return logistic((min(month, law.onward_flat_after) - law.onward_middle) / law.onward_width)
