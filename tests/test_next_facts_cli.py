"""``bordersim next-facts`` at the command line, and what is wrong with its files."""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from next_facts import FACTS, write_facts
from sweeps import here

import bordersim as bs
from bordersim import cli
from bordersim.reporting import valued as reporting
from bordersim.reporting.content import Table, within
from bordersim.reporting.finding import look_in
from bordersim.sweeping import carrying_out
from bordersim.valuing.api import facts_file
from bordersim.valuing.reading import read_next_facts

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Run the whole program in a folder of its own, its workers in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(carrying_out, "_workers", lambda _: here)

    def main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bordersim", "next-facts", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert isinstance(end.value.code, int)
        said = capsys.readouterr()
        return int(end.value.code), said.out, said.err

    return main


def stamps(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_from_a_plan_to_a_page(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_facts(tmp_path)
    code, out, _ = call("told.yaml", "--dry-run")
    assert code == 0
    assert not (tmp_path / "results").exists()
    rows = {words[0]: words[1:] for line in out.splitlines() if (words := line.split())}
    assert rows["told"] == ["30", "1", "30", "0", "0", "30"]
    assert rows["few"] == ["30", "1", "60", "0", "0", "60"]
    (tmp_path / "docs").mkdir()
    code, out, err = call("told.yaml", "-q", "--page", "docs/next.md", "--figure", "next.png")
    assert (code, "drawn: next.png" in err) == (0, True), err
    assert max(map(len, out.splitlines())) <= 80
    for text in ("crossings", "caught", "all-of-it", "momentum", "A trial, no answer: 0.2 %"):
        assert text in out
    page = (tmp_path / "docs" / "next.md").read_text("utf-8")
    assert "](figures/next.png)" in page
    assert (tmp_path / "docs" / "figures" / "next.png").read_bytes().startswith(b"\x89PNG")
    for text in ("bad memories", "within 11 %", "for a half, .43 to .57", "together: "):
        assert text in page, text
    before = stamps(tmp_path / "results")
    code, out, _ = call("told.yaml", "-q", "--json")
    document = json.loads(out)
    assert (code, document["simulated"], document["draws"]) == (0, 0, 30)
    assert stamps(tmp_path / "results") == before
    found = {(row["of"], row["part"], row["fact"]): row for row in document["values"]}
    assert {len(row["facts"]) for row in found.values()} == {1, 2}
    monkeypatch.setattr(reporting, "facts_file", lambda: tmp_path / "told.yaml")
    (facts,) = reporting.facts_of(look_in(tmp_path / "results").studies).values()
    part = reporting.facts_part(facts)
    cells = [row for one in within(part.blocks) if isinstance(one, Table) for row in one.rows]
    assert {"crossings", "caught"} <= {row[0] for row in cells}
    assert any("bad memories" in row for row in cells)  # whom it could hurt
    assert stamps(tmp_path / "results") == before
    study = bs.open("results/told")
    years = [study.run(run_id).annual("crossings") for run_id in study.runs["run_id"]]
    growth = [math.log(crossings[1997] / crossings[1996]) for crossings in years]
    spreads = {row["fact"]: row["spread"] for row in document["facts"]}
    assert spreads["crossings"] == pytest.approx(statistics.stdev(growth))
    shares = bs.attribute("few.yaml", out="results/few", workers=1).to_df()
    held = shares[(shares["part"] == "momentum") & (shares["observable"] == "crossings")]
    assert found["share", "momentum", "caught"]["now"] == pytest.approx(held["value"].std())


WRONG = (
    FACTS.replace("of: [crossings]", "of: [crossing]")
    .replace("{period: 1996}", "{place: nowhere}")
    .replace("per: [sector_attempts]", "per: [fee, fee]")
    .replace("period: 1997\n    scale: logit", "period: 1997:1996\n    scale: logit")
    .replace("id: caught", "id: crossings")
)


def test_every_mistake_is_told_at_once(call: Call, tmp_path: Path) -> None:
    write_facts(tmp_path, WRONG)
    code, out, err = call("told.yaml", "--workers", "0", "--page", "x.txt", "--figure", "x.gif")
    assert (code, out) == (2, "")
    for text in (
        "--workers: got 0",
        'got ".gif"; a figure ends in',
        'got ".txt"; the page is Markdown',
        'facts[0].of: no observable "crossing"; did you mean "crossings"?',
        'facts[0].against.place: got "nowhere"',
        'facts[1].period: "1997:1996" ends before it begins',
        'facts[1].id: "crossings" is listed twice',
    ):
        assert text in err, text
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("per: [sector_attempts]", "per: [fee, deals]", "a mean fee cannot be added"),
        ("of: [crossings]", "of: [crossings, guards]", "these cannot be added up: crossings"),
        ("scale: log\n", "scale: logit\n", "a ratio of two figures is no share"),
        ("{period: 1996}", "{}", "give a period or a place that differs"),
        ("attribution: few.yaml", "attribution: few.yml", 'no such file "few.yml"'),
        ("period: 1996", "period: 2030", "the data reach from 1995-01 to 2025-12"),
        ("scale: log\n", "scale: log\n    place: yalu_upper\n", "yalu_upper is none"),
        ("name: told", "name: few", "is the folder of the attribution"),
    ],
)
def test_a_fact_that_cannot_be_read_is_refused(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    assert old in FACTS
    path = write_facts(tmp_path, FACTS.replace(old, new, 1))
    with pytest.raises(bs.ScenarioError) as caught:
        read_next_facts(path)
    assert said in str(caught.value)


def test_few_draws_are_refused_before_anything_is_simulated(tmp_path: Path) -> None:
    with pytest.raises(bs.ScenarioError, match="got 29 draws; at least 30 are needed"):
        bs.next_facts(write_facts(tmp_path), draws=29, out=tmp_path / "results")


def test_the_facts_that_ship_can_be_read() -> None:
    asked = read_next_facts(facts_file(), draws=30)
    assert len(asked.facts) >= 12
    assert all(fact.supplier and fact.harm and fact.reason for fact in asked.facts)
