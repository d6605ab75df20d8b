"""``why``: what is said to flip a decision does, and nothing less does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from engine_worlds import month_of
from why_lives import uids_of, world

from bordersim.agents.crossings import ask_stranger
from bordersim.agents.informants import meet
from bordersim.agents.residents import choose
from bordersim.codes import Event, Lever, Meeting, Mode, Offer
from bordersim.explain import choosing, consenting, considering, stay
from bordersim.explain.choosing import OUTCOMES, Choosing
from bordersim.explain.consenting import ANSWERS, Stranger
from bordersim.explain.flips import Line, best_outcome, highest_fee, least_budget, nearest_turn
from bordersim.explain.life import explain_month
from bordersim.explain.meeting import CAPTURE_BOUNTY, DEEDS, FINE, REPORT_BOUNTY, Informant
from bordersim.explain.plainly import plainly
from bordersim.explain.replay import Moment, Replay
from bordersim.explain.told import Flip
from bordersim.scratch import ACTOR, FOUND, OFFERS
from bordersim.state import NEVER, records

BESIDE = 1e-6
LEVERS = {
    REPORT_BOUNTY: Lever.CHINA_BOUNTY_REPORT,
    CAPTURE_BOUNTY: Lever.CHINA_BOUNTY_CAPTURE,
    FINE: Lever.CHINA_HELPER_FINE,
}


class Seen:
    """Choices, strangers and informants met while lives were explained, each with its month."""

    def __init__(self) -> None:
        self.moment: Moment | None = None
        self.choices: list[tuple[Moment, Choosing]] = []
        self.strangers: list[tuple[Moment, Stranger]] = []
        self.informants: list[tuple[Moment, int, int, Informant]] = []


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    """Explain lives of many kinds and keep what their decisions rested on."""
    kept = Seen()
    with pytest.MonkeyPatch.context() as patch, np.errstate(over="ignore"):
        _spy(patch, kept)
        for uid in _uids():
            replay = Replay(world(), 1, uid)
            for moment in replay.moments():
                kept.moment = moment
                explain_month(replay.who, moment, world().places.sectors)
    with np.errstate(over="ignore"):
        yield kept


def _uids() -> list[int]:
    events = (Event.STAYED, Event.HIRED, Event.WENT_FOR_FOOD, Event.PRICED_OUT, Event.BETRAYED,
              Event.ARRESTED_BY_GUARD, Event.HELPED, Event.SEIZED, Event.REPORTED)  # fmt: skip
    return sorted({uid for event in events for uid in uids_of(event, 3)})


def _spy(patch: pytest.MonkeyPatch, kept: Seen) -> None:
    def flips(case: Choosing) -> tuple[Flip, ...]:
        assert kept.moment is not None
        kept.choices.append((kept.moment, case))
        return choosing.flips(case)

    patch.setattr(considering, "flips", flips)
    made, met = Stranger.of, Informant.met

    def of(moment: Moment, *rest: object) -> Stranger:
        stranger = made(moment, *rest)  # type: ignore[arg-type]
        kept.strangers.append((moment, stranger))
        return stranger

    def meets(moment: Moment, scene: object, s: int, encounter: int) -> Informant:
        informant = met(moment, scene, s, encounter)  # type: ignore[arg-type]
        kept.informants.append((moment, s, encounter, informant))
        return informant

    patch.setattr(consenting.Stranger, "of", of)
    patch.setattr(stay.Informant, "met", meets)


def test_a_choice_turns_where_it_is_said_to_and_not_before(seen: Seen) -> None:
    turned = {"fee": 0, "risks": 0, "money": 0}
    for _, case in seen.choices:
        now = OUTCOMES[choosing.answer(case).mode]
        for flip in choosing.flips(case):
            if flip.then is None:
                continue
            away = 1.0 + BESIDE if flip.then > flip.now else 1.0 - BESIDE
            beyond = choosing.answer(choosing.changed(case, flip, away)).mode
            before = choosing.answer(choosing.changed(case, flip, 2.0 - away)).mode
            assert (OUTCOMES[before], OUTCOMES[beyond]) == (now, flip.outcome), flip
            turned[next(word for word in turned if word in flip.what)] += 1
    assert min(turned.values()) > 10, turned


def test_where_nothing_is_said_to_flip_a_choice_nothing_does(seen: Seen) -> None:
    tried = 0
    for _, case in seen.choices:
        now = choosing.answer(case).mode
        for flip in choosing.flips(case):
            if flip.then is not None:
                continue
            ceiling = 1.0 / flip.now if "risk" in flip.what else 1e3
            for factor in (1e-6, 0.1, 0.5, 2.0, 10.0, ceiling):
                at = Flip(flip.what, flip.unit, flip.now, flip.now * min(factor, ceiling), "")
                assert choosing.answer(choosing.changed(case, at, 1.0)).mode == now, flip
                tried += 1
    assert tried > 10


def engine_mode(moment: Moment, case: Choosing, factor: float) -> Mode:
    """What the compiled engine chooses for this person with all fees times a factor."""
    assert moment.scene is not None
    scene = moment.scene._replace(
        traffickers=moment.scene.traffickers.copy(), rows=moment.before.row.copy()
    )
    for offer in case.offers:
        for name in ("fee_border", "fee_interior"):
            fee = round(1000.0 * offer.fee * factor)
            scene.traffickers[name][offer.slot] = fee
    scratch = _scratch()
    reason = next(row.counterpart for row in moment.rows if row.event == Event.CONSIDERED)
    scratch.found[0] = (moment.uid, 0 if moment.before.known else NEVER, reason)
    month = month_of(world(), moment.month, 1)
    n = choose(month, scene, scratch, 1)
    return Mode(int(scratch.actors.mode[0])) if n else Mode.STAY


def _scratch():  # type: ignore[no-untyped-def]
    from bordersim.simulation import Engine

    scratch = Engine(world(), 1)._scratch
    return scratch._replace(
        found=records(FOUND, 1), actors=records(ACTOR, 1), utility=np.zeros(OFFERS)
    )


def test_the_engine_turns_at_the_same_fee(seen: Seen) -> None:
    turned = 0
    for moment, case in seen.choices:
        assert OUTCOMES[engine_mode(moment, case, 1.0)] == OUTCOMES[choosing.answer(case).mode]
        for flip in choosing.flips(case):
            if flip.then is None or "fee" not in flip.what or flip.then < 0.1:
                continue
            margin = 0.002 * len(case.offers) / min(offer.fee for offer in case.offers)
            factor = flip.then / flip.now  # fees are whole thousands: so near, and no nearer
            low, high = (
                engine_mode(moment, case, factor - margin),
                engine_mode(moment, case, factor + margin),
            )
            assert Mode.HIRE == low != high
            assert flip.outcome == OUTCOMES[low if factor < 1.0 else high]
            turned += 1
    assert turned > 10


def test_the_engine_s_informants_turn_at_the_same_yuan(seen: Seen) -> None:
    turned = dict.fromkeys(LEVERS, 0)
    for moment, s, encounter, informant in seen.informants:
        assert moment.scene is not None
        for flip in informant.flips():
            if flip.then is None:
                continue
            away = BESIDE * (1.0 + flip.then)
            away = away if flip.then > flip.now else -away
            for value, expected in (
                (flip.then + away, flip.outcome),
                (flip.then - away, DEEDS[informant.deed()]),
            ):
                levers = moment.act.levers.copy()
                levers[LEVERS[flip.what], s] = value
                choice, number = plainly(meet)(
                    moment.act._replace(levers=levers), moment.land, moment.laws.informant,
                    moment.scene.sectors, moment.uid, s, encounter,
                )  # fmt: skip
                assert DEEDS[Meeting(int(choice))] == expected, flip
                assert int(number) == informant.number
            turned[flip.what] += 1
    assert min(turned.values()) > 10, turned


def test_the_engine_s_guards_turn_at_the_same_bribe(seen: Seen) -> None:
    turned = 0
    for moment, stranger in seen.strangers:
        guard = stranger.guard
        for flip in stranger.flips():
            if flip.then is None or flip.what != "bribe offered":
                continue
            away = BESIDE if flip.then > flip.now else -BESIDE
            for value, expected in (
                (flip.then + away, flip.outcome),
                (flip.then - away, ANSWERS[stranger.answer()]),
            ):
                answer = plainly(ask_stranger)(
                    moment.act, moment.scene, guard.place, guard.slot, guard.sector,
                    moment.uid, value,
                )  # fmt: skip
                assert ANSWERS[Offer(int(answer))] == expected
            turned += 1
    assert turned > 5


def test_the_nearest_turn_of_lines() -> None:
    lines = [Line("a", 1.0), Line("b", 0.0, 1.0), Line("c", -10.0, 3.0), Line("d", 5.0, -1.0)]
    assert best_outcome(lines, 0.0) == "d"
    assert nearest_turn(lines, 0.0) == (2.5, "b")  # before d sinks to a, b has passed a
    assert nearest_turn(lines, 3.0) == (2.5, "d")
    assert nearest_turn(lines, 4.0) == (5.0, "c")
    assert nearest_turn(lines, 4.0, high=4.9) == (2.5, "d")
    assert nearest_turn(lines, 4.0, low=3.0, high=4.9) is None
    assert nearest_turn([Line("a", 1.0), Line("a", 0.0, 1.0)], 0.0) is None
    assert nearest_turn([Line("a", 1.0), Line("b", 0.0, -1.0)], 0.0) is None


def test_fee_and_budget_solve_the_money_term() -> None:
    for spent, budget in ((1.0, 3.0), (0.2, 0.21), (5.0, 80.0)):
        wanted = 2.5 * np.log(1.0 - spent / budget)
        assert highest_fee(budget, wanted, 2.5) == pytest.approx(spent)
        assert least_budget(spent, wanted, 2.5) == pytest.approx(budget)
    assert highest_fee(3.0, 0.1, 2.5) == -np.inf
    assert least_budget(1.0, 0.0, 2.5) == np.inf
