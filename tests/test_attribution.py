"""A change divided among factors: by the engine, at a hundredth of the nation."""

from __future__ import annotations

import math
from math import factorial
from pathlib import Path

import numpy as np
import pytest
from attributions import QUESTION, write_question
from sweeps import here

import bordersim as bs
from bordersim.attributing.answers import Attribution
from bordersim.attributing.api import answered
from bordersim.attributing.carrying import How, planned
from bordersim.attributing.coalitions import coalitions, inert
from bordersim.attributing.dividing import parts_of
from bordersim.attributing.reading import read_attribution
from bordersim.attributing.spec import MOMENTUM
from bordersim.errors import BordersimError
from bordersim.simulation import Course, simulate
from bordersim.sweeping import carrying_out
from bordersim.sweeping.queue import WorkQueue
from bordersim.sweeping.tasks import Item

NAMES = ("guards", "barriers", "china", "markets")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attribution")


@pytest.fixture(scope="module")
def months(folder: Path) -> list[int]:
    """Months simulated while ``answer`` was made."""
    return []


@pytest.fixture(scope="module")
def answer(folder: Path, months: list[int]) -> Attribution:
    file = write_question(folder)
    step = Course._advance_a_month

    def counted(course: Course) -> None:
        months.append(course.world.month)
        step(course)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying_out, "_workers", lambda _: here)
        patch.setattr(Course, "_advance_a_month", counted)
        return bs.attribute(file, out=folder / "results", workers=1)


def test_shares_and_momentum_are_the_change_to_the_last_person(answer: Attribution) -> None:
    for name in ("arrivals", "crossings"):
        game = answer.game(name)
        *shares, momentum, change = parts_of(game, NAMES)
        assert game.exact
        assert all(part.times.dtype == np.int64 for part in (*shares, momentum, change))
        assert (sum(part.times for part in shares) + momentum.times == change.times).all()
        real = (game.after[:, -1] - game.before) * factorial(4)
        assert (change.times == real).all()
    assert np.abs(change.times).min() > 0
    rows = answer.rows("fee")
    assert sum(row["share"] for row in rows[:-1]) == pytest.approx(rows[-1]["share"], rel=1e-12)


def test_a_factor_whose_levers_do_not_move_gets_exactly_nothing(answer: Attribution) -> None:
    assert inert(answer.question) == ("barriers",)
    for name in answer.observables:
        parts = {part.name: part.times for part in parts_of(answer.game(name), NAMES)}
        assert not parts["barriers"].any()
    crossings = {part.name: part.times for part in parts_of(answer.game("crossings"), NAMES)}
    assert all(crossings[other].any() for other in ("guards", "china", "markets"))
    row = next(row for row in answer.rows() if row["part"] == "barriers")
    keys = ("share", "low", "high", "mc_error", "first_in", "last_out", "least", "most")
    assert [row[key] for key in keys] == [0.0] * 8


def test_coalitions_are_what_they_say(answer: Attribution) -> None:
    asked = answer.question
    listed = coalitions(asked, asked.scenario)
    assert [listed[k].name for k in (0, 5, 15)] == ["real.none", "real.guards.china", "real.all"]
    levers = [key for key, spec in asked.scenario.catalogue.items() if spec.factor in NAMES]
    holds = [{"id": f"h-{key}", "lever": key, "op": "hold", "from": "1997-01"} for key in levers]
    game = answer.game("crossings")
    for position, scenario in ((0, asked.scenario.add(*holds)), (15, asked.scenario)):
        for group, seed in enumerate(game.seed):
            run = simulate(scenario, int(seed))
            years = run.annual("crossings")
            assert years[1997] == pytest.approx(game.after[group, position] * game.unit)
            assert years[1996] == pytest.approx(game.before[group] * game.unit)


def test_the_past_is_simulated_once_for_all_coalitions(
    answer: Attribution, months: list[int]
) -> None:
    assert answer.question.n_seeds == 2
    assert [months.count(month) for month in (0, 12, 23)] == [2, 2, 2]
    assert months.count(35) == 2 * 8  # half of sixteen: barriers are the same, real or held


