"""The twin tells the same story as the engine, and the comparison would see if it did not."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest

import bordersim.rng as engine_rng
from bordersim.codes import Event, Status
from bordersim.rng import Stream
from bordersim.simulation import Engine, simulate
from bordersim.twin import TwinModel, draws
from bordersim.twin.compare import Mismatch, compare, forget
from bordersim.twin.events import FIELDS, PHASE
from bordersim.twin.guards import Guard
from bordersim.twin.labels import Flag
from bordersim.twin.recorder import Recorder
from bordersim.twin.residents import Resident
from bordersim.twin.state_compare import state_differences
from bordersim.twin.traffickers import Trafficker
from tests.twin_worlds import RESIDENTS, WORLDS, world

FOLDER = Path(draws.__file__).parent
SHARED = {
    "bordersim.codes", "bordersim.rng", "bordersim.scenario", "bordersim.parameters",
}  # fmt: skip
"""All that the twin may take from the package: codes, streams, levers, parameters."""


@pytest.mark.parametrize(("name", "seed", "months"), [
    ("every-lever", 1, 40),
    ("closure-2020", 2, 24),
    ("no-refoulement", 3, 24),
])  # fmt: skip
def test_engine_and_twin_are_equal(name: str, seed: int, months: int) -> None:
    result = compare(world(name, months), seed, every=6)
    assert result.mismatch is None, str(result.mismatch)
    assert result.months == months
    assert result.events > 200 * months  # a busy world: equality of nothing proves nothing


@pytest.mark.parametrize("degree", [0.5, 1.0])
def test_engine_and_twin_are_equal_under_other_structures(degree: float) -> None:
    """Cartels and guards who look ahead; the lookback is lengthened within the span."""
    other = {"traffickers.cartel": degree, "guards.foresight": degree}
    scenario = world("every-lever", 22).with_parameters(other)
    result = compare(scenario, 6, every=1)
    assert result.mismatch is None, str(result.mismatch)
    entered = result.counts[Event.TRAFFICKER_ENTERED]
    assert entered > 20  # newcomers adopt what is agreed


def test_a_later_world_seed_is_another_world() -> None:
    scenario = replace(world("historical", 8), world_seed=11)
    result = compare(scenario, 4, every=1)
    assert result.mismatch is None, str(result.mismatch)
    assert result.counts[Event.CONSIDERED] > 100


def test_the_worlds_are_what_they_say() -> None:
    for name in WORLDS:
        scenario = world(name)
        assert {policy.start <= scenario.end_month for policy in scenario.policies} == {True}
        assert any(policy.start > 0 for policy in scenario.policies)
    twin = TwinModel(world("historical"), 1)
    assert abs(len(twin.residents) - RESIDENTS) < 0.005 * RESIDENTS
    forget(twin)


# What the comparison notices ------------------------------------------------------------


def mismatch_of(months: int = 24) -> Mismatch:
    found = compare(world("every-lever", months), 1).mismatch
    assert found is not None
    return found


def test_a_planted_difference_is_found_and_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards who fear nothing: the first other answer is shown with its margin."""
    monkeypatch.setattr(
        "bordersim.twin.equations.guards.accept_utility", lambda bribe, fear, loss, i: bribe - i
    )
    found = mismatch_of()
    assert found.what == "events"
    answers = [d for d in found.decisions if d.what.startswith("guard's answer")]
    assert answers
    assert {"refuse", "accept", "arrest"} <= answers[0].terms.keys()
    ranked = sorted(answers[0].terms.values(), reverse=True)
    assert math.isclose(answers[0].margin, ranked[0] - ranked[1])
    told = str(found)
    assert "engine:" in told
    assert "margin" in told
    assert found.engine != found.twin


def test_a_lost_payment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true_spend = Resident.spend

    def lossy(resident: Resident, payee: Any, amount: int) -> None:
        true_spend(resident, payee, max(0, amount - 1))

    monkeypatch.setattr(Resident, "spend", lossy)
    assert mismatch_of().what.startswith("payments from residents to ")


