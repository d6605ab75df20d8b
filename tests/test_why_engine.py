"""``why`` against single kernels of the engine, in cases that lives seldom meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from why_lives import uids_of, world

from bordersim.agents.clocks import clocks_in_china
from bordersim.agents.crossings import seek_consent
from bordersim.codes import Event, Offer, Status
from bordersim.explain import crossing
from bordersim.explain.life import explain_month
from bordersim.explain.plainly import plainly
from bordersim.explain.replay import Moment, Replay
from bordersim.explain.stay import MonthInChina, Stay, rates_of
from bordersim.scratch import CALL
from bordersim.simulation import Engine
from bordersim.state import FLAG_HELPED, FLAG_KIN, FLAG_TRIP, Scene, new_roster, records

BESIDE = 1e-6
Sought = tuple[Moment, Scene, int, int]


@pytest.fixture(scope="module", autouse=True)
def _overflowing() -> Iterator[None]:
    with np.errstate(over="ignore"):
        yield


@pytest.fixture(scope="module")
def sought() -> list[Sought]:
    """Months in which a trafficker asked guards: with the place and the sector."""
    found: list[Sought] = []

    def seek(moment: Moment, scene: Scene, j: int, sector: int, room: float) -> object:
        found.append((moment, scene, j, sector))
        return asked(moment, scene, j, sector, room)

    asked = crossing.seek_consent
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crossing, "seek_consent", seek)
        for uid in uids_of(Event.HIRED, 12):
            replay = Replay(world(), 1, uid)
            for moment in replay.moments():
                explain_month(replay.who, moment, world().places.sectors)
    return found


def test_a_known_guard_trades_from_the_bribe_on_that_is_said(sought: list[Sought]) -> None:
    turned = 0
    for moment, scene, j, sector in sought:
        told = crossing.seek_consent(moment, scene, j, sector, 0.5).decisions
        if not told or told[0].kind != "known_guard":
            continue
        (flip,) = told[0].flips
        assert flip.then is not None
        for room in (flip.then - BESIDE, flip.then + BESIDE):
            answer, bribe, _, stranger = plainly(seek_consent)(
                moment.act, scene, j, sector, moment.uid, room
            )
            trades = Offer(int(answer)) == Offer.ACCEPT and not stranger
            assert trades == (room > flip.then)
            explained = crossing.seek_consent(moment, scene, j, sector, room)
            assert (explained.answer, explained.bribe) == (Offer(int(answer)), int(bribe))
        turned += 1
    assert turned > 3


@pytest.mark.parametrize("flags", [0, FLAG_TRIP, FLAG_KIN, FLAG_HELPED])
def test_every_month_of_a_stay_has_the_engine_s_clocks(sought: list[Sought], flags: int) -> None:
    """Stays of up to five years, of people as they come, on a trip or not, helped or not."""
    engine = Engine(world(), 1)
    engine._make_room_abroad(1)
    rang = met = 0
    for moment, scene, _, sector in sought:
        who = Replay(world(), 1, moment.uid).who
        months = [(m, n) for m in range(4, 120, 5) for n in (0, 1, 3, 6, 12, 30, 59) if n <= m]
        for month, stayed in months:
            act = moment.act._replace(month=month)
            stay = Stay(sector, month - stayed, flags)
            row = moment.before.row.copy()
            row.status[0], row.sector[0], row.left[0] = Status.CHINA, sector, stay.left
            row.tags[0], row.sex[0], row.age[0] = flags, who.sex, who.age_band
            roster = new_roster(moment.land.block.people, 1)
            roster.used[Status.CHINA] = 1
            scratch = engine._scratch._replace(calls=records(CALL, 1))
            n = plainly(clocks_in_china)(act, scene._replace(rows=row, roster=roster), scratch)
            told = MonthInChina(who, replace(moment, act=act), scene, stay)
            rates = rates_of(who, told.moment, stay)
            cause, at = told._first_clock(rates)
            if n == 0:
                assert cause == 0
                continue
            call = scratch.calls[0]
            assert (int(call.cause), float(call.at), float(call.rate)) == (
                cause,
                at,
                rates.meetings,
            )
            rang, met = rang + (cause > 0), met + 1
    assert rang > 5
    assert met > 50
