"""``bordersim cite``: what a result rests on, in full, from files and from stored runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import bordersim as bs
from bordersim.citing import Citation, cite
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder
from bordersim.registry import registry
from bordersim.run_catalogue import find_run, read_catalogue
from bordersim.scenario import Scenario, load

HISTORY = scenarios_folder() / "historical.yaml"
TINY = ("--scale", "0.001", "--until", "1995-01", "-q")


@pytest.fixture(scope="module")
def history() -> Scenario:
    return load(HISTORY)


@pytest.fixture(scope="module")
def citation(history: Scenario) -> Citation:
    return bs.cite(history)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of history, one with other inputs, and one study of a single run."""
    folder = tmp_path_factory.mktemp("results")
    other = ("--set", "history.patrol_start=0.02", "--set", "china.refoulement=0.5")
    for arguments in ((), other):
        call("run", str(HISTORY), *TINY, "-o", str(folder), *arguments)
    call("run", str(scenarios_folder() / "base.yaml"), *TINY, "-o", str(folder))
    return folder


def call(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, done.output
    return str(done.stdout if code == 0 else done.output)


def runs_of(results: Path, scenario: str) -> Iterator[str]:
    for entry in read_catalogue(results).entries:
        if entry.columns["scenario"] == scenario:
            yield entry.run_id


def of(citation: Citation, policy: str) -> dict[str, Any]:
    return next(row for row in citation.policies if row["id"] == policy)


def test_every_policy_is_cited_with_what_it_names(history: Scenario, citation: Citation) -> None:
    cited = {row["id"]: [entry["id"] for entry in row["cites"]] for row in citation.policies}
    assert cited == {policy.id: list(policy.evidence) for policy in history.policies}
    for row in citation.policies:
        for entry in row["cites"]:
            assert entry["claim"], entry["id"]
            assert entry["source"], entry["id"]
            assert entry["reliability"] in citation.grades, entry["id"]


MONEY = {"lever": "guards.capture_reward", "op": "set", "from": "2013-01", "factor": "guards"}


@pytest.mark.parametrize(
    ("says", "basis", "because"),
    [
        ({"value": 2, "evidence": ["M3", "T.2016-08.bounty_capture"]}, "reported", "2000 CNY"),
        ({"value": 2, "evidence": ["S2.helper_fine"]}, "reported", "up to CNY 3,000"),
        ({"value": 2, "evidence": ["M3", "T.2012-06.reward"]}, "assumed", "gives no size"),
        ({"value": 2}, "assumed", "no evidence is cited"),
        # how many came is an outcome, which no policy takes its size from
        ({"value": 2, "evidence": ["S1.elite"]}, "assumed", "gives no size"),
        ({"parameter": "traffickers.operating_cost"}, "fitted", ""),
        ({"parameter": "china.onward_fee"}, "reported", ""),
        ({"parameter": "residents.kin_money"}, "assumed", ""),
    ],
)
def test_where_a_size_comes_from(
    history: Scenario, says: dict[str, Any], basis: str, because: str
) -> None:
    if "parameter" in says:
        parameter = history.parameters[says["parameter"]]
        kinds = {"fitted": "calibrated", "reported": "estimate", "assumed": "assumption"}
        assert parameter.kind == kinds[basis]  # of the kind that this test is about
        because = parameter.source or parameter.reason
    size = of(cite(history.add({"id": "mine", **MONEY, **says})), "mine")["size"]
    assert size["basis"] == basis
    assert because in size["because"]


def test_a_size_is_fitted_where_a_calibrated_parameter_holds_it(
    history: Scenario, citation: Citation
) -> None:
    fitted = {row["id"] for row in citation.policies if row["size"]["basis"] == "fitted"}
    assert fitted == {
        policy.id
        for policy in history.policies
        if policy.parameter and history.parameters[policy.parameter].kind == "calibrated"
    }


def test_every_parameter_has_a_kind_and_where_it_comes_from(
    history: Scenario, citation: Citation
) -> None:
    assert {row["key"] for row in citation.parameters} == set(history.parameters)
    assert all(row["source"] or row["reason"] for row in citation.parameters)
    assert not [row["key"] for row in citation.parameters if row["set_by"]]
    kinds = [row["kind"] for row in citation.parameters]
    assert kinds == sorted(kinds, key=["calibrated", "estimate", "assumption", "law"].index)


def test_a_parameter_set_by_the_scenario_says_so(history: Scenario) -> None:
    changed = cite(history.with_parameters({"residents.gain": 1.5}))
    (row,) = [row for row in changed.parameters if row["set_by"]]
    assert (row["key"], row["value"]) == ("residents.gain", [1.5])
    assert row["ships"] == list(history.parameters["residents.gain"].values())


def test_data_files_name_their_sources(citation: Citation) -> None:
    names = {Path(file["file"]).name for file in citation.data}
    assert names == {path.name for path in (scenarios_folder() / "data").glob("*.csv")}
    assert all(file["sources"] or file["says"] for file in citation.data)
    for file in citation.data:
        if file["sources"]:
            assert sum(source["rows"] for source in file["sources"]) == file["rows"]


def test_evidence_is_what_a_fit_may_use_and_what_is_held_out(citation: Citation) -> None:
    uses = {entry["id"]: entry["use"] for entry in citation.evidence}
    known = registry()
    assert uses == {e.id: e.use for e in known.select(use=("calibrate", "validate"))}
    assert set(uses.values()) == {"calibrate", "validate"}


def test_the_table_holds_all_of_it(citation: Citation) -> None:
    table = citation.to_df()
    policies = table[table["part"] == "policy"]
    assert list(dict.fromkeys(policies["item"])) == [row["id"] for row in citation.policies]
    row = policies[policies["evidence"] == "T.2013-06.rotation"].iloc[0]
    assert (row["item"], row["basis"], row["reliability"]) == ("rotation-2013", "reported", "C")
    assert "RFA" in row["source"]
    assert (table["part"] == "parameter").sum() == len(citation.parameters)
    assert (table["part"] == "evidence").sum() == len(citation.evidence)
    assert not table[["part", "item", "says"]].isna().any().any()


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("options", [(), ("--all",)])
def test_lines_fit_the_terminal(
    width: int, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = call("cite", str(HISTORY), *options).splitlines()
    assert [line for line in lines if len(line) > width] == []
    if width == 80:  # wrapped between words, under its own beginning
        assert "      North improve (S1; S2)" in lines
    text = " ".join(" ".join(lines).split())
    assert "Garrisons rotate twice in six months" in text
    assert "size reported: T.2013-06.rotation: twice in 6 months" in text
    assert "T.2013-06.rotation [C]: garrison rotation" in text
    assert "A fit may use" in text
    assert ("delay.2003 [B]" in text) == bool(options)
    assert ("model.md R1" in text) == bool(options)


def test_an_id_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = " ".join(call("cite", str(HISTORY)).split())
    assert text.count("M4 [C]: cameras on popular crossing routes") == 1
    assert text.count("M4 [C]: as above") > 1


def test_a_run_rests_on_what_its_scenario_rests_on(results: Path, citation: Citation) -> None:
    plain, other = sorted(
        runs_of(results, "historical"),
        key=lambda run_id: len(changed_by(results, run_id)),
    )
    document = json.loads(call("cite", plain, "-o", str(results), "--json"))
    assert document["status"] == "ok"
    assert document["subject"]["run_id"] == plain
    cited = [(row["id"], row["size"]["basis"]) for row in document["policies"]]
    assert cited == [(row["id"], row["size"]["basis"]) for row in citation.policies]
    assert changed_by(results, plain) == []
    assert changed_by(results, other) == ["history.patrol_start"]


def changed_by(results: Path, run_id: str) -> list[str]:
    """Parameters that a citation of a run says are other than shipped."""
    found = cite(find_run(read_catalogue(results), run_id))
    return [row["key"] for row in found.parameters if row["set_by"]]


def test_a_lever_that_was_set_for_a_run_is_among_its_policies(results: Path) -> None:
    (run_id,) = (r for r in runs_of(results, "historical") if changed_by(results, r))
    found = cite(find_run(read_catalogue(results), run_id))
    (lever,) = [row for row in found.policies if row["lever"] == "china.refoulement"]
    assert lever["size"]["basis"] == "assumed"


def test_a_study_of_one_scenario_is_named_by_its_name(results: Path) -> None:
    document = json.loads(call("cite", "base", "-o", str(results), "--json"))
    assert (document["subject"]["study"], document["policies"]) == ("base", [])


def test_what_cannot_be_cited(results: Path) -> None:
    several = call("cite", "historical", "-o", str(results), code=2)
    assert "2 sets of inputs; name one run" in several
    assert "no run" in call("cite", "zzzz", "-o", str(results), code=2)
    assert "no such file" in call("cite", "no.yaml", code=2)
    assert "no such folder" in call("cite", "x", "-o", str(results / "elsewhere"), code=2)
