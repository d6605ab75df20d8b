"""What a run may be asked for: memory, scale, seeds, folders; and data that do not fit together."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bordersim as bs
from bordersim import memory, population, run_limits
from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.errors import ScenarioError
from bordersim.frozen import FrozenMap
from bordersim.machine import Memory, resident
from bordersim.machine import memory as measured_memory
from bordersim.memory import available_memory, memory_mistake, needed, size
from bordersim.population import land_of
from bordersim.scenario import Scenario, load
from bordersim.scenario_checks import smallest_scale
from bordersim.simulation import simulate_world
from bordersim.vocabulary import Vocabulary, read_vocabulary


@pytest.fixture(scope="module")
def history() -> Scenario:
    return load(scenarios_folder() / "historical.yaml")


def array_bytes(value: Any) -> int:
    return value.nbytes if isinstance(value, np.ndarray) else sum(part.nbytes for part in value)


def test_the_estimate_holds_what_a_run_takes(history: Scenario) -> None:
    tenth = history.scaled(0.05).until("2005-12")
    run, world = simulate_world(tenth, 1, events=True)
    assert run.events is not None
    people = sum(array_bytes(part) for name, part in vars(world).items() if name != "month")
    people += sum(column.nbytes for column in run.events.values())
    need = needed(tenth, events=True)
    assert people < need.people < 12 * people
    books = run.record.nbytes + run.ledger.nbytes
    assert books <= need.fixed <= 3 * books


def test_the_estimate_gives_rows_the_room_that_the_model_gives_them() -> None:
    assert (memory.FIRST_ROWS, memory.PEOPLE_A_ROW) == (
        population.FIRST_ROWS,
        population.PEOPLE_A_ROW,
    )


def test_what_fits_by_its_own_word_fits(history: Scenario) -> None:
    for events, available in ((True, 900_000_000), (False, 400_000_000)):
        said = memory_mistake(needed(history, events=events), 1.0, available)
        assert said is not None
        fits = float(said.split("scale ")[1].split(" ")[0])
        smaller, larger = history.scaled(fits), history.scaled(fits + 0.01)
        assert memory_mistake(needed(smaller, events=events), fits, available) is None
        assert memory_mistake(needed(larger, events=events), fits, available) is not None


def test_unknown_memory_is_enough(history: Scenario) -> None:
    assert memory_mistake(needed(history, events=True), 1.0, None) is None


def test_what_the_process_has_counts_as_available(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resident() > 20_000_000
    for free, available in ((5_000, 5_000 + 700), (None, None)):
        seen = Memory(total=free, available=free, limit=None, used=None)
        monkeypatch.setattr(memory, "memory", lambda seen=seen: seen)
        monkeypatch.setattr(memory, "resident", lambda: 700)
        assert available_memory() == available


def test_files_kept_in_memory_count_as_free(tmp_path: Path) -> None:
    group = tmp_path / "sys/fs/cgroup/job"
    group.mkdir(parents=True)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/job\n")
    for name, content in (
        ("max", "1000"),
        ("current", "900"),
        ("stat", "anon 1\ninactive_file 700\n"),
    ):
        (group / f"memory.{name}").write_text(content)
    assert measured_memory(tmp_path).free == 1000 - (900 - 700)


def test_sizes_in_words() -> None:
    assert (size(320_400_000), size(1_440_000_000)) == ("320 MB", "1.4 GB")


def test_what_is_stored_needs_no_memory(
    history: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = history.scaled(0.001).until("1995-02")
    run = bs.run(small, seed=3, out=tmp_path)
    monkeypatch.setattr(run_limits, "available_memory", lambda: 1000)
    assert bs.run(small, seed=3, out=tmp_path).digest == run.digest
    for changed in ({"seed": 4}, {"events": True}, {"out": tmp_path / "elsewhere"}):
        with pytest.raises(ScenarioError, match=r"can be had; the program alone takes"):
            bs.run(small, **({"seed": 3, "out": tmp_path} | changed))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seed": -1}, "--seed: got -1"),
        ({"seed": 2**63}, "--seed: got 9223372036854775808"),
        ({"seed": 1.5}, "--seed: got 1.5, expected a whole number"),
        ({"seed": True}, "--seed: got True"),
        ({"replicates": 0}, "--replicates: got 0"),
        ({"replicates": 10_001}, "1 to 10,000"),
        ({"seed": 2**63 - 2, "replicates": 3}, "go beyond"),
        ({"out": "file/below"}, "is a file, expected a folder"),
        ({"out": "a\0"}, "no text in UTF-8"),
        ({"out": "s3://bucket"}, "not to a URL"),
    ],
)
def test_a_call_is_judged_like_the_command(
    history: Scenario, options: dict[str, Any], said: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("here first")
    with pytest.raises(ScenarioError, match=said):
        bs.run(history.scaled(0.001).until("1995-01"), **options)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_last_seed_runs(history: Scenario) -> None:
    assert bs.run(history.scaled(0.001).until("1995-01"), seed=2**63 - 1).seed == 2**63 - 1


def test_the_smallest_scale_has_guards_everywhere(history: Scenario) -> None:
    smallest = smallest_scale(history.places, history.parameters)
    assert land_of(history.scaled(smallest)).sector.guard_size.min() == 1
    with pytest.raises(ScenarioError, match="a stretch of the river has no guard"):
        history.scaled(smallest * 0.999)


def test_fewer_places_for_guards_need_a_larger_scale(history: Scenario) -> None:
    fewest = {"guards.places_per_km": history.parameters["guards.places_per_km"].low}
    with pytest.raises(ScenarioError, match=r"population\.scale: got 0\.001; at least"):
        history.scaled(0.001).with_parameters(fewest)
    assert history.scaled(0.01).with_parameters(fewest).scale == 0.01


def test_a_driver_out_of_its_levers_range_is_told(history: Scenario) -> None:
    series = dict(history.drivers.series)
    series["markets"] = tuple(replace(point, value=9 * point.value) for point in series["markets"])
    drivers = replace(history.drivers, series=FrozenMap(series))
    with pytest.raises(ScenarioError, match=r'"market_index" economy\.market_index: got 10\.125'):
        replace(history, drivers=drivers)


@pytest.fixture
def changed_data(tmp_path: Path) -> Callable[[str, str], Vocabulary]:
    """Reader of the shipped data with one text in the parameters replaced."""

    def read(old: str, new: str) -> Vocabulary:
        folder = tmp_path / "scenarios"
        shutil.copytree(scenarios_folder(), folder)
        path = folder / "parameters.yaml"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        return read_vocabulary(folder, evidence_folder())

    return read


def test_a_list_of_another_length_is_told(
    changed_data: Callable[[str, str], Vocabulary],
) -> None:
    labels = ", labels: [river unaided, river with a trafficker, China]"
    with pytest.raises(ScenarioError, match="belief_start: got 2 numbers, expected 3"):
        changed_data(f"value: [0.08, 0.04, 0.15]{labels}", "value: [0.08, 0.04]")


def test_a_constant_that_drivers_miss_is_told(
    changed_data: Callable[[str, str], Vocabulary],
) -> None:
    with pytest.raises(ScenarioError, match=r'no parameter "drivers\.grain_need"'):
        changed_data("grain_need:", "grain_nood:")


def test_a_parameter_that_the_laws_miss_is_told_before_a_run(
    history: Scenario, changed_data: Callable[[str, str], Vocabulary]
) -> None:
    fewer = changed_data("k_hardship:", "k_hordship:").parameters
    with pytest.raises(ScenarioError, match=r'no parameter "residents\.k_hardship"'):
        bs.run(replace(history, parameters=fewer))


def test_loading_a_scenario_needs_no_compiler() -> None:
    code = (
        "import sys, bordersim\n"
        f"bordersim.load({str(scenarios_folder() / 'historical.yaml')!r})\n"
        "print(sorted({'numba', 'scipy', 'pandas', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
