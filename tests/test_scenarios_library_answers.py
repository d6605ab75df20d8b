"""Answers: the same effects as a comparison gives, verdicts, the page, and the command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attributions import made_up as made_up_counts
from attributions import write_question
from reports import Tree
from sweeps import caller, here

from bordersim.answering.answers import Answers
from bordersim.answering.api import answers
from bordersim.answering.divided import attributions_of
from bordersim.answering.page import table
from bordersim.answering.spec import LESS, MORE, Claim, Contrast
from bordersim.answering.verdicts import (
    AGREES,
    ASSUMED,
    CONTRADICTS,
    OPEN,
    claim_verdict,
    effect_spread,
    identification,
)
from bordersim.attributing.answers import Attribution
from bordersim.attributing.judging import (
    IDENTIFIED,
    INERT,
    NOT_IDENTIFIED,
    SIGN_ASSUMED,
    SIGN_LEARNED,
    SIGN_OPEN,
    TOO_FEW,
    UNJUDGED,
)
from bordersim.attributing.measuring import Games
from bordersim.attributing.reading import read_attribution
from bordersim.calibrating.reading import read_calibration
from bordersim.comparing.comparison import Comparison, Measured
from bordersim.comparing.estimates import estimate
from bordersim.comparing.pairing import Pair
from bordersim.comparing.quantities import Cut, quantity_of
from bordersim.data_files import calibration_folder
from bordersim.errors import ScenarioError
from bordersim.periods import Period
from bordersim.reporting import questioned, report
from bordersim.reporting.questioned import claim_words
from bordersim.study import Study
from bordersim.sweeping import carrying_out, planned_before
from bordersim.sweeping.plan import make_plan
from bordersim.sweeping.planned_before import foreseen, plan_for

OPEN_BORDER = """\
schema: bordersim/scenario@1
name: open-river
title: Guards | look away
description: Half the guards, and nobody is returned.
extends: base.yaml
policies:
  add:
    - {id: fewer, title: Half the guards (as asked), lever: guards.per_km, op: scale, value: 0.5,
       from: 1996-01, evidence: [M2]}
    - {id: none-back, title: No returns (as asked), lever: china.refoulement, op: set, value: 0,
       from: 1996-01, evidence: [M17]}
"""
STUDY = """\
schema: bordersim/sweep@1
name: small
scenarios: [base.yaml, open-river.yaml]
seeds: {count: 2}
scale: 0.01
until: 1997-06
draws: {posterior: draws.parquet, count: 3}
observables: [attempts_unaided, attempts_food, attempts_hire, deals, fee_sum, stock_home,
  stock_custody, stock_transit]
"""
QUESTIONS = """\
schema: bordersim/answers@1
title: Small questions
study: small.yaml
baseline: base
prior: {calibration: CALIBRATION, count: 3}
ledger: {pairs: 1}
observables: [repatriations, attempts, arrivals]
questions:
  - id: river
    asks: 1. What if the river were open?
    evidence: [M2]
    comparisons: [{scenario: open-river, window: "1996-01:1997-06"}]
    claims:
      - {says: Fewer are returned., evidence: [M17], scenario: open-river,
         observable: repatriations, expects: less}
      - {says: More are returned., evidence: [M17], scenario: open-river,
         observable: repatriations, expects: more}
      - {says: The elite leaves., evidence: [M8], scenario: open-river, observable: crossings,
         class: elite, expects: more}
  - {id: later, asks: 2. And later?, elsewhere: In another file.}
