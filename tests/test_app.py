"""The app without a browser: what is played is what the engine simulates, and can be saved."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import bordersim as bs
from bordersim.app import figures, serving
from bordersim.app.charts import nice_ticks
from bordersim.app.moves import Moves
from bordersim.app.playing import PlayedModel
from bordersim.app.readings import QUANTITIES, Stretch, lines, rate, series
from bordersim.app.river import river_html
from bordersim.app.sliders import STEPS, scale_of
from bordersim.app.words import of_scale
from bordersim.cli.app_serving import Request, play
from bordersim.data_files import scenarios_folder
from bordersim.dates import parse_month
from bordersim.errors import BordersimError, ScenarioError
from bordersim.results import Run
from bordersim.scenario import Scenario, load

SCALE = 0.01


@pytest.fixture(scope="module")
def history() -> Scenario:
    return load(scenarios_folder() / "historical.yaml").until("1997-12")


@pytest.fixture(scope="module")
def played(history: Scenario) -> Iterator[PlayedModel]:
    """Three years in which levers are moved, moved again, let go, and moved twice at once."""
    with pytest.MonkeyPatch.context() as patch:
        other = history.add(
            {"id": "x", "lever": "china.refoulement", "op": "set", "value": 0, "from": "1995-01"}
        ).named("other")
        patch.setattr(PlayedModel, "OFFERED", {"historical": history, "other": other})
        model = PlayedModel("historical", "historical", SCALE, seed=3)
        model.advance(parse_month("1995-06"))
        model.move("china.patrol_rate", 0.2)
        model.move("border.wire_coverage", 0.4)
        model.advance(parse_month("1996-02"))
        model.move("china.patrol_rate", 0.01)
        model.move("china.patrol_rate", 0.4)
        model.release("border.wire_coverage")
        model.advance(parse_month("1997-01"))
        model.release("china.patrol_rate")
        model.advance(parse_month("1998-01"))
        yield model


def test_what_was_played_is_a_run_of_the_saved_file_to_the_bit(
    played: PlayedModel, tmp_path: Path
) -> None:
    path = tmp_path / "historical-played.yaml"
    path.write_text(played.to_yaml(), encoding="utf-8")
    saved = load(path).until("1997-12")  # what ships goes on to 2016
    alone = bs.run(saved, seed=3)
    assert len(saved.policies) == len(played.chosen.policies) + 3
    assert alone.digests == played.results.digests
    assert alone.run_id == played.results.run_id
    assert isinstance(alone, Run)
    np.testing.assert_array_equal(alone.record, played.results.record)


def test_a_scenario_that_does_not_ship_is_saved_whole(
    played: PlayedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = PlayedModel.OFFERED["other"]
    monkeypatch.setattr(PlayedModel, "OFFERED", {"own": replace(own, path=None)})
    model = PlayedModel("own", "own", SCALE)
    model.move("china.patrol_rate", 0.3)
    path = tmp_path / "saved.yaml"
    path.write_text(model.to_yaml(), encoding="utf-8")
    saved = load(path)
    np.testing.assert_array_equal(saved.lever_paths(), model.scenario.lever_paths())
    assert saved.resolved() == model.scenario.resolved()


def test_until_a_lever_is_moved_both_are_one_and_then_they_part(played: PlayedModel) -> None:
    moved = parse_month("1995-06")
    for name in ("arrivals", "repatriations", "sector_crossings", "fee_sum"):
        own, other = played.read(name), played.beside.read(name)
        np.testing.assert_array_equal(own[:moved], other[:moved])
    assert (played.read("repatriations") != played.beside.read("repatriations"))[moved:].any()


def test_the_baseline_is_the_run_of_the_scenario_without_moves(
    played: PlayedModel, history: Scenario
) -> None:
    alone = bs.run(history.scaled(SCALE), seed=3)
    assert alone.digests == played.beside.results.digests


def test_lines_are_sums_of_what_the_runs_recorded(played: PlayedModel) -> None:
    run, beside = played.results, played.beside.results
    told = {line.quantity.key: line for line in lines(played)}
    assert next(iter(told)) == "arrivals"
    deaths = ("deaths_drowned", "deaths_shot_river", "deaths_shot_china", "deaths_custody")
    for key, names in (("returned", ("repatriations",)), ("died", deaths)):
        own, other = (sum(one.monthly(n).to_numpy() for n in names) for one in (run, beside))
        assert told[key].played == pytest.approx(own[-12:].sum())
        assert told[key].effect == pytest.approx(own.sum() - other.sum())
    assert told["returned"].effect != 0
    fees, deals = (run.monthly(name).to_numpy()[-12:].sum() for name in ("fee_sum", "deals"))
    assert told["fee"].played == pytest.approx(fees / deals)
    assert told["china"].played == run.monthly("stock_china").iloc[-1]


def test_harm_stands_with_arrivals_and_every_picture_is_described(played: PlayedModel) -> None:
    class Seen(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.alts: list[str] = []
            self.rows: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            told = dict(attrs)
            if told.get("role") == "img":
                self.alts.append(told.get("aria-label") or "")
            if tag == "tr" and told.get("id"):
                self.rows.append(told["id"] or "")

    seen = Seen()
    seen.feed(figures.table_html(played) + figures.charts_html(played) + figures.river(played))
    assert seen.rows[:5] == [
        f"row-{k}" for k in ("arrivals", "caught", "returned", "custody", "died")
    ]
    assert len(seen.alts) == len(QUANTITIES) + len(played.scenario.places.sectors)
    assert all("1997-12" in alt for alt in seen.alts[: len(QUANTITIES)])
    assert all("caught" in alt for alt in seen.alts[len(QUANTITIES) :])


def test_a_title_is_no_markup() -> None:
    drawn = river_html([Stretch("x", 1.0, 2.0, 3.0, 4.0, 0.5, 0.5, 0.0)], ['<script>"'])
    assert drawn.count("&lt;script&gt;&quot;") == 2  # heading and description
    assert "<script" not in drawn


def test_a_value_out_of_range_changes_nothing(
    history: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlayedModel, "OFFERED", {"historical": history.until("1995-02")})
    model = PlayedModel("historical", "historical", SCALE)
    engine = model.engine
    with pytest.raises(ScenarioError, match=r"china.refoulement allows 0 to 1"):
        model.move("china.refoulement", 1.5)
    assert model.engine is engine
    assert model.moves == Moves()
    model.advance(99)
    with pytest.raises(BordersimError, match="the span is over"):
        model.move("china.refoulement", 0.5)
    assert model.month == "1995-02"


def test_before_the_first_month_there_is_nothing_to_tell(
    history: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PlayedModel, "OFFERED", {"historical": history})
    model = PlayedModel("historical", "historical", SCALE)
    assert all(np.isnan(line.effect) for line in lines(model))
    assert "nan" not in figures.table_html(model) + figures.charts_html(model)
    assert "nan" not in figures.river(model)


def test_a_rate_is_of_twelve_months_or_of_those_there_are() -> None:
    np.testing.assert_allclose(rate(np.arange(1.0, 4.0)), [12.0, 18.0, 24.0])
    np.testing.assert_allclose(rate(np.ones(30)), 12.0)
    assert rate(np.arange(24.0))[-1] == np.arange(12.0, 24.0).sum()


def test_a_fee_is_missing_where_nothing_was_sold(played: PlayedModel) -> None:
    fee = next(one for one in QUANTITIES if one.key == "fee")
    sold = rate(played.read("deals").sum(axis=1))
    assert np.array_equal(np.isnan(series(played, fee)), sold == 0)


@pytest.mark.parametrize("highest", [0.0, 0.07, 1.0, 3.3, 97.0, 104_321.0])
def test_ticks_are_few_and_reach_the_highest(highest: float) -> None:
    ticks = nice_ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-9)
    assert 2 <= len(ticks) <= 5


def test_sliders_reach_both_ends_and_come_back(history: Scenario) -> None:
    for spec in history.catalogue.values():
        scale = scale_of(spec)
        assert (scale.value(0), scale.value(STEPS)) == (spec.low, spec.high)
        values = [scale.value(at) for at in range(STEPS + 1)]
        assert values == sorted(values)
        assert all(spec.low <= value <= spec.high for value in values)
    inspections = scale_of(history.catalogue["guards.inspection_rate"])
    assert 0.3 * STEPS < inspections.position(0.0002) < 0.7 * STEPS


def test_a_small_scale_says_what_it_does_to_rare_counts() -> None:
    assert "steps of 100" in of_scale(0.01)
    assert "Every resident" in of_scale(1.0)


def request(**changes: object) -> Request:
    fields = {
        "scenarios": (), "scale": SCALE, "seed": 1, "port": 0, "open_browser": False,
        "dry_run": True, "as_json": False,
    }  # fmt: skip
    return Request(**(fields | changes))  # type: ignore[arg-type]


def test_mistakes_are_told_as_check_tells_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: bordersim/scenario@1\nname: bad\nextends: historical.yaml\nx: 1\n")
    assert play(request(scenarios=(bad,))) == 2
    assert "bad.yaml:4 x" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as other:
        other.bind((serving.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ScenarioError, match=f"port {port} of 127.0.0.1 cannot be had"):
            serving.listening(port)


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving, "NEEDED", ("solara", "no_such_package"))
    assert play(request()) == 1
    said = capsys.readouterr().err
    assert "no_such_package" in said
    assert "pip install 'bordersim[app]'" in said
