"""Sweep files, designs, plans and queues: what is to be simulated, before anything is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sweeps import SMALL, write_sweep

import bordersim as bs
from bordersim.errors import ScenarioError
from bordersim.results import run_id
from bordersim.sweeping.designs import Design
from bordersim.sweeping.plan import make_plan
from bordersim.sweeping.queue import SECONDS_A_TASK, WorkQueue
from bordersim.sweeping.reading import read_sweep, sweep_of_call, with_draws
from bordersim.sweeping.spec import ALWAYS, USUAL
from bordersim.sweeping.tasks import Item


def problems_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        make_plan(read_sweep(write_sweep(folder, text)))
    return [str(problem).removeprefix(str(folder) + "/") for problem in caught.value.problems]


def designed(kind: str, n: int, seed: int = 1) -> Design:
    content = {
        "seeds": {"count": 1},
        "design": {
            "kind": kind,
            "n": n,
            "seed": seed,
            "levers": {"china.tip_response": {"range": [0.2, 0.8]}},
            "parameters": {"china.inland_months": {"range": [3, 48], "log": True}},
        },
    }
    design = sweep_of_call(["scenarios/base.yaml"], content, "x").design
    assert design is not None
    return design


def test_order_is_seed_first_and_scenario_fastest(tmp_path: Path) -> None:
    cells = make_plan(read_sweep(write_sweep(tmp_path))).cells
    assert [(c.seed, c.point, c.scenario) for c in cells] == [
        (seed, point, scenario) for seed in (1, 2, 3) for point in (0, 1) for scenario in (0, 1)
    ]


def test_ids_are_those_of_the_scenarios_changed_by_hand(tmp_path: Path) -> None:
    plan = make_plan(read_sweep(write_sweep(tmp_path)))
    for number, name in enumerate(("historical", "base")):
        by_hand = bs.load(f"scenarios/{name}.yaml").scaled(0.002).until("1995-06")
        by_hand = by_hand.with_settings({"china.bounty_report": 500.0})
        wanted = [c.run_id for c in plan.cells if c.scenario == number and c.point == 1]
        assert wanted == [run_id(by_hand, seed) for seed in (1, 2, 3)]


def test_dated_axes_and_parameters_act_as_policies_and_parameters_do(tmp_path: Path) -> None:
    design = {
        "kind": "grid",
        "levers": {
            "guards.per_km": {
                "op": "scale", "values": [2.0], "from": "1995-03", "until": "1995-05",
                "ramp": "2 months", "places": ["tumen_musan"],
            }
        },
        "parameters": {"china.inland_months": [4.0]},
    }  # fmt: skip
    base = bs.load("scenarios/historical.yaml").scaled(0.002).until("1995-06")
    asked = sweep_of_call([base], {"seeds": {"count": 1}, "design": design}, "x")
    policy = {
        "id": "x", "lever": "guards.per_km", "op": "scale", "value": 2, "from": "1995-03",
        "until": "1995-05", "ramp": 2, "places": ["tumen_musan"],
    }  # fmt: skip
    by_hand = base.with_parameters({"china.inland_months": 4.0}).add(policy)
    (cell,) = make_plan(asked).cells
    assert cell.run_id == run_id(by_hand, 1)
    assert asked.variant(0, (2.0, 4.0), ()).history["china.inland_months"][-1].value == 4.0


def test_cells_that_mean_the_same_share_their_run(tmp_path: Path) -> None:
    text = SMALL.replace("base", "no-crackdown")  # which differs from 2012 on only
    plan = make_plan(read_sweep(write_sweep(tmp_path, text)))
    assert len(plan.cells) == 12
    assert len(plan.runs()) == 6
    assert {cell.scenario for cell in plan.runs().values()} == {0}


def test_a_latin_hypercube_has_one_point_in_every_slice() -> None:
    points = np.array(designed("lhs", 20).points())
    shares = (points - [0.2, 0.0]) / [0.6, 1.0]
    shares[:, 1] = np.log(points[:, 1] / 3.0) / np.log(16)  # spaced by ratios
    for column in shares.T:
        assert sorted(np.floor(column * 20).astype(int)) == list(range(20))


def test_a_longer_sobol_design_begins_as_a_shorter_one() -> None:
    short, long = designed("sobol", 6).points(), designed("sobol", 100).points()
    assert long[:6] == short
    assert len(set(long)) == 100
    column = np.array(designed("sobol", 64).points())[:, 0]
    assert Counter(np.floor((column - 0.2) / 0.6 * 64).astype(int)) == Counter(range(64))


@pytest.mark.parametrize("kind", ["lhs", "sobol"])
def test_designs_go_by_their_seed(kind: str) -> None:
    assert designed(kind, 8).points() == designed(kind, 8).points()
    assert designed(kind, 8).points() != designed(kind, 8, seed=2).points()


def test_arrivals_and_harms_are_always_kept(tmp_path: Path) -> None:
    asked = read_sweep(write_sweep(tmp_path))
    assert asked.observables is not None
    assert set(asked.observables) == {*ALWAYS, "attempts_unaided", "fee_median"}
    usual = SMALL[: SMALL.index("observables")]
    assert read_sweep(write_sweep(tmp_path, usual)).observables == USUAL
    assert read_sweep(write_sweep(tmp_path, usual + "observables: all\n")).observables is None


def draws_file(folder: Path, **columns: list[float]) -> None:
    pq.write_table(pa.table(columns), folder / "posterior.parquet")


DRAWS = "draws: {posterior: posterior.parquet, count: 2}\n"


def test_draws_are_laid_over_every_point(tmp_path: Path) -> None:
    draws_file(tmp_path, draw=[0, 1, 2], **{"china.inland_months": [3.0, 5.0, 7.0]})
    asked = read_sweep(write_sweep(tmp_path, SMALL + DRAWS))
    plan = make_plan(asked)
    assert [c.draw for c in plan.cells][:8] == [0] * 4 + [1] * 4
    assert plan.table().column("draw.china.inland_months").to_pylist()[:8] == [3.0] * 4 + [5.0] * 4
    drawn = asked.variant(0, plan.points[0], plan.draws[1])
    assert drawn.parameters.value("china.inland_months") == 5.0
    more = with_draws(asked, 3)
    assert more.identity() == asked.identity()
    assert make_plan(more).sweep.n_draws == 3
    with pytest.raises(ScenarioError, match="holds 3 draws, 4 are wanted"):
        with_draws(asked, 4)


def test_a_draw_never_overwrites_what_a_scenario_sets(tmp_path: Path) -> None:
    draws_file(tmp_path, **{"china.inland_months": [3.0, 5.0]})
    (tmp_path / "own.yaml").write_text(
        "schema: bordersim/scenario@1\nname: own\nextends: base.yaml\n"
        "parameters: {china.inland_months: 9}\n"
    )
    text = SMALL.replace("base.yaml", "own.yaml")
    (told,) = problems_of(tmp_path, text + DRAWS)
    assert "china.inland_months is drawn" in told
    assert 'scenario "own" sets it (' in told
    pinned = DRAWS.replace("}", ", pinned: true}")
    asked = read_sweep(write_sweep(tmp_path, text + pinned))
    months = [
        asked.variant(n, (0.0,), (3.0,)).parameters.value("china.inland_months") for n in (0, 1)
    ]
    assert months == [3.0, 9.0]


def test_everything_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
schema: bordersim/sweep@1
scenarios: [historicl.yaml, base.yaml, base.yaml]
seeds: {count: 0}
scal: 0.1
design:
  kind: grid
  n: 7
  levers:
    china.bounty_reprt: [1]
    china.inland_months: [1]
    china.tip_response: [0.5, 7, 2 USD, 0.5]
    guards.per_km: {op: scal, values: [1]}
    china.refoulement: {range: [0, 1]}
    guards.vigilance: {values: [1], places: [seoul], from: 1995-13}
  parameters:
    residents.age_effect: [1]
    china.start_stock: {linspace: [9, 1, 3], until: 1999-01}
observables: [arivals]
"""
    told = problems_of(tmp_path, text)
    wanted = {
        "small.yaml:2 scenarios[0]": 'did you mean "historical.yaml"',
        "small.yaml:2 scenarios": 'two scenarios are named "base"',
        "small.yaml:3 seeds.count": "must be greater than or equal to 1",
        "small.yaml:4 scal": 'did you mean "scale"',
        "small.yaml:9 design.levers.china.bounty_reprt": 'did you mean "china.bounty_report"',
        "small.yaml:10 design.levers.china.inland_months": "it belongs under design.parameters",
        "small.yaml:11 design.levers.china.tip_response[1]": "got 7",
        "small.yaml:11 design.levers.china.tip_response[2]": "USD",
        "small.yaml:12 design.levers.guards.per_km.op": "allowed: set, scale, add",
        "small.yaml:13 design.levers.china.refoulement": "an axis of a grid has values",
        "small.yaml:14 design.levers.guards.vigilance.from": "1995-13",
        "small.yaml:16 design.parameters.residents.age_effect": "only single ones can vary",
        "small.yaml:17 design.parameters.china.start_stock": "the lowest below the highest",
        "small.yaml:18 observables[0]": 'did you mean "arrivals"',
    }
    for where, what in wanted.items():
        matches = [line for line in told if line.startswith(f"{where}: ")]
        assert any(what in line for line in matches), (where, told)


