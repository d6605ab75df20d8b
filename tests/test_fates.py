"""What became of each person: fates, the matrix, and its sums, which are the effects."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_worlds import busy, policy
from fuzz_scenarios import scenario_files
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bordersim.codes import Cause, Event, Status
from bordersim.comparing.fates import FATE_WORDS, Chronicle, Fate, Lives
from bordersim.comparing.imposing import imposed_lives
from bordersim.comparing.ledger import COUNTED, EARLIER, LATER, Ledger, matrix_of
from bordersim.comparing.lives import DEATHS, Followed, books_of, lives_of
from bordersim.engine import Engine
from bordersim.errors import BordersimError
from bordersim.reports import Period
from bordersim.results import Run
from bordersim.scenario import Scenario, load
from bordersim.simulation import simulate, simulate_imposed
from bordersim.state import BLOCK_BITS, EVENT_FIELDS
from bordersim.study import Study

WINDOW = Period(12, 35)
SEED = 3
ARRIVING = {"china.onward_late": 0.08, "china.onward_middle": 96.0, "china.onward_width": 48.0}
"""Many reach the South within three years."""


@pytest.fixture(scope="module")
def pair() -> tuple[Scenario, Scenario]:
    base = busy(0.004, "1997-12").with_parameters(ARRIVING).named("base")
    return base, base.add(policy("china.refoulement", 0.0, "1996-01")).named("kinder")


@pytest.fixture(scope="module")
def study(pair: tuple[Scenario, Scenario]) -> Study:
    return Study.of([simulate(one, seed) for one in pair for seed in (SEED, SEED + 1)])


@pytest.fixture(scope="module")
def ledger(study: Study, pair: tuple[Scenario, Scenario]) -> Ledger:
    return study.compare(*pair, window="1996:1997").ledger(split=True)


SIZES = np.array([4, 3])


def log(*events: tuple[int, Event, int, int]) -> np.ndarray:
    """Rows of a month's log: uid, event, counterpart, sequence."""
    rows = np.zeros((len(events), len(EVENT_FIELDS)), np.int64)
    for row, (uid, event, counterpart, sequence) in zip(rows, events, strict=True):
        for name, value in {
            "uid": uid, "event": event, "counterpart": counterpart, "sequence": sequence,
        }.items():  # fmt: skip
            row[EVENT_FIELDS.index(name)] = value
    return rows


def fates_of(*months: np.ndarray, first: int = 0, in_china: tuple[int, ...] = ()) -> list[Fate]:
    """Fates of seven people in two blocks after these months."""
    window = Period(first, len(months) - 1)
    chronicle = Chronicle(SIZES, window, np.array(in_china, np.int64))
    for month, happened in enumerate(months):
        chronicle.take(month, happened)
    return [Fate(code) for code in chronicle.lives().fate]


SECOND = 1 << BLOCK_BITS
"""First uid of the second block."""


def one(*events: tuple[Event, int, int]) -> Fate:
    """Fate of a person of the second block to whom these happen in one month."""
    fates = fates_of(log(*((SECOND + 1, *event) for event in events)))
    assert all(fate is Fate.NEVER_CONSIDERED for k, fate in enumerate(fates) if k != 5)
    return fates[5]


