"""`bordersim verify`: what is equal passes, and whatever is changed is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_worlds import policy, shipped
from typer.testing import CliRunner

from bordersim import _jit, parts
from bordersim.cli.app import app
from bordersim.codes import OBSERVABLES, Account, Obs
from bordersim.parts import FailedRun, tables_of
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate
from bordersim.store import Store

SEEDS = (1, 2, 3)
END = "1997-06"
MARCH = 12 + 2  # 1996-03


def scenario() -> Scenario:
    return shipped("historical").scaled(0.004).until(END)


@pytest.fixture(scope="module")
def runs() -> dict[int, Run]:
    """Three seeds, the first with its events."""
    return {seed: simulate(scenario(), seed, events=seed == 1) for seed in SEEDS}


Stored = Callable[..., None]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    """Commit runs into `results/historical` of the working folder."""
    monkeypatch.chdir(tmp_path)

    def commit(*committed: Run, study: str = "historical") -> None:
        kept = Store(tmp_path / "results" / study)
        for run in committed:
            kept.commit([run])
        kept.refresh_views()

    return commit


def ask(*arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["verify", *arguments], catch_exceptions=False)
    assert result.exit_code == code, (result.stdout, result.stderr)
    return result


def verified(*arguments: str, code: int = 0) -> Any:
    return json.loads(ask(*arguments, "-q", "--json", code=code).stdout)


def the_run(*arguments: str, code: int = 3) -> Any:
    """The only run of a document, by default one that is not the same."""
    document = verified(*arguments, code=code)
    assert document["status"] == {0: "ok", 3: "mismatch"}[code]
    (row,) = document["runs"]
    assert row["equal"] == (code == 0)
    return row


def test_a_run_made_again_is_the_same(runs: dict[int, Run], store: Stored) -> None:
    store(runs[1])
    row = the_run("historical", code=0)
    assert [year["year"] for year in row["years"]] == [1995, 1996, 1997]
    assert all(year["stored"] == year["again"] == runs[1].digests[year["year"]]
               for year in row["years"])  # fmt: skip
    assert runs[1].events is not None
    assert row["events"] == len(runs[1].events["uid"]) > 1000
    assert row["values"] == sum(runs[1].value(name).size for name in OBSERVABLES)
    assert row["same_engine"]
    assert row["first"] is None
    text = ask(runs[1].run_id[:8]).stdout
    assert "the same to the last bit" in text
    assert "3 of 3 years equal" in text


def test_a_changed_number_is_named(runs: dict[int, Run], store: Stored) -> None:
    record = runs[2].record.copy()
    at = (MARCH, int(Obs.STOCK_HOME), 3, 1, 2)
    record[at] += 1
    record[MARCH + 2, int(Obs.CONSIDERERS)] += 1
    store(replace(runs[2], record=record))
    row = the_run("historical")
    assert row["first"] == {
        "month": "1996-03",
        "column": "stock_home, south_pyongan, male, elite",
        "stored": float(record[at] / 0.004),
        "again": float((record[at] - 1) / 0.004),
        "columns": 1,
    }
    assert "the stored numbers have been changed since" in row["verdict"]
    assert "1996-03, stock_home, south_pyongan" in ask("historical", code=3).stdout


def test_a_store_of_chosen_observables_is_compared_in_these(
    runs: dict[int, Run], store: Stored, tmp_path: Path
) -> None:
    record = runs[2].record.copy()
    record[MARCH, int(Obs.STOCK_CHINA), 0, 0, 0] += 1
    kept = ("arrivals", "stock_china")
    for study, run in (("few", runs[2]), ("changed", replace(runs[2], record=record))):
        Store(tmp_path / "results" / study).commit_again(tables_of(run, kept))
    row = the_run("few", code=0)
    assert row["values"] == sum(runs[2].value(name).size for name in kept)
    assert the_run("changed")["first"]["column"].startswith("stock_china, ")


def test_a_changed_payment_is_named(runs: dict[int, Run], store: Stored) -> None:
    ledger = runs[2].ledger.copy()
    ledger[MARCH, Account.RESIDENTS, Account.GUARDS] += 7
    ledger[MARCH + 1, Account.HELPERS, Account.NORTH] += 7
    store(replace(runs[2], ledger=ledger))
    first = the_run("historical")["first"]
    assert (first["month"], first["column"]) == ("1996-03", "ledger, residents to guards")
    assert first["stored"] - first["again"] == pytest.approx(7 / 1000 / 0.004)
    assert first["columns"] == 1


@pytest.mark.parametrize("change", ["altered", "missing", "added"])
def test_a_changed_event_is_named(change: str, runs: dict[int, Run], store: Stored) -> None:
    log = runs[1].events
    assert log is not None
    at = int(np.argmax(log["month"] == MARCH)) + 3
    if change == "altered":
        events = {name: column.copy() for name, column in log.items()}
        events["uid"][at] += 1
    elif change == "missing":
        events = {name: np.delete(column, at) for name, column in log.items()}
    else:
        events = {name: np.append(column, column[-1]) for name, column in log.items()}
    store(replace(runs[1], events=events))
    first = the_run("historical")["first"]
    assert first["column"] == "event log"
    assert first["month"] == ("1997-06" if change == "added" else "1996-03")
    if change == "added":
        assert first["again"] == "no more events"
    else:
        assert f" of {log['uid'][at]} at " in first["again"]
        assert first["stored"] != first["again"]


def test_another_life_is_dated_by_the_month_it_began(runs: dict[int, Run], store: Stored) -> None:
    # the store claims to hold history, and holds a history with a change in it
    other = simulate(scenario().add(policy("economy.food_shortage", 1.0, "1996-03")), 3)
    store(replace(other, run_id=runs[3].run_id, inputs=runs[3].inputs))
    row = the_run("historical")
    assert row["first"]["month"] == "1996-03"
    assert [year["equal"] for year in row["years"]] == [True, False, False]
    assert "by the same code" in row["verdict"]
    text = ask("historical", code=3).stdout
    assert "1 of 3 years equal; the first other is of 1996" in text


def test_a_state_that_no_table_shows_is_dated_by_its_year(
    runs: dict[int, Run], store: Stored
) -> None:
    digests = runs[2].digests | {1996: "0" * 32, 1997: "1" * 32}
    store(replace(runs[2], digests=digests))
    first = the_run("historical")["first"]
    assert (first["month"], first["column"]) == ("1996-12", "state of the world")
    assert (first["stored"], first["again"]) == ("0" * 32, runs[2].digests[1996])
    said = " ".join(ask("historical", code=3).stdout.split())
    assert "no stored number differs yet" in said


def test_other_code_is_told_and_compared_all_the_same(
    runs: dict[int, Run], store: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(_jit, "engine_hash", lambda: "0123456789abcdef")
        patch.setattr(parts, "environment", lambda: {"numba": "0.1", "python": "3.11.0"})
        store(runs[2])
        store(replace(runs[3], digests=runs[3].digests | {1997: "f" * 32}), study="changed")
    row = the_run("historical", code=0)
    assert not row["same_engine"]
    assert row["verdict"] == "the same to the last bit, though made by other code"
    changed = the_run("changed")
    assert "made by other code" in changed["verdict"]
    text = " ".join(ask("changed", code=3).stdout.split())
    assert "engine 0123456789abcdef (not this one" in text
    assert "numba 0.1 (here " in text


def test_a_sample_is_a_choice_that_can_be_made_again(runs: dict[int, Run], store: Stored) -> None:
    store(*runs.values())
    chosen = [
        {row["seed"] for row in verified("historical", "--sample", "1", *more)["runs"]}
        for more in ((), (), *(("--sample-seed", str(seed)) for seed in range(2, 8)))
    ]
    assert chosen[0] == chosen[1]
    assert all(len(one) == 1 for one in chosen)
    assert len(set().union(*chosen)) > 1


def test_a_study_in_two_processes(runs: dict[int, Run], store: Stored) -> None:
    store(*runs.values())
    store(replace(runs[2], digests=runs[2].digests | {1997: "0" * 32}), study="spoilt")
    document = verified("historical", "spoilt", code=3)
    found = {(row["study"], row["seed"]): row["equal"] for row in document["runs"]}
    assert found == {("spoilt", 2): False} | {("historical", seed): True for seed in SEEDS}
    assert (document["equal"], document["unequal"]) == (3, 1)


def test_copies_at_once_in_one_process(runs: dict[int, Run], store: Stored) -> None:
    store(runs[1])
    document = verified("historical", "--threads", "2")
    assert [(row["threads"], row["equal"]) for row in document["runs"]] == [(2, True)] * 2


def test_what_failed_or_is_damaged_is_left_out_and_said(
    runs: dict[int, Run], store: Stored, tmp_path: Path
) -> None:
    store(runs[1], runs[2])
    folder = tmp_path / "results" / "historical"
    Store(folder).record_failure(FailedRun("f" * 16, scenario(), 9, "no people", "BordersimError"))
    one = verified("historical", "--sample", "1")
    assert [row["run"] for row in one["skipped"]] == [f"historical/{'f' * 16}"]
    assert one["status"] == "ok"
    spoilt = Store(folder).path("series", Store(folder).rows()[runs[2].run_id].part)
    spoilt.write_bytes(spoilt.read_bytes()[:-100])
    document = verified("historical", code=1)
    assert document["status"] == "failed"
    assert {row["run"]: row["damaged"] for row in document["skipped"]} == {
        f"historical/{'f' * 16}": False,
        f"historical/{runs[2].run_id}": True,
    }
    assert [row["equal"] for row in document["runs"]] == [True]
    nothing = verified("f" * 16, code=2)
    assert "nothing to verify" in nothing["problems"][0]["message"]


def test_a_run_that_cannot_be_made_again_is_a_failure(
    runs: dict[int, Run], store: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Run:
        raise MemoryError("too small a machine")

    store(runs[1])
    monkeypatch.setattr("bordersim.simulation.simulate", refuse)
    document = verified("historical", code=1)
    assert document["runs"][0]["error"] == "too small a machine"
    assert "too small a machine" in ask("historical", code=1).stdout


def test_all_that_is_wrong_is_told_at_once(runs: dict[int, Run], store: Stored) -> None:
    store(runs[1])
    wrong = verified(
        "zzzz", "--threads", "1,0", "--sample", "0", "--set", "x", "--scenario", "no.yaml", code=2
    )
    assert [problem["where"] for problem in wrong["problems"]] == [
        "--threads", "--sample", "RUN", "--set", "no.yaml",
    ]  # fmt: skip
    assert verified("zz", "-o", "nowhere", code=2)["problems"][0]["where"] == "--out"