@pytest.mark.parametrize(
    ("design", "what"),
    [
        ("{kind: grid}", "nothing varies"),
        ("{kind: grid, n: 3, levers: {china.refoulement: [0]}}", "as many points as its values"),
        ("{kind: sobol, levers: {china.refoulement: {range: [0, 1]}}}", "how many points"),
        ("{kind: sobol, n: 4, levers: {china.refoulement: [0, 1]}}", "range: [lowest, highest]"),
        ("{kind: lhs, n: 4, levers: {china.tip_response: {range: [0.5, 2]}}}", "got 2"),
        ("{kind: grid, levers: {china.tip_response: {op: add, values: [5]}}}", "at point 0 (china"),
        ("{kind: grid, levers: {china.refoulement: 1}}", "expected a list of values"),
        ("{kind: grid, levers: {china.refoulement: [0, 0]}}", "each value once"),
    ],
)
def test_designs_that_cannot_be(tmp_path: Path, design: str, what: str) -> None:
    text = f"{SMALL[: SMALL.index('design')]}design: {design}\n"
    told = problems_of(tmp_path, text)
    assert len({line.partition(": ")[2] for line in told}) <= 2
    assert what in told[0]


def items(n_seeds: int, a_seed: int) -> list[Item]:
    return [Item(0, (), (), s, f"{s}-{i}") for s in range(n_seeds) for i in range(a_seed)]


