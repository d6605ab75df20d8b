"""The engine as a Mesa model: the same numbers, Mesa's own tools, views instead of objects."""

from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest
from engine_worlds import busy, shipped

import bordersim as bs
from bordersim.codes import OBSERVABLES, Event, Obs, Status
from bordersim.data_files import scenarios_folder
from bordersim.errors import BordersimError, ScenarioError
from bordersim.mesa_model import BorderModel
from bordersim.mesa_views import KINDS, Guard, ReadOnlyError, Resident, Trafficker
from bordersim.results import Run
from bordersim.simulation import simulate

END = "1997-05"
MONTHS = 29


@pytest.fixture(scope="module")
def alone() -> Run:
    """The run that the model must equal."""
    return simulate(busy(0.01, END), 3, events=True)


@pytest.fixture(scope="module")
def model() -> BorderModel:
    """The model after its last month."""
    made = BorderModel(busy(0.01, END), seed=3, events=True)
    made.run_model()
    return made


def test_every_observable_of_every_month_is_that_of_a_run(model: BorderModel, alone: Run) -> None:
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame["month"].tolist() == alone.months().astype(str).tolist()
    assert frame.shape == (MONTHS, 1 + len(OBSERVABLES))
    for name in OBSERVABLES:
        np.testing.assert_array_equal(frame[name], alone.monthly(name).to_numpy())
    assert frame["attempts_hire"].sum() > 0
    assert frame["fee_median"].notna().any()


def test_the_results_are_the_run_to_the_bit(model: BorderModel, alone: Run) -> None:
    results = model.results
    assert results.digests == alone.digests
    assert results.run_id == alone.run_id
    assert results.inputs == alone.inputs
    np.testing.assert_array_equal(results.record, alone.record)
    np.testing.assert_array_equal(results.ledger, alone.ledger)
    assert results.events is not None
    assert alone.events is not None
    for name, column in alone.events.items():
        np.testing.assert_array_equal(results.events[name], column)


def test_a_model_half_way_is_a_run_that_ends_there() -> None:
    model = BorderModel(busy(0.01, END), seed=3)
    for _ in range(17):
        model.step()
    assert model.running
    assert (model.month, model.steps) == ("1996-05", 17)
    half = simulate(busy(0.01, END), 3, until="1996-05")
    assert (model.results.digests, model.results.run_id) == (half.digests, half.run_id)
    model.step()  # looking leaves no trace
    assert model.results.digests == simulate(busy(0.01, END), 3, until="1996-06").digests


def test_the_end_of_the_span_ends_the_model(model: BorderModel) -> None:
    assert not model.running
    assert model.steps == MONTHS
    with pytest.raises(BordersimError, match="the span is over: 1997-05 is simulated"):
        model.step()
    assert model.steps == MONTHS


def test_scenarios_by_name_file_and_settings() -> None:
    settings = {"china.refoulement": 0.25, "residents.k_kin": 1.0}
    model = BorderModel("bounty-2016", 2, scale=0.002, until="1995-03", **settings)
    model.run_model()
    file = scenarios_folder() / "bounty-2016.yaml"
    run = bs.run(file, 2, scale=0.002, until="1995-03", settings=settings)
    assert isinstance(run, Run)
    assert model.results.digests == run.digests
    assert BorderModel(file, scale=0.002).scenario.resolved() == (
        BorderModel("bounty-2016", scale=0.002).scenario.resolved()
    )
    with pytest.raises(ScenarioError, match="unknown key") as wrong:
        BorderModel("base", **{"china.bounty_rport": 1, "border.closure": 9})
    assert len(wrong.value.problems) == 2
    with pytest.raises(ScenarioError, match="seed"):
        BorderModel("base", seed=-1)
    with pytest.raises(ScenarioError, match="nowhere"):
        BorderModel("nowhere")


def test_a_span_that_begins_later() -> None:
    late = shipped("base").with_settings(
        {"time.start": "1995-09", "time.end": "1996-02", "population.scale": 0.002}
    )
    model = BorderModel(late, 4)
    assert model.month == "1995-08"
    model.run_model()
    assert model.steps == 6
    assert model.results.digests == simulate(late, 4).digests


