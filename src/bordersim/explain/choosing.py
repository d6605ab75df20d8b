"""R5: what somebody who considers leaving chooses between, and what would change the choice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bordersim.codes import Mode
from bordersim.explain.engine import residents
from bordersim.explain.flips import Line, highest_fee, least_budget, nearest_turn
from bordersim.explain.told import Alternative, Flip

OUTCOMES = {
    Mode.STAY: "stay",
    Mode.UNAIDED: "go alone",
    Mode.FOOD: "go for food",
    Mode.HIRE: "hire",
}
"""What each mode is called."""

SAID = {
    Mode.STAY: "stays",
    Mode.UNAIDED: "goes alone",
    Mode.FOOD: "goes for food",
    Mode.HIRE: "hires",
}
"""What is said of who chooses it."""


@dataclass(frozen=True)
class Met:
    """An offer that was met.

    Attributes
    ----------
    slot, identity, sector
        Of the trafficker.
    fee
        KRW million.
    package
        Whether the way onward can be had with it.
    errors
        Of the crossing alone and with the way onward, before ``nest_scale``.
    """

    slot: int
    identity: int
    sector: int
    fee: float
    package: bool
    errors: tuple[float, float]


@dataclass(frozen=True)
class Choosing:
    """Everything a choice rests on.

    Attributes
    ----------
    law
        Parameters of group residents (choice).
    onward_fee, package_years
        Fee of the way onward, and the part of a year that it takes.
    sector
        Where the river could be crossed alone, or None.
    offers
        In the order in which they were met.
    own, from_kin, credit
        Money of one's own, of kin, and on credit for a package; KRW million.
    dread
        Weight on risk.
    risks
        Perceived: at the river alone, hired, and in China in a year.
    by_case
        Whether a corruption case is the reason.
    errors
        Of staying, going alone, going for food; the nest's of all offers.
    risk_factor
        By which all perceived risks are multiplied; 1 but in questions of what if.
    fee_factor
        The same for fees of the crossing.
    """

    law: Any
    onward_fee: float
    package_years: float
    sector: int | None
    offers: tuple[Met, ...]
    own: float
    from_kin: float
    credit: float
    dread: float
    risks: tuple[float, float, float]
    by_case: bool
    errors: tuple[float, float, float]
    nest: float
    risk_factor: float = 1.0
    fee_factor: float = 1.0

    @property
    def money(self) -> float:
        """What could be paid for a crossing alone."""
        return self.own + self.from_kin


@dataclass(frozen=True)
class Way:
    """One alternative, worked out.

    Attributes
    ----------
    mode, offer, package
        What it is; ``offer`` counts through the offers met, -1 without one.
    terms
        Parts of the utility.
    error
        Random part.
    utility
        As the engine computes it; minus infinity if it cannot be paid.
    fee, budget
        What is spent of what, KRW million; zero without an offer.
    """

    mode: Mode
    offer: int
    package: bool
    terms: dict[str, float]
    error: float
    utility: float
    fee: float = 0.0
    budget: float = 0.0

    @property
    def open(self) -> bool:
        """Whether it can be had."""
        return self.utility > -math.inf


def ways(case: Choosing) -> tuple[Way, ...]:
    """Every alternative, staying first; offers in the order in which they were met."""
    return (*_without_offer(case), *_with_offer(case))


def _without_offer(case: Choosing) -> Iterator[Way]:
    law = case.law
    at_river, _, in_china = (risk * case.risk_factor for risk in case.risks)
    stay, alone, food = case.errors
    push = -law.case_push if case.by_case else 0.0
    yield Way(Mode.STAY, -1, False, {"case": push} if case.by_case else {}, stay, stay + push)
    if case.sector is None:
        return
    river = law.severity_river * at_river
    china = law.severity_china * in_china
    terms = {"gain": law.gain, "river": -case.dread * river, "China": -case.dread * china}
    yield Way(
        Mode.UNAIDED, -1, False, terms, alone, law.gain - case.dread * (river + china) + alone
    )
    terms = {"gain": law.gain_food, "river": -case.dread * river}
    yield Way(Mode.FOOD, -1, False, terms, food, law.gain_food - case.dread * river + food)


def _with_offer(case: Choosing) -> Iterator[Way]:
    law = case.law
    _, hired, in_china = (risk * case.risk_factor for risk in case.risks)
    for number, offer in enumerate(case.offers):
        fee = offer.fee * case.fee_factor
        for package in (False, True)[: 2 if offer.package else 1]:
            years = case.package_years if package else 1.0
            river = case.dread * law.severity_river * hired
            china = case.dread * law.severity_china * in_china * years
            spent = fee + case.onward_fee if package else fee
            budget = case.money + case.credit if package else case.money
            gain = law.gain + law.gain_hire + (law.gain_south if package else 0.0)
            error = law.nest_scale * offer.errors[package] + case.nest
            money = -math.inf
            utility = -math.inf
            if spent < budget:
                money = law.a_fee * math.log(1.0 - spent / budget)
                utility = residents.hire_utility(
                    gain, law.a_fee, spent, budget,
                    case.dread
                    * (law.severity_river * hired + law.severity_china * in_china * years),
                ) + error  # fmt: skip
            terms = {"gain": gain, "money": money, "river": -river, "China": -china}
            yield Way(Mode.HIRE, number, package, terms, error, utility, spent, budget)


@dataclass(frozen=True)
class Answer:
    """What is chosen.

    Attributes
    ----------
    mode
        The best way.
    fallback
        The best that needs no trafficker.
    asked
        Ways that are better than the fallback, best first; at most one of an offer.
    """

    mode: Mode
    fallback: Mode
    asked: tuple[Way, ...]


def answer(case: Choosing) -> Answer:
    """Choose: the best of all, an offer with or without the way onward, whichever is better."""
    alone = [way for way in ways(case) if way.mode != Mode.HIRE]
    best = max(alone, key=lambda way: way.utility)  # of equals the first
    better: dict[int, Way] = {}
    for way in ways(case):
        if way.mode == Mode.HIRE and way.open:
            known = better.get(way.offer)
            if known is None or way.utility > known.utility:
                better[way.offer] = way
    asked = [way for way in better.values() if way.utility > best.utility]
    asked.sort(key=lambda way: -way.utility)
    return Answer(Mode.HIRE if asked else best.mode, best.mode, tuple(asked))


def flips(case: Choosing) -> tuple[Flip, ...]:
    """The least change of fees, of perceived risk, and of means that changes what is chosen."""
    chosen = answer(case)
    found = [_risk_flip(case, chosen)]
    if case.offers:
        found += [_fee_flip(case, chosen), _money_flip(case, chosen)]
    return tuple(flip for flip in found if flip is not None)


def _rest(way: Way) -> float:
    """Utility but for the money term."""
    return sum(value for name, value in way.terms.items() if name != "money") + way.error


def _bar(case: Choosing) -> float:
    """Utility that an offer has to beat."""
    return max(way.utility for way in ways(case) if way.mode != Mode.HIRE)


def _instead(chosen: Answer) -> str:
    return OUTCOMES[chosen.fallback if chosen.mode == Mode.HIRE else Mode.HIRE]


def _fee_flip(case: Choosing, chosen: Answer) -> Flip:
    """All fees for crossings times one factor: somebody hires below it and nobody above."""
    bar = _bar(case)
    limits = []
    for way in ways(case):
        if way.mode == Mode.HIRE:
            onward = case.onward_fee if way.package else 0.0
            fee = highest_fee(way.budget, bar - _rest(way), case.law.a_fee) - onward
            limits.append((fee / case.offers[way.offer].fee, way.offer))
    factor, offer = max(limits)
    now = case.offers[offer].fee
    many = len(case.offers) > 1
    what = "fee" if not many else "all fees alike; the one that decides"
    if factor <= 0.0:
        return Flip(what, "KRW million", now, None, "not even a free crossing would do")
    return Flip(what, "KRW million", now, now * factor, _instead(chosen))


def _money_flip(case: Choosing, chosen: Answer) -> Flip:
    """Own and kin's money: somebody hires above it and nobody below."""
    bar = _bar(case)
    least = min(
        least_budget(way.fee, bar - _rest(way), case.law.a_fee)
        - (case.credit if way.package else 0.0)
        for way in ways(case)
        if way.mode == Mode.HIRE
    )
    what, now = "own and kin's money", case.money
    if math.isinf(least):
        return Flip(what, "KRW million", now, None, "no sum would do")
    if least < 0.0:
        return Flip(what, "KRW million", now, None, "credit alone would do")
    return Flip(what, "KRW million", now, least, _instead(chosen))


