"""``bordersim report``: one page, its parts by what a folder holds, nothing taken for markup."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attributions import write_question
from reports import MARKUP, Node, Tree, write_calibration, write_pair
from sweeps import carry_out_here
from typer.testing import CliRunner
from validations import readings_as_reported

import bordersim as bs
from bordersim.attributing.api import answered
from bordersim.attributing.carrying import How, planned
from bordersim.attributing.reading import read_attribution
from bordersim.attributing.stored import keep_question
from bordersim.cli.app import app
from bordersim.data_files import shipped_posterior
from bordersim.errors import ScenarioError
from bordersim.reporting import scorecards
from bordersim.reporting.colours import DARK, LIGHT, TEXT_ON
from bordersim.reporting.content import Table, number_in
from bordersim.sweeping.draws import read_draws
from bordersim.validating.bars import read_bars
from bordersim.validating.validation import Validation
from bordersim.vocabulary import read_vocabulary

SECTIONS = ["brief", "run", "evidence", "fit", "attribution", "scenarios", "harms", "limits"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that holds a sweep of a pair, a calibration and a scorecard."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        carry_out_here(write_pair(folder), folder / "results" / "pair", patch)
    write_calibration(folder / "results" / "fitted")
    Validation(readings_as_reported(), read_bars()).write(folder / "results" / "card")
    return folder / "results"


@pytest.fixture(scope="module")
def page(results: Path) -> Path:
    made = bs.report(results, results.parent / "page.html", fates=1)
    assert made.missing == ["Attribution: what explains a change"]
    return made.path


@pytest.fixture(scope="module")
def alone(results: Path) -> Path:
    """Page of the sweep by itself."""
    return bs.report(results / "pair", results.parent / "pair.html", title="Mine & yours").path


@pytest.fixture(scope="module")
def tree(page: Path) -> Node:
    return Tree(page.read_text("utf-8")).root


def of(tree: Node, section: str) -> Node:
    return next(node for node in tree.all("section") if node.attributes["id"] == section)


def absent(tree: Node, section: str) -> list[str]:
    found = of(tree, section).all("p")
    return [node.text for node in found if node.attributes.get("class") == "absent"]


def test_every_section_is_there_in_order(tree: Node) -> None:
    assert [node.attributes["id"] for node in tree.all("section")] == SECTIONS
    linked = [node.attributes["href"] for node in next(tree.all("nav")).all("a")]
    assert linked == [f"#{name}" for name in SECTIONS]


def test_headings_are_in_order_and_say_something(tree: Node) -> None:
    levels = [int(node.name[1]) for node in tree.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(node.words.strip() for node in tree.all("h1", "h2", "h3", "h4", "summary"))


def test_the_page_says_its_language_and_can_be_skipped(tree: Node) -> None:
    assert next(tree.all("html")).attributes["lang"] == "en"
    first = next(next(tree.all("body")).all("a"))
    assert first.attributes["href"] == "#main"
    assert next(tree.all("main")).attributes["id"] == "main"


def test_every_picture_says_what_it_shows(tree: Node) -> None:
    pictures = list(tree.all("img"))
    assert len(pictures) >= 10
    for node in pictures:
        assert len(node.attributes["alt"]) > 40, node.attributes["alt"]
        assert "nan" not in node.attributes["alt"].lower()
        assert node.attributes["src"].startswith("data:image/png;base64,")
        assert int(node.attributes["width"]) > 100
    alts = " ".join(node.attributes["alt"] for node in pictures)
    assert re.search(r"other against historical, 1998-1999: arrivals [+-]?\d", alts)
    assert "not identified: residents.untold" in alts


def test_every_table_has_scoped_headings_and_full_rows(tree: Node) -> None:
    tables = list(tree.all("table"))
    assert len(tables) > 20
    for table in tables:
        assert next(table.all("caption")).words.strip()
        heads = list(next(table.all("thead")).all("th"))
        assert all(node.attributes["scope"] == "col" for node in heads)
        assert all(node.words.strip() for node in heads), next(table.all("caption")).words
        for row in (row for part in table.all("tbody", "tfoot") for row in part.all("tr")):
            cells = list(row.all("th", "td"))
            assert len(cells) == len(heads)
            assert cells[0].attributes["scope"] == "row"


def test_ids_are_unique_and_links_lead_somewhere(tree: Node, page: Path) -> None:
    ids = re.findall(r'\sid="([^"]*)"', page.read_text("utf-8"))
    assert len(ids) == len(set(ids))
    links = [node.attributes["href"] for node in tree.all("a")]
    assert len(links) > 50
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_nothing_is_loaded_from_elsewhere(tree: Node) -> None:
    for node in tree.all("img", "script", "link", "iframe", "object", "video", "source", "base"):
        for key in ("src", "href", "srcset", "data"):
            assert node.attributes.get(key, "data:").startswith("data:")
    style = " ".join(node.text for node in tree.all("style"))
    assert "url(" not in style
    assert "@import" not in style
    policy = next(n for n in tree.all("meta") if "http-equiv" in n.attributes).attributes["content"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


def test_text_never_becomes_markup(tree: Node, page: Path) -> None:
    assert MARKUP not in page.read_text("utf-8")
    assert len(list(tree.all("script"))) == 1
    assert MARKUP in of(tree, "evidence").words  # the title of a policy
    assert MARKUP in of(tree, "fit").words  # that of a calibration


def test_the_same_folder_gives_the_same_bytes(results: Path, alone: Path, tmp_path: Path) -> None:
    moved = tmp_path / "pair"
    shutil.copytree(results / "pair", moved)
    again = bs.report(moved, tmp_path / "again.html", title="Mine & yours")
    assert again.path.read_bytes() == alone.read_bytes()
    assert str(results) not in alone.read_text("utf-8")


def test_runs_are_told_with_their_digests(tree: Node, results: Path) -> None:
    words = of(tree, "run").words
    rows = bs.open(results / "pair").rows()
    assert len(rows) == 4
    for row in rows:
        assert row["run_id"] in words
        assert row["digest"] in words
        assert row["engine"] in words


def test_fit_tells_bars_and_what_is_not_identified(tree: Node) -> None:
    words = of(tree, "fit").words
    bars = read_bars()
    assert all(pattern.title in words for pattern in bars.patterns)
    assert "bars hold" in words
    assert "Not identified, so left to their priors: residents.untold" in words
    assert "not identified by the reports: residents.untold" in of(tree, "limits").words


def test_harm_stands_beside_arrivals(tree: Node) -> None:
    for section in ("harms", "scenarios"):
        words = of(tree, section).words
        assert "deaths" in words or "died" in words
    heads = [n.words for t in of(tree, "harms").all("thead") for n in t.all("th")]
    assert {"arrived", "into custody", "died in custody", "shot in China"} <= set(heads)


def test_fates_are_told_when_asked_for(tree: Node, alone: Path) -> None:
    assert "What became of each person" in of(tree, "scenarios").words
    assert not absent(tree, "scenarios")
    plain = Tree(alone.read_text("utf-8")).root
    assert "--fates" in " ".join(absent(plain, "scenarios"))


def test_a_study_alone_says_what_it_lacks(alone: Path) -> None:
    tree = Tree(alone.read_text("utf-8")).root
    assert next(tree.all("h1")).text == "Mine & yours"
    assert "No scorecard is here" in " ".join(absent(tree, "fit"))
    assert "No attribution is here" in " ".join(absent(tree, "attribution"))
    assert "1998" in of(tree, "fit").words  # arrivals beside the reports


def test_a_calibration_alone_says_what_it_lacks(results: Path, tmp_path: Path) -> None:
    made = bs.report(results / "fitted", tmp_path / "c.html")
    tree = Tree(made.path.read_text("utf-8")).root
    assert "residents.told" in of(tree, "fit").words
    assert {"Scenarios", "Harms"} <= set(made.missing)
    assert absent(tree, "run") == ["No runs are stored here by themselves."]
    assert "policies" in of(tree, "evidence").words  # of the scenario that ships


def test_a_calibration_that_is_not_done_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "begun" / "steps").mkdir(parents=True)
    (tmp_path / "begun" / "steps" / "screening.json").write_text("{}")
    made = bs.report(tmp_path, tmp_path / "c.html")
    tree = Tree(made.path.read_text("utf-8")).root
    assert "not done" in " ".join(absent(tree, "run"))


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of an attribution whose runs are in ``results/small`` beside it."""
    from sweeps import here

    from bordersim.sweeping import carrying_out

    folder = tmp_path_factory.mktemp("asked")
    file = write_question(folder)
    asked = read_attribution(file, seeds=1)
    how = How(folder / "results" / "small", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying_out, "_workers", lambda _: here)
        plans = planned(asked, how)
        attributed_runs = [carrying_out.carry_out(one.plan, one.manner, None) for one in plans]
    assert attributed_runs
    assert answered(asked, plans, how).observables
    return file