@pytest.mark.parametrize(
    ("fate", "events"),
    [
        (Fate.STAYED, [(Event.CONSIDERED, 0, 0), (Event.STAYED, -1, 0)]),
        (Fate.PRICED_OUT, [(Event.PRICED_OUT, 2, 0), (Event.STAYED, -1, 0)]),
        (Fate.UNSERVED, [(Event.CONSIDERED, 0, 0), (Event.UNSERVED, -1, 0)]),
        (Fate.TURNED_BACK, [(Event.HIRED, 7, 0), (Event.REFUSED, 5, 0)]),
        (Fate.CAUGHT_RIVER, [(Event.HIRED, 7, 0), (Event.ARRESTED_BY_GUARD, 5, 0)]),
        (Fate.CAUGHT_RIVER, [(Event.HIRED, 7, 0), (Event.BETRAYED, 5, 0)]),
        (Fate.CAUGHT_RIVER, [(Event.BRIBED, 5, 0), (Event.DETECTED, -1, 1)]),
        (Fate.CAUGHT_RIVER, [(Event.WENT_UNAIDED, -1, 0), (Event.DETECTED, 5, 0)]),
        (Fate.DIED, [(Event.DETECTED, 5, 0), (Event.SHOT_RIVER, -1, 2)]),
        (Fate.DIED, [(Event.DROWNED, -1, 2)]),
        (Fate.IN_CHINA, [(Event.DETECTED, 5, 0), (Event.BRIBED, 5, 1), (Event.CROSSED, -1, 3)]),
        (Fate.RETURNED, [(Event.CROSSED, -1, 3), (Event.RETURNED_HOME, -1, 0)]),
        (Fate.INFORMED_ON, [(Event.CROSSED, -1, 3), (Event.REPATRIATED, Cause.REPORT, 1)]),
        (Fate.INFORMED_ON, [(Event.CROSSED, -1, 3), (Event.REPATRIATED, Cause.SEIZURE, 1)]),
        (Fate.CAUGHT_CHINA, [(Event.CROSSED, -1, 3), (Event.REPATRIATED, Cause.ROUTE, 0)]),
        (Fate.CAUGHT_CHINA, [(Event.CROSSED, -1, 3), (Event.REPATRIATED, Cause.PATROL, 0)]),
        (Fate.IN_CHINA, [(Event.CROSSED, -1, 3), (Event.PROTECTED, Cause.REPORT, 0)]),
        (Fate.DIED, [(Event.CROSSED, -1, 3), (Event.SHOT_CHINA, Cause.PATROL, 0)]),
        (Fate.ON_THE_WAY, [(Event.CROSSED, -1, 3), (Event.WENT_ONWARD, -1, 0)]),
        (Fate.ARRIVED, [(Event.OFFICIAL_LEFT, -1, 0), (Event.ARRIVED, -1, 1)]),
        (Fate.NEVER_CONSIDERED, [(Event.NEWS, 3, 2), (Event.REMITTED, -1, 3)]),
    ],
)
def test_a_fate_is_what_the_events_say(fate: Fate, events: list[tuple[Event, int, int]]) -> None:
    assert one(*events) is fate
    assert one(*reversed(events)) is fate


def test_who_is_in_china_at_first_is_followed_without_an_event() -> None:
    assert fates_of(log(), in_china=(2,))[2] is Fate.IN_CHINA


def test_of_several_things_in_the_north_the_gravest_counts_and_abroad_where_one_is() -> None:
    caught, thought = log((0, Event.DETECTED, 5, 0)), log((0, Event.STAYED, -1, 0))
    released = log((0, Event.RELEASED, -1, 0))
    assert fates_of(caught, released, thought)[0] is Fate.CAUGHT_RIVER
    assert fates_of(caught, released, log((0, Event.CROSSED, -1, 3)))[0] is Fate.IN_CHINA
    assert fates_of(caught, log((0, Event.DIED_CUSTODY, -1, 0)))[0] is Fate.DIED


def test_what_was_before_the_window_counts_only_for_the_gone_and_those_in_custody() -> None:
    empty = log()
    before = {
        Fate.NEVER_CONSIDERED: log((0, Event.STAYED, -1, 0)),
        Fate.ARRIVED_BEFORE: log((0, Event.ARRIVED, -1, 1)),
        Fate.DIED_BEFORE: log((0, Event.DROWNED, -1, 2)),
        Fate.INFORMED_ON: log((0, Event.REPATRIATED, Cause.REPORT, 0)),
        Fate.IN_CHINA: log((0, Event.CROSSED, -1, 3)),
    }
    for fate, month in before.items():
        assert fates_of(month, empty, first=1)[0] is fate
    served = (log((0, Event.REPATRIATED, Cause.REPORT, 0)), log((0, Event.RELEASED, -1, 0)))
    assert fates_of(*served, empty, first=2)[0] is Fate.NEVER_CONSIDERED


