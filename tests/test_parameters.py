"""Parameters: read with every mistake told, replaced within their bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bordersim.data_files import scenarios_folder
from bordersim.errors import ScenarioError
from bordersim.parameters import Parameters, read_parameters

TEXT = """\
schema: bordersim/parameters@1
groups:
  a:
    one: {title: One, unit: share, value: 0.5, low: 0, high: 1, kind: estimate, source: here}
    many:
      title: Many
      unit: share
      value: [0.1, 0.9]
      labels: [x, y]
      low: 0
      high: 1
      kind: assumption
      reason: why not
"""


def read(folder: Path, text: str) -> Parameters:
    file = folder / "parameters.yaml"
    file.write_text(text, "utf-8")
    return read_parameters(file)


def test_values(tmp_path: Path) -> None:
    parameters = read(tmp_path, TEXT)
    assert list(parameters) == ["a.one", "a.many"]
    assert parameters.value("a.one") == 0.5
    assert parameters.values("a.many").tolist() == [0.1, 0.9]
    assert parameters.values("a.one").dtype == np.float64
    assert parameters["a.many"].labels == ("x", "y")
    with pytest.raises(TypeError, match="holds 2 numbers"):
        parameters.value("a.many")
    with pytest.raises(KeyError):
        parameters.value("a.none")


def test_replace_gives_a_copy(tmp_path: Path) -> None:
    parameters = read(tmp_path, TEXT)
    changed = parameters.replace({"a.one": np.float64(0.25), "a.many": np.array([0.2, 0.3])})
    assert changed.value("a.one") == 0.25
    assert changed.values("a.many").tolist() == [0.2, 0.3]
    assert parameters.value("a.one") == 0.5


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"a.on": 0.5}, 'unknown parameter "a.on"; did you mean "a.one"?'),
        ({"a.one": 1.5}, "got 1.5; allowed: 0 to 1 share"),
        ({"a.one": float("nan")}, "got nan; allowed"),
        ({"a.one": float("inf")}, "got inf; allowed"),
        ({"a.one": [0.5]}, "expected one number"),
        ({"a.one": True}, "expected a number"),
        ({"a.one": "0.5"}, "expected a number"),
        ({"a.many": 0.5}, "expected a list of 2 numbers"),
        ({"a.many": [0.5, 0.5, 0.5]}, "expected a list of 2 numbers"),
        ({"a.many": [0.5, 2.0]}, "got 2.0; allowed"),
    ],
)
def test_replace_refuses(tmp_path: Path, values: dict[str, float], expected: str) -> None:
    parameters = read(tmp_path, TEXT)
    with pytest.raises(ScenarioError) as caught:
        parameters.replace({**values, "a.none": 1.0})
    assert expected in str(caught.value)
    assert len(caught.value.problems) == 2, "every mistake is told"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("value: 0.5", "value: 5", "got 5.0; allowed: 0 to 1 share"),
        ("value: 0.5", "value: '0.5'", "expected a number or a list of numbers"),
        ("value: 0.5", "value: []", "empty list"),
        ("low: 0, high: 1", "low: 2, high: 1", "low 2 is above high 1"),
        ("kind: estimate", "kind: guess", "allowed: estimate, law, assumption, calibrated"),
        (", source: here", "", "kind estimate needs a source"),
        ("      reason: why not\n", "", "an assumption needs a reason"),
        ("labels: [x, y]", "labels: [x]", "1 labels for 2 values"),
        ("unit: share, ", "", "groups.a.one.unit: required"),
        ("title: One", "titel: One", 'did you mean "title"?'),
        ("parameters@1", "parameters@2", "allowed: bordersim/parameters@1"),
    ],
)
def test_mistakes_in_the_file(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in TEXT
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, TEXT.replace(old, new, 1))
    assert expected in str(caught.value)


def test_shipped_parameters_are_sourced_and_inside_their_range() -> None:
    parameters = read_parameters(scenarios_folder() / "parameters.yaml")
    assert len(parameters) > 100
    assert {parameters[key].kind for key in parameters} <= {
        "estimate",
        "law",
        "assumption",
        "calibrated",
    }
