"""Random files: valid ones run and balance, broken ones are answered, never with a traceback.

``HYPOTHESIS_PROFILE=thorough`` tries many more.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from fuzz_files import break_shipped, broken, sources
from fuzz_scenarios import scenario_files
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bordersim.codes import OBSERVABLES, Obs
from bordersim.data_files import shipped_scenarios
from bordersim.errors import Problem, ScenarioError
from bordersim.scenario import load
from bordersim.simulation import simulate
from bordersim.vocabulary import read_vocabulary

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def examples(quick: int, thorough: int) -> settings:
    return settings(
        max_examples=thorough if THOROUGH else quick,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
        ],
    )


@examples(30, 1500)
@given(data=st.data(), seed=st.integers(0, 2**63 - 1))
def test_a_valid_scenario_runs_and_its_books_balance(
    data: st.DataObject, seed: int, tmp_path: Path
) -> None:
    scenario = load(data.draw(scenario_files(tmp_path)))
    run = simulate(scenario, seed, check=True)
    months = scenario.end_month - scenario.start_month + 1
    assert run.record.shape[0] == months
    people = [Obs[name.upper()] for name, kind in OBSERVABLES.items() if kind.by_person]
    assert int(run.record[:, people].min()) >= 0
    again = tmp_path / "again.yaml"
    scenario.to_yaml(again)
    assert load(again).resolved() == scenario.resolved()


LUCK = st.integers(0, 2**32).map(random.Random)
SCENARIOS = shipped_scenarios()
DATA = [path for path in sources() if path not in SCENARIOS]


def problems_of(read: Callable[[], object]) -> tuple[Problem, ...]:
    """What is told of a file; nothing if it is right."""
    try:
        read()
    except ScenarioError as error:
        return error.problems or (Problem("", "", "invalid, without a word why"),)
    return ()


def is_told(problem: Problem) -> bool:
    return bool(problem.where and problem.message and str(problem).isprintable())


@examples(150, 5_000)
@given(
    luck=LUCK,
    source=st.sampled_from(SCENARIOS),
    other=st.sampled_from([*SCENARIOS, *DATA]),
)
def test_a_broken_scenario_is_answered(
    luck: random.Random, source: Path, other: Path, tmp_path: Path
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(broken(luck, source.read_bytes(), other.read_bytes()))
    assert all(is_told(problem) for problem in problems_of(lambda: load(path)))


@examples(100, 2_500)
@given(luck=LUCK, source=st.sampled_from(DATA), other=st.sampled_from([*SCENARIOS, *DATA]))
def test_broken_data_are_answered(
    luck: random.Random, source: Path, other: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shipped"
    shutil.rmtree(folder, ignore_errors=True)
    break_shipped(folder, source.name, broken(luck, source.read_bytes(), other.read_bytes()))
    evidence = folder / "calibration" / "evidence"
    found = problems_of(lambda: read_vocabulary(folder / "scenarios", evidence))
    assert all(is_told(problem) for problem in found)