def test_every_status_is_that_of_the_world_and_every_thought_is_seen(
    pair: tuple[Scenario, Scenario],
) -> None:
    """The log alone says where everybody is: compared with the engine's own rows."""
    engine = Engine(pair[0], SEED)
    world, ends = engine.first_world(), WINDOW.last + 1
    for _ in range(ends):
        world, _ = engine.step(world, *engine.blank_books(1))
    rows = world.rows[: int(world.roster.rows[0])]
    sizes = engine.land.block.people
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    at = starts[rows["uid"] >> BLOCK_BITS] + (rows["uid"] & ((1 << BLOCK_BITS) - 1))
    expected = np.full(int(sizes.sum()), Status.HOME)
    expected[at] = rows["status"]
    lives, _ = lives_of(pair[0], SEED, WINDOW)
    np.testing.assert_array_equal(lives.status, expected)
    whole, _ = lives_of(pair[0], SEED, Period(0, WINDOW.last))
    run = simulate(pair[0], SEED, events=True)
    assert run.events is not None
    thought = np.unique(run.events["uid"][run.events["event"] == Event.CONSIDERED])
    fates = whole.fate[starts[thought >> BLOCK_BITS] + (thought & ((1 << BLOCK_BITS) - 1))]
    assert thought.size > 1000
    assert fates.min() > Fate.NEVER_CONSIDERED
    assert len(np.unique(whole.fate)) == len(Fate) - 2  # all but those before the window


def agents(run: Run, names: tuple[str, ...], window: Period) -> int:
    return sum(round(run.between(n, window.first, window.last).sum() * run.scale) for n in names)


def test_the_margins_are_the_effects_for_every_pair(ledger: Ledger, study: Study) -> None:
    people = ledger.matrices.sum(axis=(1, 2))
    assert people.tolist() == [people[0]] * 2
    runs = {(run.scenario_name, run.seed): run for run in study}
    effects = ledger.effects()
    for k, seed in enumerate((SEED, SEED + 1)):
        a, b = runs["base", seed], runs["kinder", seed]
        assert isinstance(a, Run)
        assert isinstance(b, Run)
        end = Period(WINDOW.last, WINDOW.last)
        expected = {
            "arrivals": agents(b, ("arrivals",), WINDOW) - agents(a, ("arrivals",), WINDOW),
            "deaths": agents(b, DEATHS, WINDOW) - agents(a, DEATHS, WINDOW),
            "in China at the end": agents(b, ("stock_china",), end)
            - agents(a, ("stock_china",), end),
            "on the way at the end": agents(b, ("stock_transit",), end)
            - agents(a, ("stock_transit",), end),
        }
        assert dict(zip(COUNTED, effects[k].tolist(), strict=True)) == expected
        assert expected["in China at the end"] > 0


def test_the_sources_of_an_effect_sum_to_it(ledger: Ledger) -> None:
    summary = ledger.summary()
    for name in COUNTED:
        assert ledger.sources(name)["net"].sum() == pytest.approx(summary.loc[name, "effect"])
    assert (summary["b"] - summary["a"]).to_numpy() == pytest.approx(summary["effect"].to_numpy())
    moves = ledger.moves()
    frame = ledger.to_df()
    stay = sum(frame.loc[name, name] for name in FATE_WORDS.values())
    assert moves["people"].sum() + stay == pytest.approx(frame.to_numpy().sum())
    with pytest.raises(BordersimError, match="no effect here"):
        ledger.sources("fees")


def test_direct_and_market_add_up_person_by_person(ledger: Ledger) -> None:
    assert ledger.direct is not None
    assert ledger.market is not None
    np.testing.assert_array_equal(
        ledger.direct.effects() + ledger.market.effects(), ledger.effects()
    )
    # the middle is one and the same: who reaches it in one leaves it in the other
    middle = ledger.direct.matrices.sum(axis=1)[:, : len(Fate)]
    middle[:, Fate.ARRIVED] += ledger.direct.matrices[:, :, [EARLIER, LATER]].sum(axis=(1, 2))
    np.testing.assert_array_equal(middle, ledger.market.matrices.sum(axis=2))
    assert ledger.direct.effects().any()
    assert ledger.market.effects().any()


def test_the_imposed_world_is_that_of_simulate_imposed(pair: tuple[Scenario, Scenario]) -> None:
    lives = imposed_lives(*pair, SEED, WINDOW)
    run = simulate_imposed(pair[1], pair[0], SEED)
    books = books_of(run, WINDOW)
    assert int((lives.fate == Fate.ARRIVED).sum()) == books.arrivals
    assert int((lives.status == Status.CHINA).sum()) == books.stocks["stock_china"]
    own = imposed_lives(pair[1], pair[1], SEED, WINDOW)
    np.testing.assert_array_equal(own.fate, lives_of(pair[1], SEED, WINDOW)[0].fate)


