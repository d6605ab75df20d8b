"""``bordersim validate`` at the command line, and studies of draws read back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from sweeps import Call, caller, here
from validations import write_posterior, write_tiny

import bordersim as bs
from bordersim.errors import BordersimError, ScenarioError
from bordersim.observing import simulated_figures
from bordersim.study import Study
from bordersim.sweeping import carrying_out, draws
from bordersim.sweeping.reading import read_sweep
from bordersim.validating import validate
from bordersim.validating.asking import validation_file
from bordersim.validating.bars import read_bars
from bordersim.validating.reading import observables_needed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which the sweep of two draws has been carried out."""
    made = tmp_path_factory.mktemp("validation")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying_out, "_workers", lambda _: here)
        validate(write_tiny(made), out=made / "results", workers=1)
    return made


@pytest.fixture
def call(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the whole program in that folder, its workers in this process."""
    return caller(folder, monkeypatch, capsys, "validate")


def test_figures_are_those_of_the_runs(folder: Path) -> None:
    found = bs.validate(folder / "results" / "tiny")
    read = found.readings
    study = bs.open(folder / "results" / "tiny")
    assert read.cells["draw"].tolist() == [0, 1]
    for row, run_id in enumerate(read.cells["run_id"]):
        run = study.run(run_id)
        assert np.array_equal(
            read.figures[row], simulated_figures(run, read.targets), equal_nan=True
        )
        at = list(read.years).index(2007)
        assert read.series["arrivals"][row, at] == run.annual("arrivals")[2007]
        assert read.series["repatriations"][row, at] == run.annual("repatriations")[2007]
    assert read.nuisances["fees.spread"].tolist() == [0.3, 0.31]  # of draws 0 and 1
    assert bs.validate(study, draws=1).readings.n_runs == 1


def test_a_scorecard_at_80_columns(call: Call, folder: Path) -> None:
    code, out, _ = call("tiny.yaml")
    assert code == 1  # a thousandth of the nation is not the nation
    assert max(map(len, out.splitlines())) <= 80
    assert out.index("Bars") < out.index("Arrivals and harm") < out.index("Reports fitted")
    for words in ("FAILS", "Reports held out", "Closure of 2020", "P8 Prices rise", "S1.halved"):
        assert words in out
    assert (folder / "results" / "tiny" / "plan.parquet").is_file()


def test_a_study_is_judged_by_name_and_written(call: Call, folder: Path) -> None:
    code, _, err = call("tiny", "-o", "card", "-q")
    assert code == 1
    page = (folder / "card" / "scorecard.md").read_text()
    assert "| fit | arrivals 1998-2015: years inside the band | at least 16 of 18 years |" in page
    assert page.count("](") == 5
    for name in ("arrivals", "fees", "shares", "scores", "patterns"):
        assert (folder / "card" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    rows = (folder / "card" / "scorecard.csv").read_text().splitlines()
    assert rows[0].startswith("id,lane,group,quantity")
    assert any(row.startswith("arrivals.2009,fit,") for row in rows)
    assert err == ""


def test_one_document(call: Call) -> None:
    code, out, _ = call("tiny", "--json", "-q", "--draws", "1")
    document = json.loads(out)
    assert (code, document["status"], document["holds"]) == (1, "failed", False)
    assert (document["draws"], document["end"]) == (1, "2025-12")
    assert {row["bar"] for row in document["bars"]} == {"fit", "hold-out", "closure", "patterns"}
    assert len(document["patterns"]) == 8
    code, out, _ = call("tiny.yaml", "--json", "--dry-run", "--draws", "3")
    document = json.loads(out)
    assert (code, document["stored"], document["missing"]) == (0, 2, 1)


def test_the_exit_code_says_that_all_bars_hold(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from bordersim.validating import validation
    from bordersim.validating.judging import Verdict

    held = (Verdict("fit", "years", "at least 1", "1", holds=True),)
    monkeypatch.setattr(validation, "judged", lambda *_: held)
    code, out, _ = call("tiny", "-q")
    assert (code, "1 of 1 bars hold." in out) == (0, True)
    monkeypatch.setattr(validation, "judged", lambda *_: (Verdict("fit", "y", "", "", None),))
    assert call("tiny", "-q")[0] == 1


def test_what_is_wrong_is_told_at_once(call: Call, folder: Path) -> None:
    code, _, err = call("tiny", "--seeds", "2", "--posterior", "x.parquet", "--draws", "0")
    assert code == 2
    assert [line.split(":")[0] for line in err.splitlines()] == [
        "--draws",
        "--seeds",
        "--posterior",
    ]
    code, _, err = call("tiny.yaml", "--posterior", "none.parquet")
    assert (code, 'no such file "none.parquet"' in err) == (2, True)
    (folder / "poor.yaml").write_text(
        (folder / "tiny.yaml").read_text().replace("observables: all", "observables: [deals]")
    )
    code, _, err = call("poor.yaml")
    assert (code, "looked at and not kept" in err) == (2, True)
    code, _, err = call("nothing.yaml")
    assert code == 2


def test_the_shipped_sweep_keeps_what_is_looked_at(tmp_path: Path) -> None:
    posterior = write_posterior(tmp_path, rows=2)
    asked = read_sweep(validation_file(), {"draws": {"posterior": str(posterior), "count": 2}})
    assert [one.name for one in asked.scenarios] == ["closure-2020"]
    assert (asked.scenarios[0].scale, asked.scenarios[0].end_month) == (1.0, 12 * 31 - 1)
    assert asked.observables is not None
    assert set(observables_needed(read_bars())) <= set(asked.observables)


def test_runs_that_end_too_early_are_not_judged(tmp_path: Path) -> None:
    from conftest import make_run

    with pytest.raises(BordersimError, match="at least 2015-12 is needed"):
        validate(Study.of([make_run(end_month=100)]))


def test_the_shipped_posterior_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "schema: bordersim/sweep@1\nscenarios: [base.yaml]\nseeds: {count: 1}\n"
        "draws: {posterior: shipped, count: 2}\n"
    )
    monkeypatch.setattr(draws, "shipped_posterior", lambda: tmp_path / "posterior.parquet")
    with pytest.raises(ScenarioError, match="no posterior ships with this version"):
        read_sweep(file)
    write_posterior(tmp_path)
    found = read_sweep(file).draws
    assert found is not None
    assert (len(found.rows), found.keys) == (2, ("residents.k_hardship", "residents.gain"))
    assert found.nuisances["nuisance.fees.spread"] == (0.3, 0.31)


def test_the_plan_keeps_nuisances_and_pairs_draws_by_seed(folder: Path, tmp_path: Path) -> None:
    plan = pq.read_table(folder / "results" / "tiny" / "plan.parquet").to_pandas()
    assert plan["draw.nuisance.fees.spread"].tolist() == [0.3, 0.31]
    scenarios = [bs.load(str(name)) for name in shipped("base", "historical")]
    posterior = {"posterior": str(write_posterior(tmp_path)), "count": 3}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying_out, "_workers", lambda _: here)
        study = bs.sweep(
            scenarios, seeds=2, draws=posterior, scale=0.002, until="1996-12", out=tmp_path / "both"
        )
    effects = study.compare("base", "historical", observable="crossings")
    assert len(effects.pairs) == 6  # three draws, two seeds
    keys = {(pair.draw, pair.seed) for pair in effects.pairs}
    assert keys == {(draw, seed) for draw in range(3) for seed in (1, 2)}


def shipped(*names: str) -> list[Path]:
    from bordersim.data_files import scenarios_folder

    return [scenarios_folder() / f"{name}.yaml" for name in names]