"""


def write_questions(folder: Path) -> Path:
    """Write a study of two scenarios, three draws and two seeds, and what is asked of it."""
    (folder / "open-river.yaml").write_text(OPEN_BORDER)
    (folder / "small.yaml").write_text(STUDY)
    columns = {"residents.k_hardship": [8.0, 8.2, 8.1], "residents.a_risk": [3.0, 4.0, 3.5]}
    pq.write_table(pa.table(columns), folder / "draws.parquet")
    path = folder / "asked.yaml"
    smoke = calibration_folder() / "smoke.yaml"
    path.write_text(QUESTIONS.replace("CALIBRATION", json.dumps(str(smoke))))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("answers")


@pytest.fixture(scope="module")
def found(folder: Path) -> Answers:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying_out, "_workers", lambda _: here)
        return answers(write_questions(folder), out=folder / "results")


def test_effects_are_those_of_a_comparison(found: Answers, folder: Path) -> None:
    names = ["repatriations", "attempts", "arrivals"]
    (contrast,) = found.asked.contrasts
    for kind, one in zip(("small", "small-prior"), found.comparisons[contrast], strict=True):
        assert one is not None
        study = Study.open(folder / "results" / kind)
        by_hand = study.compare("base", "open-river", observable=names, window="1996-01:1997-06")
        for ours, theirs in zip(one.rows(), by_hand.rows(), strict=True):
            for key in ("observable", "a", "b", "effect", "low", "high", "pairs", "draws"):
                assert ours[key] == theirs[key], (kind, key)
    draws = [study.cells[f"draw.{key}"].unique() for key in ("residents.a_risk",)]
    priors = read_calibration(calibration_folder() / "smoke.yaml").priors
    (prior,) = [one for one in priors if one.parameter == "residents.a_risk"]
    assert all(prior.low <= value <= prior.high for value in draws[0])
    assert sorted(draws[0]) != [3.0, 3.5, 4.0]


def test_effects_come_with_harm_and_what_the_data_say(found: Answers) -> None:
    (contrast,) = found.asked.contrasts
    rows = found.rows(found.asked.questions[0], contrast)
    names = [row["observable"] for row in rows]
    assert names == ["repatriations", "attempts", "arrivals", "deaths", "custody_entries"]
    by_name = {row["observable"]: row for row in rows}
    assert by_name["attempts"]["effect"] > 0 > by_name["repatriations"]["effect"]
    assert {row["verdict"] for row in rows} <= {TOO_FEW, INERT}
    assert found.trial() == (
        "draws of draws.parquet, which are not those that ship; 0.01 of the population"
    )


def test_a_claim_and_its_opposite(found: Answers) -> None:
    fewer, more, elite = found.claims(found.asked.questions[0])
    assert (fewer["verdict"], more["verdict"]) == (AGREES, CONTRADICTS)
    assert (elite["of"], elite["observable"]) == ("elite", "crossings")
    assert 0 < elite["a"] < found.comparisons[found.asked.contrasts[0]][0].rows()[1]["a"]
    assert [row["says"] for row in found.contradicted()] == ["More are returned."]


def tables(page: str) -> list[list[list[str]]]:
    """Cells of every table of a page."""
    parts = re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE)
    return [
        [re.split(r"(?<!\\)\|", line)[1:-1] for line in part.strip().split("\n")] for part in parts
    ]


def test_the_page_says_everything_and_nothing_of_this_machine(found: Answers, folder: Path) -> None:
    page = found.page("figures/small.png")
    assert page == found.page("figures/small.png")
    assert str(folder) not in page
    for part in tables(page):
        assert len({len(row) for row in part}) == 1
    for text in (
        "> **A trial, no answer.** Made from draws of draws.parquet",
        "![Effects on repatriations (more: none; fewer: open-river; open: none) and on attempts, ",
        "(figures/small.png)",
        "- With: Half the guards (as asked): `guards.per_km` times 0.5, from 1996-01 [M2]",
        "### Guards | look away",
        "More are returned.",
        "In another file.",
        "not judged: too few draws",
        "6 pairs over 3 draws",
        "Of 3 claims listed below the model agrees with ",
        "responsible-use.md",
    ):
        assert text in page, text
    contradicted = page.split("## Where the model contradicts")[1].split("\n## ")[0]
    assert "More are returned." in contradicted
    assert "Fewer are returned." not in contradicted
    assert table((("a", "b"), [("x|y", "+1")])) == "| a | b |\n|---|---:|\n| x\\|y | +1 |"


def test_fates_of_the_page_are_those_of_the_ledger(found: Answers) -> None:
    ((contrast, ledger),) = found.ledgers.items()
    page = found.page()
    (fates,) = [t for t in tables(page) if "by the end of the window" in t[0][0]]
    net = {row[0].strip(): row[3].strip().replace(",", "") for row in fates[2:]}
    effects = ledger.summary()["effect"]
    for fate, name in (("died", "deaths"), ("in China", "in China at the end")):
        assert float(net.get(fate, "0")) == pytest.approx(effects[name], abs=0.51)
    assert sum(float(value) for value in net.values()) == pytest.approx(0, abs=len(net))
    assert len(ledger.matrices) == found.asked.ledger_pairs == 1
    assert ledger.window == contrast.window


def shares(folder: Path) -> Attribution:
    """An attribution in which guards alone took 960 of 1,000 away."""
    asked = read_attribution(write_question(folder))
    after = np.array([[1000 - 960 * (mask & 1) for mask in range(asked.n_coalitions)]])
    return Attribution(asked, {"point": Games({"arrivals": made_up_counts(after)}, 1, 0)}, "")


def test_a_question_is_answered_by_shares(found: Answers, tmp_path: Path) -> None:
    later = found.asked.questions[1]
    asks = replace(later, attribution=tmp_path / "small.yaml", elsewhere="")
    asked = replace(found.asked, questions=(found.asked.questions[0], asks))
    without = replace(found, asked=asked)
    assert "`bordersim attribute small.yaml` makes them" in without.page()
    page = replace(without, attributions={"later": shares(tmp_path)}).page()
    brief, *others = tables(page)
    assert [row[0].strip() for row in brief[2:]] == [one.asks for one in asked.questions]
    assert "guards -960" in brief[-1][3]
    assert "guards 100 %" in brief[-1][4]
    (rows,) = [part for part in others if part[0][2].strip() == "of the change"]
    assert [cell.strip() for cell in rows[2][:3]] == ["guards", "-960", "100 %"]
    assert "Momentum: the change with all of them held" in page


def test_runs_that_do_not_answer_are_refused(found: Answers, tmp_path: Path) -> None:
    file = write_question(tmp_path)
    asked = replace(
        found.asked, questions=tuple(replace(q, attribution=file) for q in found.asked.questions)
    )
    assert attributions_of(asked, tmp_path / "results", None) == {}
    (tmp_path / "results" / "small").mkdir(parents=True)
    assert attributions_of(asked, tmp_path / "results", None) == {}
    with pytest.raises(ScenarioError, match="do not answer"):
        attributions_of(asked, tmp_path, tmp_path / "results" / "small")
    with pytest.raises(ScenarioError, match="no question names"):
        attributions_of(found.asked, tmp_path, tmp_path)


def test_a_stored_plan_stands_for_one_worked_out(
    found: Answers, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep, stored = found.asked.study, folder / "results" / "small"
    worked_out = make_plan(sweep)
    counted = foreseen(sweep, tmp_path / "none")
    assert len(counted.runs()) == len(worked_out.runs())
    assert [c[:4] for c in counted.cells] == [c[:4] for c in worked_out.cells]
    fewer = replace(sweep, n_seeds=1)
    monkeypatch.setattr(planned_before, "make_plan", lambda _: None)
    assert plan_for(sweep, stored) == worked_out
    assert plan_for(fewer, stored).cells == worked_out.cells[: len(worked_out.cells) // 2]
    assert plan_for(replace(sweep, n_seeds=3), stored) is None  # would be worked out
    monkeypatch.setattr(planned_before, "run_id", lambda *_: "another engine")
    assert plan_for(sweep, stored) is None


def test_a_report_tells_the_questions(
    found: Answers, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questioned, "questions_file", lambda: folder / "asked.yaml")
    made = report(folder / "results", tmp_path / "page.html")
    tree = Tree(made.path.read_text("utf-8")).root
    part = next(n for n in tree.all("section") if n.attributes["id"] == "scenarios").words
    assert "A trial, no answer" in part
    assert claim_words(found) in part
    assert "More are returned." in part
    assert "1996-01 to 1997-06" in part  # and not all the months that are stored
    assert "small-prior" not in part
    assert claim_words(found) in next(tree.all("section")).words


def test_the_command(
    folder: Path,
    found: Answers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call = caller(folder, monkeypatch, capsys, "answers")
    code, out, _ = call("asked.yaml", "--dry-run")
    assert code == 0
    assert "Nothing was simulated" in out
    assert re.search(r"small-prior +2 +3 +2 +12 +12 +0 +0", out)
    code, out, err = call("asked.yaml", "-q", "--ledger", "0", "--page", "page/answers.md")
    assert (code, max(map(len, out.splitlines())) <= 80) == (0, True)
    assert "Contradicts: More are returned. [M17]" in out
    assert "written: page/answers.md" in err
    assert (folder / "page/figures/answers.png").read_bytes().startswith(b"\x89PNG")
    assert "What became of people" not in (folder / "page/answers.md").read_text()
    code, out, _ = call("asked.yaml", "-q", "--ledger", "0", "--json")
    document = json.loads(out)
    assert (code, document["status"], document["simulated"]) == (0, "ok", 0)
    effects = document["questions"][0]["effects"]
    assert [row["effect"] for row in effects] == [
        row["effect"] for row in found.rows(found.asked.questions[0], found.asked.contrasts[0])
    ]
    wrong = ("--page", "x.html", "--scale", "2", "--ledger", "-1", "--draws", "0")
    code, out, err = call("asked.yaml", *wrong)
    assert (code, out) == (2, "")
    assert all(option in err for option in ("--page", "--scale", "--ledger", "--draws"))


def made_up(effects: np.ndarray, seeds: int = 1, first: float = 1000.0) -> Comparison:
    """A comparison of arrivals in one month; effects of draws x seeds."""
    a = np.full((effects.size, 1, 1), first)
    pairs = tuple(Pair(0, k // seeds, k % seeds, None, None) for k in range(effects.size))  # type: ignore[arg-type]
    month = Period(0, 0)
    one = Measured(quantity_of("arrivals"), Cut(), a, a + effects.reshape(-1, 1, 1))
    return Comparison(("a", "b"), ("arrivals",), pairs, month, month, (one,), 1.0, "")


def test_the_spread_over_draws_leaves_luck_out() -> None:
    rng = np.random.default_rng(3)
    luck = rng.standard_normal((4000, 2)) * 30.0
    world = rng.standard_normal((4000, 1)) * 20.0
    sd, draws = effect_spread(made_up((world + luck).ravel(), seeds=2), "arrivals")
    assert draws == 4000
    assert sd == pytest.approx(20.0, rel=0.07)
    whole, _ = effect_spread(made_up((world + luck)[:, 0]), "arrivals")
    assert whole == pytest.approx(np.hypot(20, 30), rel=0.05)
    assert np.isnan(effect_spread(made_up(np.array([5.0])), "arrivals")[0])


def test_what_the_data_say() -> None:
    wide, narrow = made_up(np.linspace(-100, 300, 40)), made_up(np.linspace(90, 110, 40))
    sure, few = made_up(np.linspace(50, 450, 40)), made_up(np.linspace(90, 110, 19))

    def said(posterior: Comparison, prior: Comparison | None, *, assumed: bool = False) -> tuple:
        row = identification(posterior, prior, "arrivals", 0.7, assumed=assumed)
        return row["verdict"], row["sign"]

    assert said(narrow, wide) == (IDENTIFIED, SIGN_LEARNED)
    assert said(narrow, sure) == (IDENTIFIED, SIGN_ASSUMED)
    assert said(wide, sure) == (NOT_IDENTIFIED, SIGN_OPEN)
    assert said(narrow, few) == (TOO_FEW, "") == said(few, wide)
    assert said(wide, few) == (TOO_FEW, SIGN_OPEN)  # that the posterior leaves it open is known
    assert said(narrow, None) == (UNJUDGED, "")
    assert said(narrow, wide, assumed=True) == (ASSUMED, SIGN_ASSUMED)
    assert said(made_up(np.zeros(40)), wide) == (INERT, "")
    ratio = identification(narrow, wide, "arrivals", 0.7, assumed=False)["sd_ratio"]
    assert ratio == pytest.approx(20 / 400)


@pytest.mark.parametrize(
    ("effects", "expects", "verdict"),
    [
        ([90.0, 100.0, 110.0], MORE, AGREES),
        ([90.0, 100.0, 110.0], LESS, CONTRADICTS),
        ([-90.0, -100.0, -110.0], MORE, CONTRADICTS),
        ([-90.0, -100.0, -110.0], LESS, AGREES),
        ([-90.0, 100.0, 10.0], MORE, OPEN),
        ([50.0], MORE, OPEN),
    ],
)
def test_claims(effects: list[float], expects: str, verdict: str) -> None:
    contrast = Contrast("b", "a", Period(0, 11))
    claim = Claim("so", ("M1",), contrast, "arrivals", None, expects)
    keys = np.arange(len(effects))
    values = np.array(effects)
    assert claim_verdict(claim, estimate(0 * values, values, keys, 0 * keys)) == verdict
    assert contrast.span() == "1995"
    assert replace(contrast, window=Period(1, 12)).span() == "1995-02 to 1996-01"
