"""A whole calibration: made once, killed and resumed, changed, and looked at."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from calibrations import tiny
from sweeps import here

from bordersim.calibrating.api import calibrate, read
from bordersim.calibrating.driver import Driver, How
from bordersim.calibrating.events import Began, Ended, Event
from bordersim.calibrating.folder import ChangedError
from bordersim.calibrating.overview import overview
from bordersim.calibrating.results import Calibration
from bordersim.cli.calibrate_text import print_results
from bordersim.errors import BordersimError
from bordersim.parameters import Parameters
from bordersim.sweeping import carrying_out
from bordersim.sweeping.draws import read_draws
from bordersim.vocabulary import read_vocabulary

KILLS = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibrations")


@pytest.fixture(scope="module")
def told() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def made(folder: Path, told: list[Event]) -> Calibration:
    """A calibration whose runs are of this process; the killed one starts its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying_out, "_workers", lambda _: here)
        return calibrate(tiny(folder), out=folder / "made", workers=1, progress=told.append)


def test_draws_are_of_kept_parameters_inside_their_priors(made: Calibration) -> None:
    asked = {prior.parameter: prior for prior in read(tiny(made.folder.parent)).priors}
    draws = made.draws
    assert len(draws) == 128
    assert 1 <= len(made.parameters) <= 2
    for key in made.parameters:
        assert draws[key].between(asked[key].low, asked[key].high).all()
        assert draws[key].nunique() > 20
    fixed = made.manifest["fixed"]
    assert set(fixed) | set(made.parameters) == set(asked)
    parameters = read_vocabulary().parameters
    assert fixed == {key: parameters.value(key) for key in fixed}


def test_draws_can_be_swept(made: Calibration) -> None:
    parameters: Parameters = read_vocabulary().parameters
    draws, mistakes = read_draws(made.folder / "posterior.parquet", 100, parameters, pinned=False)
    assert mistakes == []
    assert draws is not None
    assert list(draws.keys) == made.parameters


def test_what_moves_arrivals_is_kept_and_learnt(made: Calibration) -> None:
    screened = made.table("screening").set_index("parameter")
    assert screened.loc["china.onward_middle", "kept"]
    assert not screened.loc["residents.remittance_years", "kept"]
    told = made.table("identifiability").set_index("parameter")
    assert told.loc["china.onward_middle", "contraction"] > 0.3


def test_no_two_runs_share_a_seed_and_held_out_reports_are_measured(made: Calibration) -> None:
    waves = [pq.read_table(made.folder / f"wave-{n}" / "table.parquet").to_pandas() for n in (1, 2)]
    seeds = np.concatenate([wave["seed"] for wave in waves])
    assert len(set(seeds)) == len(seeds) == 32 + 24
    assert (waves[0]["status"] == "ok").all()
    # 2007 is beyond `until`: measured, and no part of the likelihood
    assert waves[0]["figure.arrivals.2007"].notna().all()
    assert "arrivals.2007" in made.manifest["held_out"]
    assert "arrivals.2007" not in made.manifest["fitted"]
    assert "arrivals.2006" in made.manifest["fitted"]


def test_the_second_method_and_the_groups_have_tables(made: Calibration) -> None:
    groups = set(made.table("groups")["group"])
    assert {"arrivals", "women", "stock"} <= groups
    assert set(made.table("check")["parameter"]) == set(made.parameters)
    assert made.table("coverage")["inside_90"].between(0, 1).all()


def test_every_step_is_told_with_the_time_left(made: Calibration, told: list[Event]) -> None:
    began = [event for event in told if isinstance(event, Began)]
    ended = [event.step for event in told if isinstance(event, Ended)]
    assert [event.step for event in began] == ended
    assert ended == [
        "screening", "wave-1", "wave-2", "posterior", "check", "identifiability",
    ]  # fmt: skip
    left = [event.left for event in began]
    assert left == sorted(left, reverse=True)
    assert {step["step"] for step in made.manifest["steps"]} == set(ended)