def _risk_flip(case: Choosing, chosen: Answer) -> Flip | None:
    """All perceived risks times one factor, none above one."""
    lines = []
    for way in ways(case):
        if way.open:
            slope = way.terms.get("river", 0.0) + way.terms.get("China", 0.0)
            lines.append(Line(OUTCOMES[way.mode], way.utility - slope, slope))
    if not any(line.slope for line in lines):
        return None
    known = [risk for way in ways(case) if way.open for risk in _risks_of(case, way)]
    now = max(known)
    turn = nearest_turn(lines, 1.0, high=1.0 / now)
    what = "all perceived risks alike; the highest"
    if turn is None:
        return Flip(what, "chance", now, None, f"{OUTCOMES[chosen.mode]} at any risk")
    return Flip(what, "chance", now, now * turn[0], turn[1])


def _risks_of(case: Choosing, way: Way) -> tuple[float, ...]:
    """Perceived risks that a way meets with."""
    return {
        Mode.STAY: (),
        Mode.UNAIDED: (case.risks[0], case.risks[2]),
        Mode.FOOD: (case.risks[0],),
        Mode.HIRE: (case.risks[1], case.risks[2]),
    }[way.mode]


def changed(case: Choosing, flip: Flip, by: float) -> Choosing:
    """The same choice just beside a flip: at ``by`` times where the decision turns."""
    assert flip.then is not None
    value = flip.then * by
    if "fee" in flip.what:
        return replace(case, fee_factor=value / flip.now)
    if "risk" in flip.what:
        return replace(case, risk_factor=value / flip.now)
    return replace(case, own=value, from_kin=0.0)


def alternatives(case: Choosing, names: dict[int, str]) -> tuple[Alternative, ...]:
    """Every alternative for the reader.

    Parameters
    ----------
    case
        The choice.
    names
        Identity of a trafficker to what it is called.

    Returns
    -------
    tuple of Alternative
        Also those that could not be had, and why.
    """
    told = []
    for way in ways(case):
        name = OUTCOMES[way.mode]
        obstacle = ""
        if way.mode == Mode.HIRE:
            name = f"hire {names[case.offers[way.offer].identity]}"
            name += " + onward" if way.package else ""
            if not way.open:
                obstacle = f"costs {way.fee:,.2f} M of at most {way.budget:,.2f} M"
        told.append(
            Alternative(
                name, OUTCOMES[way.mode],
                {key: float(value) for key, value in way.terms.items() if math.isfinite(value)},
                float(way.error) if way.open else None,
                float(way.utility) if way.open else None,
                obstacle,
            )
        )  # fmt: skip
    if case.sector is None:
        for mode in (Mode.UNAIDED, Mode.FOOD):
            told.append(Alternative(OUTCOMES[mode], OUTCOMES[mode], obstacle="no way to the river"))
    return tuple(told)
