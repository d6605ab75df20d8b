"""The same inputs give the same bits: again, elsewhere, side by side, and without the compiler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_worlds import busy, busy_run, policy, same_books

from bordersim.codes import Obs
from bordersim.errors import BordersimError
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import Engine, simulate, simulate_world, state_digest

TESTS = Path(__file__).parent


def in_another_process(*arguments: object, **environment: str) -> dict[str, Any]:
    """What ``print_digests`` prints in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, str(TESTS / "print_digests.py"), *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def digests(run: Run) -> dict[str, str]:
    """Digests as JSON has them."""
    return {str(year): digest for year, digest in run.digests.items()}


@pytest.fixture(scope="module")
def small() -> Scenario:
    return busy(0.01)


@pytest.fixture(scope="module")
def alone(small: Scenario) -> Run:
    return simulate(small, 1)


def test_twice_is_once(small: Scenario, alone: Run) -> None:
    again = simulate(small, 1)
    assert again.digests == alone.digests
    assert len(set(alone.digests.values())) == len(alone.digests) == 16
    same_books(again, alone, alone.n_months)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_with_any_number_of_threads_agrees(alone: Run, threads: str) -> None:
    elsewhere = in_another_process(1, 0.01, "2010-12", NUMBA_NUM_THREADS=threads)
    assert elsewhere["digests"] == digests(alone)


def test_the_order_in_which_strings_hash_does_not_matter(alone: Run) -> None:
    elsewhere = in_another_process(1, 0.01, "2010-12", PYTHONHASHSEED="12345")
    assert elsewhere["digests"] == digests(alone)


def test_two_runs_at_once_are_as_alone(small: Scenario, alone: Run) -> None:
    other = simulate(small, 2)
    together: dict[int, list[Run]] = {1: [], 2: []}
    gate = threading.Barrier(2)

    def work(seed: int) -> None:
        gate.wait()
        for _ in range(3):
            together[seed].append(simulate(small, seed))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.digests for run in together[1]] == [alone.digests] * 3
    assert [run.digests for run in together[2]] == [other.digests] * 3


def test_the_compiler_changes_no_bit() -> None:
    # enough happens in this world to pass through every phase; the event log says so
    arguments = (4, 0.002, "1999-12", "events")
    plain = in_another_process(*arguments, NUMBA_DISABLE_JIT="1")
    compiled = in_another_process(*arguments, NUMBA_DISABLE_JIT="0")
    assert plain == compiled
    run = simulate(busy(0.002, "1999-12"), 4)
    assert plain["digests"] == digests(run)
    for name in (
        "crossings_paid", "attempts_food", "interceptions", "bribes", "punishments", "helps",
        "reports", "repatriations", "onward_departures", "releases", "arrivals", "remittances",
    ):  # fmt: skip
        assert run.record[:, Obs[name.upper()]].any(), name


def test_keeping_events_and_checking_change_nothing(small: Scenario, alone: Run) -> None:
    watched = simulate(small, 1, events=True, check=True)
    assert watched.digests == alone.digests
    assert watched.events is not None
    assert alone.events is None


def test_another_seed_is_another_run(small: Scenario, alone: Run) -> None:
    other = simulate(small, 2)
    assert set(other.digests.values()).isdisjoint(alone.digests.values())
    assert not np.array_equal(other.record[0], alone.record[0])


def test_the_seed_of_the_world_is_not_the_seed_of_events(small: Scenario, alone: Run) -> None:
    other = simulate(replace(small, world_seed=small.world_seed + 1), 1)
    assert other.digests != alone.digests
    # other people, the same blocks: the count of points drawn is luck, not people
    candidates = (slice(None), Obs.CANDIDATES)
    np.testing.assert_array_equal(other.record[candidates], alone.record[candidates])
    reseeded = simulate(small, 2)
    assert not np.array_equal(reseeded.record[candidates], alone.record[candidates])
    # the sexes of the population are people, not luck
    assert not np.array_equal(other.record[0, Obs.STOCK_HOME], alone.record[0, Obs.STOCK_HOME])


def test_a_world_is_a_value_to_copy_and_continue(small: Scenario, alone: Run) -> None:
    first, world = simulate_world(small, 1, until="2004-07")
    kept = state_digest(world)
    copy = world.copy()
    rest, last = simulate_world(small, 1, from_world=world)
    assert state_digest(world) == kept  # continuing leaves the world as it was
    same_books(first, alone, first.n_months)
    np.testing.assert_array_equal(rest.record, alone.record[first.n_months :])
    np.testing.assert_array_equal(rest.ledger, alone.ledger[first.n_months :])
    assert rest.start_month == world.month == first.end_month + 1
    _, whole = simulate_world(small, 1)
    assert state_digest(last) == state_digest(whole)
    again, _ = simulate_world(small, 1, from_world=copy)
    np.testing.assert_array_equal(again.record, rest.record)