def test_an_attribution_is_worked_out_from_its_runs(question: Path, tmp_path: Path) -> None:
    folder = question.parent / "results" / "small"
    made = bs.report(folder, tmp_path / "a.html", attributions=[question])
    tree = Tree(made.path.read_text("utf-8")).root
    words = of(tree, "attribution").words
    assert all(name in words for name in ("momentum", "guards", "barriers", "china", "markets"))
    assert "moves nothing" in words  # barriers do not move after 1996
    foot = next(of(tree, "attribution").all("tfoot"))
    assert "the sum" in foot.words
    assert "Scenarios" in made.missing
    assert "small-history" not in absent(tree, "evidence")


def test_an_attribution_is_told_by_the_question_it_keeps(question: Path, tmp_path: Path) -> None:
    folder = tmp_path / "of-another-name"
    shutil.copytree(question.parent / "results" / "small", folder)
    keep_question(read_attribution(question, seeds=1), folder)
    tree = Tree(bs.report(folder, tmp_path / "a.html").path.read_text("utf-8")).root
    assert not absent(tree, "attribution")
    assert "Who changed what" in of(tree, "attribution").words


def test_an_attribution_whose_file_is_not_at_hand_says_so(question: Path, tmp_path: Path) -> None:
    made = bs.report(question.parent / "results", tmp_path / "a.html")
    tree = Tree(made.path.read_text("utf-8")).root
    assert "--attribution FILE" in " ".join(absent(tree, "attribution"))


