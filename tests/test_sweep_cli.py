"""``bordersim sweep`` at the command line: what it says, writes and returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sweeps import SMALL, Call, caller, write_sweep

from bordersim.batch import Standing
from bordersim.cli.sweep_progress import SweepReporter, rate_text


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    return caller(tmp_path, monkeypatch, capsys, "sweep")


ONE_SEED = SMALL.replace("count: 3", "count: 1")


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(call: Call, tmp_path: Path) -> None:
    write_sweep(tmp_path)
    code, out, _ = call("small.yaml", "--dry-run")
    assert code == 0
    assert "2 scenarios x 2 points x 3 seeds: 12 cells, in results/small" in out
    assert "china.bounty_report   0, 500   CNY" in out
    assert "12 runs: 0 stored, 0 failed, 12 to come." in out
    assert max(map(len, out.splitlines())) <= 80
    call("small.yaml", "--status")
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_what_is_there_is_told_and_costs_are_measured(call: Call, tmp_path: Path) -> None:
    write_sweep(tmp_path, ONE_SEED)
    code, out, _ = call("small.yaml", "-q")
    assert code == 0
    assert "4 runs: 4 simulated; in results/small" in out
    assert "4 runs: 0 simulated, 4 stored before" in call("small.yaml", "-q")[1]
    _, out, _ = call("small.yaml", "--dry-run", "--seeds", "1000", "--json")
    document = json.loads(out)
    assert (document["stored"], document["missing"], document["runs"]) == (4, 3996, 4000)
    assert document["cost"]["measured"]
    assert 3996 * 5_000 < document["cost"]["bytes"] < 3996 * 500_000
    assert 0 < document["cost"]["seconds"] < 3996 * 10
    assert "4 runs: 4 stored" in call("small.yaml", "--status")[1]  # a dry run plans nothing


def test_seeds_are_added_and_stay_planned(call: Call, tmp_path: Path) -> None:
    write_sweep(tmp_path, ONE_SEED)
    assert "4 runs: 4 simulated" in call("small.yaml", "-q")[1]
    assert "8 runs: 4 simulated, 4 stored before" in call("small.yaml", "-q", "--seeds", "2")[1]
    assert "8 runs: 8 stored, 0 failed, 0 to come." in call("small.yaml", "--status")[1]


def test_points_are_added_to_a_sobol_design(call: Call, tmp_path: Path) -> None:
    text = ONE_SEED.replace("kind: grid", "kind: sobol\n  n: 2")
    write_sweep(tmp_path, text.replace("[0, 500 CNY]", "{range: [0, 2000]}"))
    assert "4 runs: 4 simulated" in call("small.yaml", "-q")[1]
    assert "6 runs: 2 simulated, 4 stored before" in call("small.yaml", "-q", "--points", "3")[1]
    assert "6 runs: 6 stored" in call("small.yaml", "--status")[1]


def test_shards_do_their_part(call: Call, tmp_path: Path) -> None:
    write_sweep(tmp_path)
    assert "4 runs (part 2 of 3): 4 simulated" in call("small.yaml", "-q", "--shard", "2/3")[1]
    assert "12 runs: 4 stored, 0 failed, 8 to come." in call("small.yaml", "--status")[1]


def test_failures_are_told_and_tried_again_when_asked(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sweep(tmp_path, ONE_SEED)

    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("no people\nat all")

    with monkeypatch.context() as patch:
        patch.setattr("bordersim.simulation.simulate", fails)
        patch.setattr("bordersim.simulation.simulate_alike", fails)
        code, out, _ = call("small.yaml", "-q")
        assert code == 1
        assert "4 runs: 0 simulated, 4 failed" in out
        assert "ZeroDivisionError: no people" in out
        assert ", and 3 more" in out
        assert "--retry" in out
    code, out, _ = call("small.yaml", "-q", "--json")
    document = json.loads(out)
    assert (code, document["status"], document["simulated"]) == (1, "failed", 0)
    assert {row["error_type"] for row in document["failed"]} == {"ZeroDivisionError"}
    assert "4 failed, 0 to come" in call("small.yaml", "--status")[1]
    code, out, _ = call("small.yaml", "-q", "--retry")
    assert (code, "4 runs: 4 simulated;" in out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--shard", "0/3"), '--shard: got "0/3"; write I/N'),
        (("--shard", "x"), '--shard: got "x"'),
        (("--workers", "0"), "--workers: got 0; allowed: 1 to"),
        (("--seeds", "0"), "--seeds: got 0; allowed: 1 to 1,000,000"),
        (("--points", "9"), "--points: only a sobol design"),
        (("--draws", "9"), "--draws: the sweep draws from no posterior"),
        (("-o", "small.yaml"), '--out: "small.yaml" is a file'),
        (("-o", "memory://x"), "what is in memory is not seen by the processes"),
        (("-o", "ftp.x://y"), "cannot be used as a URL"),
    ],
)
def test_options_that_cannot_be(
    call: Call, tmp_path: Path, arguments: tuple[str, ...], what: str
) -> None:
    write_sweep(tmp_path)
    code, out, err = call("small.yaml", *arguments)
    assert (code, out) == (2, "")
    assert what in err
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_a_worker_that_cannot_store_ends_the_sweep_with_words(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sweep(tmp_path, ONE_SEED)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bordersim.store.Store._place", full)
    code, _, err = call("small.yaml", "-q")
    assert code == 1
    assert "no space left" in err
    assert "Traceback" not in err


def test_progress_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("time.perf_counter", lambda: now)
    monkeypatch.setattr("bordersim.compiled.kernels_are_compiled", lambda: True)
    reporter = SweepReporter("small", quiet=True)
    reporter(Standing(100, 100, 100.0, 400, ""))
    reporter._first = (0.0, Standing(100, 100, 100.0, 400, "runs"))
    reporter._since = (0.0, 100.0)
    now = 30.0
    reporter(Standing(140, 160, 160.0, 400, "runs"))
    assert reporter.line() == "small, 160 of 400 runs: 40% done, about 2 min left, 2.0 runs/s"


@pytest.mark.parametrize(
    ("per_second", "text"),
    [(12.3, "12 runs/s"), (0.5, "30 runs/min"), (0.01, "36 runs/h"), (1e-5, "0.0 runs/h")],
)
def test_rates_are_told_in_a_unit_that_suits(per_second: float, text: str) -> None:
    assert rate_text(per_second) == text
