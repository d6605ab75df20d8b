"""``why``: explained decisions are the logged ones, of every kind that there is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from engine_worlds import busy, policy
from why_lives import life_of, logged_run, rows_of_log, uids_of, world

from bordersim.codes import Event, Status
from bordersim.errors import BordersimError, ScenarioError
from bordersim.explain import Decision, ExplanationMismatchError, explain_life, pick_uids
from bordersim.explain.plainly import plainly
from bordersim.rng import draw2, gumbel
from bordersim.simulation import simulate

PERSONAL = [event for event in Event if event < Event.GUARD_INSPECTED]

DECIDED = {
    "choice": ("stays", "goes alone", "goes for food", "turns to", "no offer met could be paid"),
    "matching": ("served by", "all are full"),
    "known_guard": ("accept", "refuse"),
    "guard_who_saw": ("accept", "refuse"),
    "new_guard": ("refuse", "accept", "arrest", "betray"),
    "meeting": ("is passed by", "is helped", "is reported", "is seized"),
    "crossing": ("turned back by the wire", "nobody can be asked", "shot dead", "drowns", "caught"),
    "arrest": ("shot dead", "escapes", "let go", "returned"),
    "custody": ("a term begins", "released", "dies"),
    "official": ("leaves",),
    "onward": ("leaves for the South", "stopped"),
}
"""Kind of decision to what it can come to, all of which the lives below must show."""


@pytest.fixture(scope="module")
def decided() -> list[Decision]:
    """Decisions of the lives of which some event is part, two lives an event."""
    uids = {uid for event in PERSONAL for uid in uids_of(event)}
    for event in (Event.UNSERVED, Event.HIRED, Event.SETTLED_LONG, Event.RETURNED_HOME):
        uids |= set(uids_of(event, 12))
    return [decision for uid in sorted(uids) for decision in life_of(uid).decisions]


@pytest.mark.parametrize("event", PERSONAL, ids=lambda event: event.name.lower())
def test_every_row_of_a_life_is_worked_out_anew(event: Event) -> None:
    uids = uids_of(event)
    assert uids
    for uid in uids:
        life = life_of(uid)
        told = {month.month: sorted(row for d in month.decisions for row in d.rows)
                for month in life.months}  # fmt: skip
        assert told == {
            month: sorted(rows) for month, rows in rows_of_log(logged_run(), uid).items()
        }
        assert any(row.event == event for rows in told.values() for row in rows)


@pytest.mark.parametrize("kind", DECIDED)
def test_every_kind_of_decision_occurs(kind: str, decided: list[Decision]) -> None:
    choices = [decision.choice for decision in decided if decision.kind == kind]
    for outcome in DECIDED[kind]:
        assert any(outcome in choice for choice in choices), outcome


def test_what_is_chosen_is_the_best_of_the_alternatives(decided: list[Decision]) -> None:
    verbs = {"stay": "stays", "go alone": "goes alone", "go for food": "goes for food"}
    compared = 0
    for decision in decided:
        if decision.kind not in ("choice", "meeting", "new_guard"):
            continue
        found = [one for one in decision.alternatives if one.utility is not None]
        best = max(found, key=lambda one: one.utility or 0.0)
        said = verbs.get(best.outcome, best.outcome)
        said = {"hire": "turns to", "ignore": "passed by", "report": "reported"}.get(said, said)
        assert said in decision.choice
        compared += 1
        for one in found:
            assert one.error is not None
            assert one.utility == pytest.approx(sum(one.terms.values()) + one.error, abs=1e-9)
    assert compared > 200


def test_a_choice_has_all_that_is_open_and_why_the_rest_is_not(decided: list[Decision]) -> None:
    closed = {one.obstacle.split()[0] for d in decided for one in d.alternatives if one.obstacle}
    assert closed >= {"costs", "no"}  # a fee beyond one's means, no way to the river
    for decision in decided:
        for one in decision.alternatives:
            if decision.kind == "choice":
                assert (one.utility is None) == bool(one.obstacle)


def test_a_plain_function_calls_nothing_compiled() -> None:
    import numpy as np

    def names(function: object) -> Iterator[object]:
        world = function.__globals__  # type: ignore[attr-defined]
        yield from (world[name] for name in function.__code__.co_names if name in world)  # type: ignore[attr-defined]

    assert not any(hasattr(one, "py_func") for one in names(plainly(draw2)))
    with np.errstate(over="ignore"):
        bits = plainly(draw2)(np.uint64(12345), 6, 7)
        assert int(bits) == int(np.uint64(draw2(np.uint64(12345), 6, 7)))
        assert plainly(gumbel)(bits) == gumbel(np.uint64(bits))


def test_a_life_without_history_is_traits_and_chances() -> None:
    log = logged_run().events
    assert log is not None
    quiet = next(uid for uid in range(5000) if uid not in set(log["uid"].tolist()))
    life = life_of(quiet)
    assert (life.months, life.status) == ((), Status.HOME)
    assert "Nothing happened to this person from 1995-01 to 2004-12" in str(life)
    assert set(life.chances) == set(range(1995, 2005))
    assert all(0.0 < chance < 1.0 for chance in life.chances.values())


def test_one_month_has_every_number_even_when_nothing_happened() -> None:
    uid = next(u for u in uids_of(Event.WENT_ONWARD) if len(life_of(u).months) > 2)
    crossed = next(m for m in life_of(uid).months if any(r.event == Event.CROSSED for r in m.rows))
    same = logged_run().why(uid, at=month_text(crossed.month), scenario=world())
    assert [month.rows for month in same.months] == [crossed.rows]
    quiet = next(
        m for m in range(crossed.month, 119) if m not in {x.month for x in life_of(uid).months}
    )
    told = explain_life(logged_run(), uid, at=month_text(quiet), scenario=world())
    assert [month.rows for month in told.months] == [()]
    assert "nothing happens" in str(told)
    if told.status == Status.CHINA:
        assert "patrol or raid: no" in str(told)


def month_text(month: int) -> str:
    return f"{1995 + month // 12}-{month % 12 + 1:02d}"


def test_the_document_is_plain_data_and_the_text_and_page_name_each_month() -> None:
    life = life_of(uids_of(Event.ARRIVED)[0])
    document = json.loads(json.dumps(life.document(), default=str))
    assert document["person"]["uid"] == life.uid
    assert [month["month"] for month in document["months"]] == [
        month_text(month.month) for month in life.months
    ]
    text, page = str(life), life._repr_html_()
    for month in document["months"]:
        assert month["month"] in text
        assert month["month"] in page
    assert max(map(len, text.splitlines())) <= 100
    assert "nobody in the world has this life" in text
    assert "nobody in the world has this life" in page


def test_a_difference_from_the_log_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_is_seen = "bordersim.explain.crossing.seen_chance"
    monkeypatch.setattr(everybody_is_seen, lambda exponent: 1.0)
    found = explain_all(uids_of(Event.CROSSED, 6))
    assert found
    assert all("explained: " in str(error) and "logged: " in str(error) for error in found)


def explain_all(uids: list[int]) -> list[ExplanationMismatchError]:
    """Mismatches of lives."""
    found = []
    for uid in uids:
        try:
            explain_life(logged_run(), uid, scenario=world())
        except ExplanationMismatchError as error:
            found.append(error)
    return found


@pytest.mark.parametrize("uid", [-1, 99 << 25, (1 << 25) - 1])
def test_nobody_has_such_a_uid(uid: int) -> None:
    with pytest.raises(ScenarioError, match=r"nobody has uid .*north hamgyong 0-\d+ poor"):
        explain_life(logged_run(), uid, scenario=world())


def test_a_month_beyond_the_run() -> None:
    with pytest.raises(ScenarioError, match="simulated from 1995-01 to 2004-12"):
        explain_life(logged_run(), 0, at="2010-01", scenario=world())
    with pytest.raises(ScenarioError, match="expected a month"):
        explain_life(logged_run(), 0, at="soon", scenario=world())


def test_a_run_of_another_world_is_found_out() -> None:
    other = simulate(busy(0.002, "1995-03"), 2)
    object.__setattr__(other, "run_id", simulate(busy(0.002, "1995-03"), 1).run_id)
    object.__setattr__(other, "seed", 1)  # its record is that of seed 2
    with pytest.raises(BordersimError, match="is not what the run says"):
        explain_life(other, 0, scenario=busy(0.002, "1995-03"))


def test_picks_are_drawn_by_key_among_those_to_whom_it_happened() -> None:
    run = logged_run()
    arrived = pick_uids(run, "arrived", world(), 5)
    assert len(set(arrived)) == 5
    assert arrived == pick_uids(run, "arrived", world(), 5)
    assert set(arrived) <= set(uids_of(Event.ARRIVED, 10**6))
    unlogged = simulate(world(), 1)
    assert pick_uids(unlogged, "arrived", world(), 5) == arrived
    with pytest.raises(ScenarioError, match='did you mean "arrived"'):
        pick_uids(run, "arived", world())
    nobody = simulate(world().until("1995-01"), 1)
    with pytest.raises(BordersimError, match='nobody was ever "arrived"'):
        pick_uids(nobody, "arrived", world().until("1995-01"))


def test_two_lives_part_where_a_policy_parts_them() -> None:
    """A policy from 2001 on: lives are one until then, and some part after."""
    shut = world().add(policy("border.closure", 1.0, "2001-01"))
    there = simulate(shut, 1, events=True)
    log = logged_run().events
    assert log is not None
    after = [uid for uid in uids_of(Event.HIRED, 40) if max(rows_of_log(logged_run(), uid)) >= 72]
    parted = 0
    for uid in after[:10]:
        here, other = rows_of_log(logged_run(), uid), rows_of_log(there, uid)
        first = next(
            (m for m in range(120) if sorted(here.get(m, [])) != sorted(other.get(m, []))), None
        )
        life = explain_life(logged_run(), uid, versus=there, scenario=world(), versus_scenario=shut)
        assert life.parting is not None
        assert life.parting["levers_part"] == {"month": "2001-01", "levers": ["border.closure"]}
        assert life.parting["month"] == (None if first is None else month_text(first))
        if first is not None:
            assert first >= 72
            assert life.parting["here"] != life.parting["there"]
            assert f"The two lives part in {month_text(first)}" in str(life)
            parted += 1
    assert parted > 0


def test_a_uid_is_another_person_at_another_scale() -> None:
    other = simulate(busy(0.003, "1995-01"), 1)
    with pytest.raises(ScenarioError, match="not of the same people"):
        explain_life(
            logged_run(), 0, versus=other, scenario=world(),
            versus_scenario=busy(0.003, "1995-01"),
        )  # fmt: skip
