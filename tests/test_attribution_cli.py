"""``bordersim attribute`` at the command line, and what is wrong with its files."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attributions import QUESTION, write_question
from sweeps import here

from bordersim import cli
from bordersim.attributing.reading import read_attribution
from bordersim.attributing.stored import QUESTION_FILE, stored_attribution
from bordersim.errors import ScenarioError
from bordersim.sweeping import carrying_out

Call = Callable[..., tuple[int, str, str]]

SMALLER = (
    QUESTION.replace(
        "[guards, barriers, china, markets]", "{north: [guards, barriers], china: [china]}"
    )
    .replace("scale: 0.01", "scale: 0.005")
    .replace("count: 2", "count: 1")
)
DRAWN = """\
draws: {posterior: posterior.parquet, count: 2}
prior: {posterior: prior.parquet, count: 2}
alternatives:
  - {name: fewer-kin, posterior: posterior.parquet, count: 1, set: {residents.k_kin: 0.5}}
"""


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Run the whole program in a folder of its own, its workers in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(carrying_out, "_workers", lambda _: here)

    def main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bordersim", "attribute", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert isinstance(end.value.code, int)
        said = capsys.readouterr()
        return int(end.value.code), said.out, said.err

    return main


def write_draws(folder: Path) -> None:
    """Two draws of what was fitted, and of more than that before."""
    posterior = {"residents.gain": [3.0, 3.1], "draw": [0, 1]}
    prior = {"guards.exposure": [0.2, 0.3], "residents.gain": [2.5, 3.6]}
    pq.write_table(pa.table(posterior), folder / "posterior.parquet")
    pq.write_table(pa.table(prior), folder / "prior.parquet")


def test_from_a_plan_to_an_answer(call: Call, tmp_path: Path) -> None:
    write_draws(tmp_path)
    write_question(tmp_path, DRAWN, SMALLER)
    before = sorted(path.name for path in tmp_path.iterdir())
    code, out, _ = call("small.yaml", "--dry-run")
    assert code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert "4 coalitions; levers are held from 1997-01" in out
    assert "as in the scenario, in every coalition: economy.food_shortage" in out
    rows = {words[0]: words[1:] for line in out.splitlines() if (words := line.split())}
    assert rows["posterior"] == ["2", "8", "0", "0", "8"]
    assert rows["fewer-kin"] == ["1", "4", "0", "0", "4"]
    code, out, err = call("small.yaml", "-q", "-m", "crossings", "--figure", "fall.png")
    assert (code, "drawn: fall.png" in err) == (0, True)
    assert (tmp_path / "fall.png").read_bytes().startswith(b"\x89PNG")
    assert max(map(len, out.splitlines())) <= 80
    for text in ("north", "china", "momentum", "change, the sum", "Under other structures"):
        assert text in out
    assert "not judged: too few draws" in " ".join(out.split())
    code, out, _ = call("small.yaml", "-q", "--json", "--draws", "1")
    groups = json.loads(out)["groups"]
    assert {name: row["planned"] for name, row in groups.items()} == dict.fromkeys(groups, 1)
    code, out, _ = call("small.yaml", "-q", "--json")
    document = json.loads(out)
    assert (document["status"], document["simulated"]) == ("ok", 0)
    assert {row["set"] for row in document["shares"]} == {"posterior", "prior", "fewer-kin"}
    crossings = [
        row["share"]
        for row in document["shares"]
        if (row["set"], row["observable"]) == ("posterior", "crossings")
    ]
    assert len(crossings) == 4
    assert sum(crossings[:-1]) == pytest.approx(crossings[-1])
    harms = {row["observable"] for row in document["shares"]}
    assert {"deaths", "repatriations", "custody_entries"} <= harms
    for path in (p for p in tmp_path.iterdir() if p.is_file()):
        path.unlink()
    folder = (tmp_path / "results" / "small").rename(tmp_path / "moved")
    told = stored_attribution(folder / QUESTION_FILE, folder).document()  # names nothing outside
    for kind, names in (("shares", ("set", "part", "share", "draws")), ("verdicts", ("verdict",))):
        both = ([[row[name] for name in names] for row in of[kind]] for of in (told, document))
        assert next(both) == next(both)


def test_the_prior_is_of_what_the_posterior_draws(tmp_path: Path) -> None:
    write_draws(tmp_path)
    question = read_attribution(write_question(tmp_path, DRAWN, SMALLER))
    prior = next(one for one in question.sets if one.role == "prior")
    assert prior.draws is not None
    assert (prior.draws.keys, prior.draws.rows) == (("residents.gain",), ((2.5,), (3.6,)))


WRONG = QUESTION.replace(
    "[guards, barriers, china, markets]", "{a: [guard], b: [china], c: [china.patrol_rate]}"
)
WRONG = WRONG.replace("to: 1997", "to: 1997-01:1997-06").replace("fee]", "fees]") + (
    "passing: [hungry, wire]\n"
    "prior: {count: 5}\n"
    "alternatives: [{name: prior, posterior: no.parquet, set: {residents.k_kin: 99}}]\n"
    "draws: {posterior: no.parquet, count: 3}\n"
)


def test_every_mistake_is_told_at_once(call: Call, tmp_path: Path) -> None:
    write_question(tmp_path, text=WRONG)
    code, out, err = call("small.yaml", "--workers", "0", "--figure", "fall.gif")
    assert (code, out) == (2, "")
    for text in (
        "--workers: got 0",
        'got ".gif"; a figure ends in',
        "change.to: 6 months, and from has 12; compare equal lengths",
        'factors.a: no group and no lever "guard"; did you mean "guards"?',
        "factors.c: china.patrol_rate is of b already; each lever once",
        'observables[2]: no observable "fees"; did you mean "fee"?',
        'alternatives[0].name: "prior" is taken',
        "alternatives[0].set.residents.k_kin: got 99",
        'draws.posterior: no such file "no.parquet"',
    ):
        assert text in err, text
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("passing: [hungry]", 'passing[0]: no policy "hungry"; did you mean "hunger"'),
        ("passing: [wire]", "passing[0]: it is not in force in 1996-12, or does not end later"),
        ("prior: {count: 5}", "prior: there is nothing to compare it with; name a posterior"),
        ("identified_below: 1.5", "identified_below: got 1.5"),
        ("sedes: 3", 'unknown key "sedes"; did you mean "seeds"?'),
    ],
)
def test_what_else_is_refused(more: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as error:
        read_attribution(write_question(tmp_path, more))
    assert says in str(error.value)


def test_a_metric_that_is_not_divided(call: Call, tmp_path: Path) -> None:
    write_question(tmp_path)
    code, _, err = call("small.yaml", "-m", "arrival")
    assert (code, err) == (2, '--metric: "arrival" is not divided; did you mean "arrivals"?\n')