def test_before_the_first_month_there_are_people_and_nothing_else() -> None:
    model = BorderModel("base", scale=0.002)
    everyone = sum(getattr(model, f"stock_{status.name.lower()}") for status in Status)
    model.step()
    assert everyone == sum(getattr(model, f"stock_{status.name.lower()}") for status in Status)
    assert everyone > 24_000_000
    assert np.isnan(BorderModel("base", scale=0.002).arrivals)
    with pytest.raises(BordersimError, match="call step"):
        _ = BorderModel("base", scale=0.002).results
    with pytest.raises(AttributeError, match="arivals"):
        _ = model.arivals
    with pytest.raises(KeyError, match="did you mean"):
        model.observe("arivals")


def test_a_data_collector_of_ones_own(alone: Run) -> None:
    model = BorderModel(busy(0.01, END), 3)
    collector = mesa.DataCollector(
        model_reporters={
            "arrivals": "arrivals",
            "abroad": lambda m: len(m.agents_by_type[Resident].where(status="china")),
        },
        agenttype_reporters={Trafficker: {"fee": "fee_border", "where": lambda t: t.sector}},
        agent_reporters={"status": "status"},
    )
    for _ in range(3):
        model.step()
        collector.collect(model)
    frame = collector.get_model_vars_dataframe()
    assert frame["abroad"].tolist() == (alone.monthly("stock_china")[:3] * 0.01).round().tolist()
    traders = collector.get_agenttype_vars_dataframe(Trafficker)
    assert set(traders["where"]) <= set(alone.sectors)
    assert traders["fee"].dtype == np.float64
    people = collector.get_agent_vars_dataframe().loc[3]
    assert people.index.is_unique
    assert len(people) == len(model.agents)
    assert (people["status"] == "china").sum() == frame["abroad"].iloc[-1]


def test_a_batch_runs_unchanged(alone: Run) -> None:
    rows = mesa.batch_run(
        BorderModel,
        {"scenario": busy(0.01, END), "seed": [3, 4], "china.bounty_report": [500, 2000]},
        data_collection_period=1,
        display_progress=False,
    )
    assert len(rows) == 4 * MONTHS
    same = [row for row in rows if (row["seed"], row["china.bounty_report"]) == (3, 500)]
    assert [row["month"] for row in same] == alone.months().astype(str).tolist()
    arrivals = [row["crossings"] for row in same]
    assert arrivals == alone.monthly("crossings").tolist()
    sums = {}
    for row in rows:
        key = row["seed"], row["china.bounty_report"]
        sums[key] = sums.get(key, 0.0) + row["bounty_sum"]
    assert len(set(sums.values())) == 4


def test_a_batch_in_processes_can_carry_the_model() -> None:
    # what a pool of processes needs: the class by name, its arguments by value
    assert pickle.loads(pickle.dumps(BorderModel)) is BorderModel
    again = pickle.loads(pickle.dumps(busy(0.01, END)))
    assert again.resolved() == busy(0.01, END).resolved()


def test_views_are_the_rows(model: BorderModel, alone: Run) -> None:
    residents, traffickers, guards = (model.agents_by_type[kind] for kind in KINDS)
    assert model.agent_types == list(KINDS)
    assert len(model.agents) == len(residents) + len(traffickers) + len(guards)
    for status in ("china", "custody", "transit", "arrived"):
        stock = alone.record[-1, Obs[f"STOCK_{status.upper()}"]].sum()
        assert len(residents.where(status=status)) == stock
    assert len(guards) == alone.record[-1, Obs.GUARDS].sum()
    active = traffickers.where(status="active")
    assert len(active) == alone.record[-1, Obs.TRAFFICKERS].sum() > 0
    for place in range(len(alone.sectors)):
        here = guards.where(sector=alone.sectors[place])
        assert len(here) == alone.record[-1, Obs.GUARDS, place, 0, 0]
    ids = model.agents.get("unique_id")
    assert len(set(ids)) == len(ids)