def test_a_copy_shares_no_array(small: Scenario) -> None:
    _, world = simulate_world(small, 1, until="1996-12")
    copy = world.copy()
    before = state_digest(copy)
    for array in world.roster:
        array.fill(1)
    for kind in (world.rows, world.guards, world.traffickers, world.links, world.sectors):
        for name in kind.dtype.names:
            kind[name] = 1
    for array in (world.beliefs, world.stock, world.purses):
        array.fill(1)
    assert state_digest(copy) == before


def test_one_world_continues_into_two_futures(small: Scenario) -> None:
    _, world = simulate_world(small, 1, until="2004-12")
    changed = small.add(policy("border.closure", 0.5, "2005-01"))
    one, _ = simulate_world(small, 1, from_world=world)
    two, _ = simulate_world(changed, 1, from_world=world)
    unbroken = simulate(changed, 1)
    np.testing.assert_array_equal(two.record, unbroken.record[120:])
    assert not np.array_equal(one.record, two.record)


def test_a_record_that_starts_later_is_the_tail_of_the_whole(small: Scenario, alone: Run) -> None:
    late = simulate(small.with_settings({"time.start": "2003-04"}), 1)
    assert late.start_month == 99
    np.testing.assert_array_equal(late.record, alone.record[99:])
    np.testing.assert_array_equal(late.ledger, alone.ledger[99:])


def test_a_world_past_the_end_is_refused(small: Scenario) -> None:
    _, world = simulate_world(small, 1, until="1996-12")
    with pytest.raises(BordersimError, match="span is empty"):
        simulate(small, 1, until="1996-06", from_world=world)


def test_records_of_a_world_have_no_hidden_bytes(small: Scenario) -> None:
    # a digest reads every byte, and copying an array need not copy its padding
    world = Engine(small, 1).first_world()
    for kind in (world.rows, world.guards, world.traffickers, world.links, world.sectors):
        named = sum(kind.dtype[name].itemsize for name in kind.dtype.names)
        assert named == kind.dtype.itemsize
        assert named % 8 == 0


def test_the_digest_sees_every_array(small: Scenario) -> None:
    _, world = simulate_world(small, 1, until="1998-12")
    before = state_digest(world)
    links = world.links
    held = np.flatnonzero(links.guard >= 0)
    (live, *_) = held[world.guards.stamp[links.guard[held]] == links.stamp[held]]
    for kind, at in (
        (world.rows, 0), (world.guards, 0), (world.traffickers, 0), (world.sectors, 0),
        (links, int(live)),
    ):  # fmt: skip
        for name in kind.dtype.names:
            old = kind[name][at].copy()
            kind[name][at] = -1 if (kind is links and name == "guard") else old + 1
            assert state_digest(world) != before, name
            kind[name][at] = old
    for column in (world.roster.kin_month, world.roster.released):
        column[0] += 1
        assert state_digest(world) != before
        column[0] -= 1
    for array in (world.beliefs, world.stock, world.purses):
        array.flat[0] += 1
        assert state_digest(world) != before
        array.flat[0] -= 1
    assert state_digest(world) == before


def test_broken_links_are_no_part_of_the_state(small: Scenario) -> None:
    _, world = simulate_world(small, 1, until="1998-12")
    before = state_digest(world)
    links = world.links
    held = np.flatnonzero(links.guard >= 0)
    (broken, *_) = held[world.guards.stamp[links.guard[held]] != links.stamp[held]]
    links.guard[broken] = -1
    assert state_digest(world) == before


def test_the_order_of_rows_is_no_part_of_the_state(small: Scenario) -> None:
    _, world = simulate_world(small, 1, until="1998-12")
    before = state_digest(world)
    n = int(world.roster.rows[0])
    order = np.random.default_rng(1).permutation(n)
    for array in (world.rows, world.roster.kin_month, world.roster.released):
        array[:n] = array[:n][order]
    assert state_digest(world) == before


def test_the_shared_run_is_the_run(small: Scenario) -> None:
    # other test modules rely on the cached run of the busy world
    assert busy_run(0.01, "2010-12").digests == simulate(small, 1).digests
