"""What of a calibration is kept for others, and the figures drawn of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from calibrations import tiny
from sweeps import caller

from bordersim.calibrating.results import Calibration
from bordersim.calibrating.shipping import ship
from bordersim.cli import calibrate as command
from bordersim.errors import StoreError
from bordersim.plot_predictive import (
    design_figure,
    reports_figure,
    screening_figure,
    years_figure,
)

N = 101
"""Runs of a wave that ended well; its quantiles are then runs themselves."""

PRIORS: list[dict[str, Any]] = [
    {"parameter": "a.log", "distribution": "loguniform", "low": 1.0, "high": 100.0, "reason": "-"},
    {"parameter": "b.even", "distribution": "uniform", "low": -1.0, "high": 1.0, "reason": "-"},
]


def wave(shift: float) -> pd.DataFrame:
    """Runs 0 to 100 with figures of the same number, and one that failed far away."""
    count = np.arange(N + 1, dtype=float)
    ok = count < N
    return pd.DataFrame(
        {
            "status": np.where(ok, "ok", "failed"),
            "a.log": np.where(ok, 100 ** (count / 100), 1e9),
            "b.even": np.where(ok, count / 50 - 1, 1e9),
            "figure.arrivals.1998": np.where(ok, count + shift, 1e9),
            "figure.arrivals.2016": np.where(ok, 2 * count + shift, 1e9),
            "figure.fee.2008-08": np.where(count < 50, count / 10, np.nan),
            "figure.women.2000": np.nan,
        }
    )


def write(folder: Path) -> Calibration:
    """Write a calibration by hand, of two waves."""
    tables = {
        "posterior": {"draw": [0, 1], "a.log": [2.0, 3.0], "b.even": [0.1, 0.2]},
        "shares": {"a.log": [0.25, 0.75], "b.even": [0.5, 0.75]},
        "identifiability": {
            "parameter": ["b.even", "a.log"],
            "verdict": ["identified", "not identified"],
        },
        "screening": {
            "parameter": ["a.log", "b.even", "c.none"],
            "effect": [2.0, 1.0, 0.2],
            "floor": [0.5, 0.4, 0.3],
            "strongest": ["arrivals.1998"] * 3,
            "verdict": ["kept", "asked for", "inert"],
        },
        "emulator-2": {"report": ["arrivals.1998"], "r2": [0.9]},
    }
    for number in (1, 2):
        (folder / f"wave-{number}").mkdir(parents=True)
        wave(10.0 * (number - 1)).to_parquet(folder / f"wave-{number}" / "table.parquet")
    for name, table in tables.items():
        pd.DataFrame(table).to_parquet(folder / f"{name}.parquet")
    names = ("screening", "wave-1", "wave-2", "posterior")
    manifest = {
        "name": "hand",
        "title": "By hand",
        "priors": PRIORS,
        "fitted": ["arrivals.1998", "fee.2008-08", "women.2000"],
        "held_out": ["arrivals.2016"],
        "steps": [{"step": name} for name in names],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return Calibration.open(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return write(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def shipped(made: Calibration, tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    into = tmp_path_factory.mktemp("kept")
    ship(made, into)
    return Calibration.open(into)


def test_waves_are_told_by_quantiles_of_the_runs_that_ended(shipped: Calibration) -> None:
    waves = shipped.table("waves").set_index(["wave", "id"])
    one = waves.loc[(1, "arrivals.1998")]
    assert (one["low"], one["simulated"], one["high"], one["runs"]) == (5.0, 50.0, 95.0, N)
    assert waves.loc[(2, "arrivals.1998"), "simulated"] == 60.0
    assert one["reported_low"] == one["reported_high"] == 71
    assert (one["lane"], waves.loc[(1, "arrivals.2016"), "lane"]) == ("fit", "hold-out")
    assert waves.loc[(1, "fee.2008-08"), "runs"] == 50  # runs without a deal tell nothing
    assert "women.2000" not in waves.index.get_level_values("id")


def test_the_design_is_told_in_quantiles_of_the_priors(shipped: Calibration) -> None:
    design = shipped.table("design").set_index(["wave", "parameter"])
    for key in ("a.log", "b.even"):
        found = design.loc[(1, key), ["low", "simulated", "high"]].to_numpy(float)
        assert found == pytest.approx([0.05, 0.5, 0.95])
    assert set(design["points"]) == {N}


def test_no_runs_are_kept_and_what_is_kept_is_the_same(
    made: Calibration, shipped: Calibration
) -> None:
    kept = {path.name for path in shipped.folder.iterdir()}
    assert kept == {
        "posterior.parquet", "manifest.json", "shares.parquet", "screening.parquet",
        "identifiability.parquet", "emulator-2.parquet", "waves.parquet", "design.parquet",
    }  # fmt: skip
    for name in kept - {"waves.parquet", "design.parquet"}:
        before, now = ((one.folder / name).read_bytes() for one in (made, shipped))
        assert hashlib.sha256(before).digest() == hashlib.sha256(now).digest(), name


def test_tables_of_an_older_calibration_do_not_stay(made: Calibration, tmp_path: Path) -> None:
    for name in ("alternatives.parquet", "emulator-5.parquet", "bars.yaml"):
        (tmp_path / name).write_text("older", "utf-8")
    written = ship(made, tmp_path)
    assert written[0] == tmp_path / "posterior.parquet"
    assert {path.name for path in tmp_path.iterdir()} == {
        "bars.yaml", *(path.name for path in written)
    }  # fmt: skip


def test_what_was_shipped_cannot_be_shipped_again(shipped: Calibration, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"wave-1.*in which the calibration was made"):
        ship(shipped, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_is_refused(made: Calibration, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StoreError, match="file"):
        ship(made, tmp_path / "file")


def test_years_are_drawn_as_bands_with_their_reports(shipped: Calibration) -> None:
    waves = shipped.table("waves")
    page = years_figure({"prior": waves[waves.wave == 1]}, "By hand")
    axes = page.axes[0]
    middle = next(line for line in axes.lines if len(line.get_xdata()) == 2)
    assert list(middle.get_xdata()) == [1998.5, 2016.5]
    assert list(middle.get_ydata()) == [50.0, 100.0]
    points = {line.get_ydata()[0]: line for line in axes.lines if len(line.get_xdata()) == 1}
    assert set(points) == {71, 1418}
    assert points[1418].get_markerfacecolor() == "white"  # held out


def test_other_reports_are_drawn_over_what_was_reported(shipped: Calibration) -> None:
    waves = shipped.table("waves")
    card = waves[waves.wave == 2].assign(predicted_low=0.1, predicted_high=9.0)
    page = reports_figure({"prior": waves[waves.wave == 1], "posterior": card}, "By hand")
    axes = page.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["fee.2008-08"]
    row = card[card["id"] == "fee.2008-08"].iloc[0]
    assert np.isneginf(row["reported_low"])  # at most so much: the end stands for the report
    widths = sorted(bar.get_width() for bar in axes.patches)
    ends = row[["low", "high"]].to_numpy(float) / row["reported_high"]
    assert widths[0] == pytest.approx(ends[1] - max(ends[0], 1 / 8))
    assert len(widths) == 3  # prior, posterior, and the latter with report error


def test_screening_and_design_name_what_is_fitted(shipped: Calibration) -> None:
    axes = screening_figure(shipped).axes[0]
    assert [text.get_text().split()[0] for text in axes.get_yticklabels()] == [
        "a.log", "b.even", "c.none",
    ]  # fmt: skip
    colors = [bar.get_facecolor() for bar in axes.patches]
    assert len(set(colors)) == 3
    assert colors[2] == (1.0, 1.0, 1.0, 1.0)
    bars = design_figure(shipped).axes[0].patches
    assert [round(bar.get_width(), 3) for bar in bars[:3]] == [0.9, 0.9, 0.225]


def test_the_command_ships_what_is_done(
    made: Calibration,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "_carried_out", lambda *_, **__: {"steps": []})
    (tmp_path / "results" / "calibration").mkdir(parents=True)
    (tmp_path / "results" / "calibration" / "tiny").symlink_to(made.folder)
    call = caller(tmp_path, monkeypatch, capsys, "calibrate", str(tiny(tmp_path)))
    code, out, err = call("--ship", "kept", "--json")
    assert code == 0
    assert sorted(json.loads(out)["shipped"]) == [
        str(Path("kept") / path.name) for path in sorted((tmp_path / "kept").iterdir())
    ]
    assert "8 files" in err
    assert Calibration.open(tmp_path / "kept").parameters == ["a.log", "b.even"]


def test_the_folder_of_a_scenario_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "results" / "tiny" / "runs"
    runs.mkdir(parents=True)
    (runs / "part-1.parquet").touch()
    call = caller(tmp_path, monkeypatch, capsys, "calibrate", str(tiny(tmp_path)))
    code, _, err = call("-o", "results", "--status")
    assert code == 2
    assert "holds runs of a scenario; name another folder with -o" in " ".join(err.split())
    assert call("--status")[0] == 0


def test_where_nothing_is_done_nothing_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = caller(tmp_path, monkeypatch, capsys, "calibrate", str(tiny(tmp_path)))
    code, _, err = call("--ship", "tiny.yaml", "--dry-run")
    assert code == 2
    assert "not where nothing is done" in err
    assert "tiny.yaml is no folder" in err