def test_arrivals_in_both_are_told_apart_by_their_month() -> None:
    def lives(*months: int) -> Lives:
        n = len(months)
        return Lives(np.full(n, Fate.ARRIVED, np.uint8), np.array(months, np.int16), np.zeros(n))

    matrix = matrix_of(lives(5, 5, 5, 9), lives(5, 4, 6, 12))
    everybody_arrives = Ledger(matrix[None], 1.0, WINDOW)
    assert not everybody_arrives.effects().any()
    assert everybody_arrives.summary().loc["arrivals", "b"] == 4
    counts = matrix[Fate.ARRIVED]
    assert (counts[Fate.ARRIVED], counts[EARLIER], counts[LATER]) == (1, 1, 2)
    assert counts.sum() == 4


def test_other_people_cannot_be_followed(pair: tuple[Scenario, Scenario]) -> None:
    lives = lives_of(pair[0], SEED, Period(0, 0))[0]
    fewer = lives_of(pair[0].scaled(0.002), SEED, Period(0, 0))[0]
    with pytest.raises(BordersimError, match="compare scenarios of the same population"):
        matrix_of(lives, fewer)


def test_a_log_that_disagrees_with_the_record_is_refused(
    pair: tuple[Scenario, Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Chronicle.take

    def forgets(self: Chronicle, month: int, happened: np.ndarray) -> None:
        event = happened[:, EVENT_FIELDS.index("event")]
        taken(self, month, happened[event != Event.RETURNED_HOME])

    monkeypatch.setattr(Chronicle, "take", forgets)
    with pytest.raises(BordersimError, match="please report"):
        lives_of(pair[0], SEED, WINDOW)


def test_a_run_of_other_code_is_refused(pair: tuple[Scenario, Scenario]) -> None:
    run = simulate(pair[0], SEED)
    run.record[20] += 1
    damaged = Study.of([run, simulate(pair[1], SEED)])
    with pytest.raises(BordersimError, match="made by other code"):
        damaged.compare(*pair, window="1996").ledger()


def test_a_scenario_that_is_not_at_hand_is_told(study: Study) -> None:
    with pytest.raises(BordersimError, match="was made from none of the scenarios at hand"):
        study.compare("base", "kinder", window="1996").ledger()


def test_it_shows_itself(ledger: Ledger) -> None:
    html = ledger._repr_html_()
    assert "Fates in kinder" in html
    assert "through market" in html
    figure = ledger.plot()
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert f"arrived {ledger.summary().loc['arrivals', 'b']:,.0f}" not in texts  # only changes
    gained = ledger.sources()["gained"].sum()
    assert f"arrived {gained:,.0f}" in texts
    same = replace(ledger, matrices=np.zeros_like(ledger.matrices))
    assert same.moves().empty
    same.plot()


@settings(
    max_examples=400 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 8,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much,
    ],
)  # fmt: skip
@given(data=st.data(), seed=st.integers(0, 2**63 - 1))
def test_margins_are_exact_for_any_two_scenarios(
    data: st.DataObject, seed: int, tmp_path: Path
) -> None:
    """Of the same people: the second takes the first's places, parameters of people and world."""
    a, b = (load(data.draw(scenario_files(tmp_path))) for _ in range(2))
    b = replace(b, scale=a.scale, world_seed=a.world_seed)
    last = min(a.end_month, b.end_month, 71)
    window = Period(data.draw(st.integers(0, last)), last)
    try:
        simulations = [
            simulate(replace(one, start_month=0, end_month=last), seed) for one in (a, b)
        ]
    except BordersimError:
        assume(False)
    sides = [lives_of(one, seed, window) for one in (a, b)]
    matrix = matrix_of(sides[0][0], sides[1][0])
    found = Ledger(matrix[None], a.scale, window).effects()[0].tolist()
    one, other = (books_of(run, window) for run in simulations)
    assert [side[1] for side in sides] == [one, other]
    assert found[:2] == [other.arrivals - one.arrivals, other.deaths - one.deaths]
    assert found[2] == other.stocks["stock_china"] - one.stocks["stock_china"]
    assert found[3] == other.stocks["stock_transit"] - one.stocks["stock_transit"]
    assert matrix.sum() == sides[0][0].fate.size
    assert matrix_of(sides[0][0], sides[0][0]).trace() == matrix.sum()


def test_followed_drops_the_log_and_knows_when_it_is_done(pair: tuple[Scenario, Scenario]) -> None:
    followed = Followed(pair[0], SEED, Period(0, 1))
    assert not followed.done
    followed.advance()
    followed.advance()
    assert followed.done
    assert followed.end()[1].stocks["stock_home"] > 0