def test_a_queue_gives_every_run_once_and_in_order() -> None:
    queue, given = WorkQueue(items(10, 7), (), 1.0), []
    while queue:
        given += queue.take(2).items
    assert given == items(10, 7)


def test_tasks_are_some_seconds_long_end_with_a_seed_and_shrink_towards_the_end() -> None:
    queue, sizes, seeds = WorkQueue(items(30, 9), (), 1.0), [], []
    while queue:
        task = queue.take(2)
        sizes.append(len(task.items))
        seeds.append({item.seed for item in task.items})
    assert sizes[:10] == [9] * 10  # near SECONDS_A_TASK runs of a second, moved to a seed's end
    assert SECONDS_A_TASK / 2 <= sizes[0] <= 2 * SECONDS_A_TASK
    assert all(len(of_task) == 1 for of_task in seeds)
    assert sizes[-1] == 1


def test_a_queue_learns_how_long_runs_are() -> None:
    queue = WorkQueue(items(1, 1000), (), 1.0)
    for _ in range(100):
        queue.learn(0.1)
    assert 90 <= len(queue.take(2).items) <= 110
    slow: Any = WorkQueue(items(1, 1000), (), 0.01)
    for _ in range(100):
        slow.learn(60.0)
    assert len(slow.take(2).items) == 1


def test_what_is_given_back_comes_first_and_again_goes_alone() -> None:
    queue = WorkQueue(items(1, 40), items(1, 2)[:1], 1.0)
    again = queue.take(1)
    assert (again.again, len(again.items)) == (True, 1)
    task = queue.take(1)
    queue.give_back(task)
    assert queue.take(1).items == task.items