def test_a_difference_that_shows_in_no_event_is_found() -> None:
    """State is compared too: somebody's memory, a guard's purse, a link, a belief."""
    scenario = world("every-lever", 3)
    engine, twin = Engine(scenario, 1), TwinModel(scenario, 1)
    state = engine.first_world()
    for _ in range(3):
        state, _ = engine.step(state, *engine.blank_books(1))
        twin.step()
    assert list(state_differences(state, twin)) == []
    person = next(iter(twin.people(Status.CHINA)))
    person.known += 1
    guard = twin.sectors[2].guards[1]
    guard.cash += 1
    twin.homes[3].returned += 5  # forgotten at the end of the month: no difference
    twin.sectors[4].norm += 2.0**-20
    linked = next(t for t in twin.agents_by_type[Trafficker] if t.links)
    linked.links = []
    found = "\n".join(state_differences(state, twin))
    assert len(found.splitlines()) == 4
    for word in ("known", "cash", "norm", "links"):
        assert word in found
    forget(twin)


# What the twin is -----------------------------------------------------------------------


def test_everybody_is_an_agent_of_mesa() -> None:
    recorder = Recorder()
    twin = TwinModel(world("bounty-2016", 6), 5, recorder)
    assert isinstance(twin, mesa.Model)
    events = twin.run()
    kinds = {kind.__name__ for kind in twin.agent_types}
    assert kinds == {"Resident", "Trafficker", "Guard", "Informant"}
    assert len(twin.agents_by_type[Resident]) == len(twin.residents)
    assert twin.steps == twin.month == 6
    assert [row[0] for row in events] == sorted(row[0] for row in events)
    assert {len(row) for row in events} == {len(FIELDS)}
    assert all(type(number) is int for row in events for number in row)
    engine = simulate(world("bounty-2016", 6), 5, events=True)
    assert engine.events is not None
    columns = list(zip(*(engine.events[name].tolist() for name in FIELDS), strict=True))
    assert columns == events  # the public faces of both, whole
    stock = twin.stock()
    assert sum(sum(by_home) for by_home in stock.values()) == len(twin.residents)
    assert recorder.decisions
    forget(twin)


def test_the_twin_takes_nothing_else_from_the_engine() -> None:
    """Only the comparison may import engine modules."""
    checked = 0
    for path in FOLDER.rglob("*.py"):
        if path.name in {"compare.py", "state_compare.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("bor"):
                continue
            checked += 1
            assert node.module is not None
            assert node.module in SHARED or node.module.startswith("bordersim.twin"), path.name
            if node.module == "bordersim.rng":
                assert {name.name for name in node.names} == {"Stream"}, path.name
    assert checked > 60


def test_phases_and_flags_are_those_of_the_documents() -> None:
    assert set(PHASE) == set(Event)
    text = (FOLDER.parents[2] / "docs" / "events.md").read_text()
    for event, phase in PHASE.items():
        assert f"| {event.name} | {phase} |" in text
    assert [int(flag) for flag in Flag] == [1, 2, 4, 8, 16, 32, 64]


def test_draws_are_those_of_the_engine() -> None:
    rng = np.random.default_rng(3)
    for seed, field in rng.integers(0, 2**62, (50, 2)).tolist():
        key = int(engine_rng.stream_key(np.int64(seed), np.int64(Stream.RIVER)))
        assert draws.stream_key(seed, Stream.RIVER) == key
        bits = int(engine_rng.draw(np.uint64(key), np.int64(field)))
        assert draws.draw(key, field) == bits
        word = np.uint64(bits)
        assert draws.uniform(bits) == engine_rng.uniform(word)
        assert draws.index_below(bits, 65_536) == engine_rng.index_below(word, np.int64(65_536))
        for mine, theirs in (
            (draws.exponential, engine_rng.exponential),
            (draws.gumbel, engine_rng.gumbel),
            (draws.normal, engine_rng.normal),
        ):
            assert math.isclose(mine(bits), theirs(word), rel_tol=1e-13, abs_tol=1e-15)
        nested = engine_rng.nest_error(word, 0.2)
        assert math.isclose(draws.nest_error(bits, 0.2), nested, rel_tol=1e-12, abs_tol=1e-14)


def test_a_twin_can_be_forgotten() -> None:
    """Mesa counts agents by model and so keeps every model; a finished twin lets go."""
    twin = TwinModel(world("historical", 1), 1)
    assert twin in mesa.Agent._ids
    assert len(twin.agents_by_type[Guard]) > 100
    forget(twin)
    assert twin not in mesa.Agent._ids