def test_what_is_done_is_not_done_again(made: Calibration, folder: Path) -> None:
    told: list[Event] = []
    began = time.perf_counter()
    calibrate(tiny(folder), out=made.folder, workers=1, progress=told.append)
    assert not [event for event in told if isinstance(event, Began)]
    assert time.perf_counter() - began < 60  # no run, no emulator


def test_killed_at_random_and_resumed_it_gives_the_same_draws(
    made: Calibration, folder: Path
) -> None:
    luck = random.Random(4)
    command = [
        sys.executable, "-m", "bordersim", "calibrate", str(tiny(folder)), "-o",
        str(folder / "killed"), "--workers", "1", "--json", "-q",
    ]  # fmt: skip
    killed = folder / "killed" / "tiny"
    n_killed = 0
    for _ in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as child:
            try:
                child.wait(luck.uniform(3.0, 6.0))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                n_killed += 1
        state = overview(Driver(read(tiny(folder)), How(killed, 1)))
        assert {row["state"] for row in state["steps"]} <= {"done", "begun", "to come"}
    assert n_killed > 0
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(answer.stdout)["status"] == "ok"
    for name in ("posterior", "shares", "screening", "identifiability", "check", "groups"):
        file = f"{name}.parquet"
        assert (killed / file).read_bytes() == (made.folder / file).read_bytes(), name


def changed(made: Calibration, folder: Path, old: str, new: str, **how: bool) -> Driver:
    return Driver(read(tiny(folder, (old, new))), How(made.folder, 1, **how))


def test_a_changed_file_is_refused_with_what_changed(made: Calibration, folder: Path) -> None:
    driver = changed(made, folder, "low: 4, high: 12", "low: 4, high: 10")
    step = driver.steps.screening()
    assert step is not None
    with pytest.raises(ChangedError) as raised:
        driver.done(step)
    assert "priors.residents.remittance_years.high: 12.0 -> 10.0" in str(raised.value)
    assert "--keep" in str(raised.value)
    kept = changed(made, folder, "low: 4, high: 12", "low: 4, high: 10", keep=True)
    assert kept.done(step) is not None
    assert kept.kept_from == {"screening": ["priors.residents.remittance_years.high: 12.0 -> 10.0"]}
    redone = changed(made, folder, "low: 4, high: 12", "low: 4, high: 10", redo=True)
    assert redone.done(step) is None


def test_a_change_after_the_runs_begins_where_it_may(made: Calibration, folder: Path) -> None:
    driver = changed(made, folder, "truths: 4", "truths: 3")
    states = {row["step"]: row["state"] for row in overview(driver)["steps"]}
    assert states.pop("check") == "changed"
    assert set(states.values()) == {"done"}


def test_a_change_of_the_title_changes_nothing(made: Calibration, folder: Path) -> None:
    driver = changed(made, folder, "name: tiny", "name: tiny\ntitle: Another")
    assert {row["state"] for row in overview(driver)["steps"]} == {"done"}


def test_every_figure_can_be_drawn(made: Calibration) -> None:
    names = made.figures()
    assert names == ["posterior", "correlations", "groups", "ranks"]
    for name in names:
        page = made.plot(name)
        assert made.manifest["title"] in page.get_suptitle()
    shown = [label.get_text() for label in made.plot("groups").axes[0].get_yticklabels()]
    assert shown == list(made.table("identifiability")["parameter"])
    with pytest.raises(BordersimError, match="there are posterior"):
        made.plot("x")


@pytest.mark.parametrize("width", [80, 100])
def test_what_is_printed_fits(
    made: Calibration,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_results(json.loads(json.dumps(made.document())))
    lines = capsys.readouterr().out.splitlines()
    # the path of the draws is long here, and is not cut
    assert all(len(line) <= width for line in lines if str(made.folder) not in line)
    for key in made.parameters:
        assert any(line.startswith(key) for line in lines)
    assert any("identified" in line for line in lines)