def test_what_is_stored_is_not_simulated_again(
    answer: Attribution, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "_workers", lambda _: here)
    monkeypatch.setattr(Course, "advance", None)  # whoever simulates fails
    again = bs.attribute(folder / "small.yaml", out=folder / "results", workers=1)
    assert again.rows() == answer.rows()
    one = bs.attribute(folder / "small.yaml", seeds=1, out=folder / "results", workers=1)
    assert {row["pairs"] for row in one.rows()} == {1}
    with pytest.raises(BordersimError, match="no draw and seed of which every coalition is there"):
        bs.attribute(folder / "small.yaml", out=folder / "elsewhere", workers=1)


def test_a_study_of_fewer_runs_answers_for_what_is_whole(answer: Attribution, folder: Path) -> None:
    question = read_attribution(folder / "small.yaml", seeds=3)
    how = How(folder / "results", 1)
    found = answered(question, planned(question, how), how)
    pairs = found.rows("fee")[0]["pairs"]  # so small a nation sells a crossing in some seeds only
    empty = f"{2 - pairs} of 2 draws x seeds, which are left out of it"
    empty = f"point: fee has nothing to measure in {empty}"
    left_out = "point: 1 of 3 draws x seeds left out, a run is missing"
    assert found.notes() == [left_out, *([empty] if pairs < 2 else [])]
    assert math.isnan(found.rows("fee")[0]["low"]) == (pairs < 2)
    assert found.rows("crossings")[0]["pairs"] == 2


def test_tables_of_every_share(answer: Attribution) -> None:
    table = answer.table("crossings").set_index("part")
    assert list(table.index) == [*NAMES, MOMENTUM, "change"]
    assert table.loc["change", "of_change"] == 1.0
    assert table["of_change"].iloc[:-1].sum() == pytest.approx(1.0)
    assert (table.least[:4] <= table.share[:4]).all()
    assert (table.share[:4] <= table.most[:4]).all()
    shares = answer.to_df().query("observable == 'crossings'").pivot_table("value", "seed", "part")
    assert shares["change"].to_numpy() == pytest.approx(
        shares[[*NAMES, MOMENTUM]].sum(axis=1).to_numpy()
    )
    assert list(answer.table().observable.unique()) == list(answer.observables)
    pairs = {frozenset((row["factor"], row["with"])): row for row in answer.interactions()}
    assert len(pairs) == 6
    assert {row["interaction"] for pair, row in pairs.items() if "barriers" in pair} == {0.0}
    assert set(answer.identifiability().verdict) == {"not judged: no prior draws", "moves nothing"}
    assert "Momentum" in answer._repr_html_()


def test_what_was_under_way_may_pass(folder: Path) -> None:
    held = read_attribution(write_question(folder / "..", text=QUESTION))
    passed = read_attribution(write_question(folder / "..", "passing: [hunger]\n"))
    lever = list(held.scenario.catalogue).index("economy.food_shortage")
    real = held.scenario.lever_paths()[:, lever, 6:]
    frozen, passing = (
        coalitions(one, one.scenario)[0].lever_paths()[:, lever, 6:] for one in (held, passed)
    )
    assert np.array_equal(frozen[:24], real[:24])
    assert np.array_equal(passing[:24], real[:24])
    assert (frozen[24:] == real[23]).all()
    assert np.allclose(passing[24:27], real[23])
    assert np.allclose(passing[27:], real[23] + 0.1)


def test_a_task_holds_whole_pasts() -> None:
    items = [
        Item(scenario, (), (float(draw),), seed, f"{seed}-{draw}-{scenario}")
        for seed in (1, 2)
        for draw in range(3)
        for scenario in range(16)
    ]
    queue = WorkQueue(items[3:], (), 2.0, together=True)  # five would be wanted of such a length
    sizes = []
    while queue:
        task = queue.take(2)
        sizes.append(len(task.items))
        assert len({(item.seed, item.draw) for item in task.items}) == 1
    assert sizes == [13, 16, 16, 16, 16, 16]