def test_a_view_tells_what_the_event_log_tells(model: BorderModel, alone: Run) -> None:
    log = alone.events
    assert log is not None
    residents = model.agents_by_type[Resident]
    known = 0
    for status, event in (("china", Event.CROSSED), ("arrived", Event.ARRIVED)):
        for view in residents.where(status=status):
            months = [
                log["month"][(log["uid"] == view.unique_id) & (log["event"] == kind)]
                for kind in (event, Event.CROSSED)
            ]
            if all(map(len, months)):
                known += 1
                assert view.since == str(alone.months()[months[0][-1]])
                assert view.left == str(alone.months()[months[1][-1]])
            assert view.home == alone.homes[(view.unique_id >> 25) // 3]
            assert model.resident(view.unique_id) == view
    assert known > 50
    with pytest.raises(KeyError, match="no history"):
        model.resident(-5)


def test_sets_of_views_work_as_sets_of_agents(model: BorderModel) -> None:
    agents = model.agents
    assert isinstance(agents, mesa.agent.AgentSet)
    women = agents.select(lambda a: a.sex == "female", agent_type=Resident)
    assert women.get("sex") == ["female"] * len(women)
    assert len(women) == len(agents.where(sex="female")) > 10
    assert len(agents.select(at_most=7)) == 7
    assert len(agents.select(at_most=0.5)) == len(agents) // 2
    assert len(agents.select(agent_type=Guard)) == len(model.agents_by_type[Guard])
    assert agents[0] == next(iter(agents))
    assert agents[-1] in agents
    assert agents[-1] not in women
    assert [view.row for view in agents[2:5]] == [2, 3, 4]
    with pytest.raises(IndexError):
        agents[len(agents)]
    fees = model.agents_by_type[Trafficker].sort("fee_border").get("fee_border")
    assert fees == sorted(fees, reverse=True)
    groups = women.groupby("home")
    assert sum(groups.count().values()) == len(women)
    assert all(set(group.get("home")) == {home} for home, group in groups)
    by_call = women.groupby(lambda a: a.home, result_type="list")
    assert {home: len(views) for home, views in by_call} == groups.count()
    drawn = agents.sample(20)
    assert len(set(drawn)) == 20
    assert set(agents.shuffle()) == set(agents)
    assert women.map(lambda a: a.unique_id) == women.get("unique_id")
    assert women.map("to_dict")[0]["sex"] == "female"
    seen: list[Any] = []
    women.shuffle_do(seen.append)
    assert set(seen) == set(women)
    assert agents.agg("unique_id", max) == max(agents.get("unique_id"))
    pairs = women.get(["sex", "home"])
    assert pairs[0] == [women[0].sex, women[0].home]
    assert agents.get("fee_border", "default", 0.0).count(0.0) >= len(women)
    with pytest.raises(AttributeError):
        agents.get("fee_border")


def test_every_attribute_reads_alone_as_in_a_column(model: BorderModel) -> None:
    for kind in KINDS:
        few = model.agents_by_type[kind].sample(5)
        for i, view in enumerate(few):
            told = view.to_dict()
            assert told == {name: few.get(name)[i] for name in told}
            assert len(told) >= 9


def test_nothing_can_be_changed_through_a_view(model: BorderModel) -> None:
    agents, before = model.agents, model.results.digest
    view = agents[0]
    for change in (
        lambda: setattr(view, "status", "dead"),
        lambda: setattr(view, "mood", 1),
        view.remove,
        lambda: agents.set("status", "dead"),
        lambda: agents.add(view),
        lambda: agents.remove(view),
        lambda: agents.select(at_most=1, inplace=True),
        lambda: agents.shuffle(inplace=True),
    ):
        with pytest.raises(ReadOnlyError):
            change()
    with pytest.raises(AttributeError):
        model.agents = []
    assert model.results.digest == before


def test_a_view_is_of_now_and_looking_makes_no_objects() -> None:
    model = BorderModel(busy(0.01, END), 3)
    model.step()
    views = model.agents_by_type[Resident].where(status="china")[:]
    assert {view.status for view in views} == {"china"}
    model.run_model()
    assert {view.status for view in views} > {"china", "home"}
    assert len(model._agents) == 0
    assert len(list(islice(model.agents, 3))) == 3
    # the set of all is a few arrays however many it holds
    assert len(pickle.dumps([rows for _, rows in model.agents._parts])) < 9 * len(model.agents)


def test_mesa_is_imported_only_when_used(tmp_path: Path) -> None:
    code = (
        "import sys, bordersim as bs\n"
        "bs.run(sys.argv[1], scale=0.001, until='1995-01')\n"
        "from bordersim import cli\n"
        "sys.argv = ['bordersim', 'run', sys.argv[1], '--scale', '0.001', '--until', '1995-01',"
        " '-q', '-o', sys.argv[2]]\n"
        "try: cli.main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "print('mesa' in sys.modules)\n"
        "bs.BorderModel\n"
        "print('mesa' in sys.modules)\n"
    )
    arguments = [sys.executable, "-c", code, str(scenarios_folder() / "base.yaml"), str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["False", "True"]