def test_draws_that_ship_are_judged_by_the_scorecard_that_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws, _ = read_draws(shipped_posterior(), 1, read_vocabulary().parameters, pinned=False)
    assert draws is not None
    study: Any = SimpleNamespace(drawn=True, folder=tmp_path)
    for digest, cards in ((draws.digest, 1), ("another", 0)):
        plan = {"draws": {"posterior": digest, "pinned": False}}
        monkeypatch.setattr(scorecards, "stored_plan", lambda _, plan=plan: plan)
        found = scorecards.shipped_card([study])
        assert len(found) == cards
        assert all(len(card.found.verdicts) > 5 for card in found)


def test_a_part_that_is_spoilt_is_left_out_and_told(results: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "pair"
    shutil.copytree(results / "pair", spoilt)
    part = sorted((spoilt / "series").glob("part-*"))[0]
    part.write_bytes(b"no parquet")
    made = bs.report(spoilt, tmp_path / "s.html")
    words = of(Tree(made.path.read_text("utf-8")).root, "limits").words
    assert part.name in words
    assert str(tmp_path) not in words


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "no such folder"),
        ((".",), "nothing to report here"),
        ((".", "-o", "x.pdf", "--fates", "-1"), "ends in .html"),
        ((".", "-o", "x.pdf", "--fates", "-1"), "allowed: 0 to"),
    ],
)
def test_mistakes_are_told(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["report", *arguments, "--json"])
    assert done.exit_code == 2
    problems = json.loads(done.stdout)["problems"]
    assert any(said in problem["message"] for problem in problems)
    assert not list(tmp_path.iterdir())


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: bordersim/attribution@1\nfactor: []\n")
    with pytest.raises(ScenarioError, match="factor") as error:
        bs.report(tmp_path / "nowhere", tmp_path / "a.html", attributions=[bad], fates=-1)
    assert {"--fates", str(tmp_path / "nowhere")} <= {one.where for one in error.value.problems}


def test_the_command_says_where_the_page_is(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "r.html"
    done = CliRunner().invoke(app, ["report", str(results / "fitted"), "-o", str(file), "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (told["status"], told["report"]) == ("ok", str(file))
    assert told["bytes"] == file.stat().st_size
    there = ("brief", "run", "evidence", "fit", "limits")
    assert told["sections"] == {name: name in there for name in SECTIONS}


def test_a_page_that_cannot_be_written_fails_whole(results: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "r.html"
    done = CliRunner().invoke(app, ["report", str(results / "fitted"), "-o", str(target), "-q"])
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("pair", TEXT_ON)
def test_text_can_be_read_on_its_ground(colours: Any, pair: tuple[str, str]) -> None:
    one, other = sorted((luminance(colours[name]) for name in pair), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,234 [1,000, 1,500]", 1234), ("-12.5 %", -12.5), ("+3", 3), (".5", 0.5), ("up to 3", None),
     ("6f7028ed", None), ("2009-07", None), ("1998-2008", 1998), ("", None), ("\u22124", -4),
     ("-", None)],
)  # fmt: skip
def test_numbers_are_read_from_cells(cell: str, value: float | None) -> None:
    assert number_in(cell) == value


def test_columns_of_words_are_none_of_numbers() -> None:
    rows = [("2009", "1,200", "M9"), ("2010", "-", "7 reports of one"), ("2011", "900", "b")]
    assert Table("c", ("year", "people", "said"), rows).numeric == (True, True, False)


def pieces(root: Node) -> Iterator[str]:
    yield from (node.text for node in root.all("script", "style"))


def test_the_style_and_script_are_those_the_policy_allows(tree: Node) -> None:
    import base64
    import hashlib

    policy = next(n for n in tree.all("meta") if "http-equiv" in n.attributes).attributes["content"]
    for text in pieces(tree):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
