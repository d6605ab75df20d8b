"""Calibration files: what they may say, and every mistake at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calibrations import TINY, tiny

from bordersim.calibrating.reading import read_calibration
from bordersim.calibrating.schema import CalibrationFile
from bordersim.data_files import evidence_folder
from bordersim.dates import month_label
from bordersim.errors import ScenarioError

SHIPPED = ("historical", "smoke")
NUISANCE = "{distribution: uniform, low: 0.1, high: 0.2, reason: x}"
STRUCTURE = "{name: a, set: {china.onward_early: 0.001}}"


def problems(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        read_calibration(path)
    return [str(problem) for problem in raised.value.problems]


def test_a_file_says_what_is_fitted_to_what(tmp_path: Path) -> None:
    asked = read_calibration(tiny(tmp_path))
    assert asked.name == "tiny"
    assert (month_label(asked.until), month_label(asked.scenario.end_month)) == (
        "2006-12",
        "2007-12",
    )
    assert asked.scenario.scale == 0.01
    assert [prior.distribution for prior in asked.priors] == [
        "uniform",
        "uniform",
        "loguniform",
        "normal",
    ]
    assert [wave.points for wave in asked.waves] == [32, 24]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_files_are_valid(name: str) -> None:
    asked = read_calibration(evidence_folder().parent / f"{name}.yaml")
    assert asked.name == name
    # a prior that excludes the value that ships would fix an inert parameter outside it
    for prior in asked.priors:
        assert prior.low < prior.high


def test_a_calibration_may_have_the_name_of_its_scenario(tmp_path: Path) -> None:
    (tmp_path / "historical.yaml").write_text(TINY, encoding="utf-8")
    assert read_calibration(tmp_path / "historical.yaml").scenario.name == "historical"


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    path = tiny(
        tmp_path,
        ("until: 2006-12\nsimulate_until: 2007-12", "until: 2008-12\nsimulate_until: 2007-12"),
        (
            "china.onward_early, distribution: loguniform, low: 0.0001",
            "china.onward_erly, distribution: loguniform, low: 0",
        ),
        ("low: 4, high: 12", "low: 12, high: 4"),
        ("mean: 0.03, sd: 0.01, ", ""),
        ("keep: 2", "keep: 5"),
    )
    found = "\n".join(problems(path))
    for line, said in (
        ("tiny.yaml:5 simulate_until", "comes before until"),
        ("tiny.yaml:10 priors[2].parameter", 'did you mean "china.onward_early"'),
        ("tiny.yaml:10 priors[2].low", "ratios need a low above 0"),
        ("tiny.yaml:9 priors[1].high", "not above low"),
        ("tiny.yaml:11 priors[3]", "a normal prior has mean and sd"),
        ("tiny.yaml:13 screening.keep", "got 5, and there are 4 priors"),
    ):
        assert any(line in text and said in text for text in found.split("\n")), (line, found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("scenario: historical.yaml", "scenario: historcal.yaml", 'did you mean "historical.yaml"'),
        ("points: 32", "points: 4", "greater than or equal to 8"),
        ("points: 32", "points: 2000", "less than or equal to 1500"),
        ("low: 4, high: 12", "low: 4, high: 900", "allowed"),
        ("residents.remittance_years", "residents.belief_start", "only single ones"),
        ("residents.remittance_years", "china.onward_early", "has a prior at"),
        ("low: 4, high: 12", "low: 4, high: 12, mean: 5", "only of a normal prior"),
        ("reason: b", "reason: ''", "at least 1 character"),
        ("name: tiny\n", "name: tiny\nobservables: [arivals]\n", 'did you mean "arrivals"'),
        ("name: tiny\n", "name: tiny\nnuisances: {fees.spraed: {}}\n", "required"),
        (
            "name: tiny\n",
            f"name: tiny\nnuisances: {{fees.spraed: {NUISANCE}}}\n",
            'did you mean "fees.spread"',
        ),
        (
            "name: tiny\n",
            f"name: tiny\nalternatives: {{points: 9, structures: [{STRUCTURE}]}}\n",
            "it has a prior, too",
        ),
    ],
)  # fmt: skip
def test_a_mistake_says_what_is_allowed(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = problems(tiny(tmp_path, (old, new)))
    assert any(said in text for text in found), found


def test_the_schema_is_closed() -> None:
    schema = json.dumps(CalibrationFile.model_json_schema())
    assert schema.count('"additionalProperties": false') >= 9
