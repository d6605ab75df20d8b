"""Bad files: every mistake at once, with file, line, what was got and what is allowed."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from golden.regenerate import HERE, mistakes

from bordersim.errors import ScenarioError
from bordersim.scenario import load

GOOD = """\
schema: bordersim/scenario@1
name: good
time: {start: 1995-01, end: 2000-12}
population: {scale: 1, world_seed: 1}
"""


def problems_of(folder: Path, text: str | bytes) -> str:
    path = folder / "bad.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize("source", sorted(HERE.glob("*.yaml")), ids=lambda path: path.name)
def test_golden_messages(source: Path) -> None:
    assert mistakes(source) == source.with_suffix(".txt").read_text("utf-8")


def test_a_message_names_file_line_and_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(
        GOOD + "policies:\n  add:\n    - {id: a, lever: gaurds.per_km, op: set, value: 8, "
        "from: 2000-01}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        load("x.yaml")
    (problem,) = caught.value.problems
    assert str(problem) == (
        'x.yaml:7 policies.add[0].lever: unknown lever "gaurds.per_km"; '
        'did you mean "guards.per_km"?'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the file is empty"),
        ("# nothing but a comment\n", "the file is empty"),
        (b"\x00\xff\xfe\x80", "not text in UTF-8"),
        ("a: [1, 2\n", "not valid YAML"),
        ("just text\n", "expected keys and values"),
        ("- 1\n", "expected keys and values"),
        (GOOD + "title: &x hello\ndescription: *x\n", "anchors and aliases"),
        (GOOD + "title: !!python/object:os.system {}\n", "tags are not allowed"),
        (GOOD + "title: !!str hello\n", "tags are not allowed"),
        ("%YAML 1.1\n---\n" + GOOD, "only YAML 1.2"),
        (GOOD + "---\n" + GOOD, "one document a file"),
        (GOOD + "title: " + "[" * 50 + "]" * 50 + "\n", "nested more than"),
        (GOOD + "[a, b]: 1\n", "a key must be plain text"),
        (GOOD + "name: again\n", "bad.yaml:5 name: given twice, first on line 2"),
    ],
)
def test_files_that_are_no_scenario(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert expected in problems_of(tmp_path, text)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(ScenarioError, match="is a folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "population: {scale: 0, world_seed: 1}",
            "population.scale: got 0; must be greater than 0",
        ),
        ("population: {scale: .inf, world_seed: 1}", "population.scale: got inf"),
        ('population: {scale: "1", world_seed: 1}', 'got "1" (text), expected a number'),
        ("population: {scale: yes, world_seed: 1}", 'got "yes" (text), expected a number'),
        ("population: {scale: true, world_seed: 1}", "got true (true or false), expected a number"),
        ("population: {scale: 1, world_seed: -1}", "population.world_seed: got -1"),
        ("population: {scale: 1, world_seed: 1.5}", "expected a whole number"),
    ],
)
def test_population(tmp_path: Path, line: str, expected: str) -> None:
    text = GOOD.replace("population: {scale: 1, world_seed: 1}", line)
    assert text != GOOD
    assert expected in problems_of(tmp_path, text)


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("{start: 2001-01, end: 2000-12}", "time.end: 2000-12 is before the start, 2001-01"),
        ("{start: 1994-12, end: 2000-12}", 'time.start: got "1994-12"; the data reach from'),
        ("{start: 1995-01, end: 2026-01}", 'time.end: got "2026-01"; the data reach from'),
        ("{start: 1995-01, end: 2000-13}", "a month is 01 to 12"),
        ("{start: 1995-01, end: 2000}", "expected a month"),
        ("{start: 1995-01, end: 2000-12-31}", "expected a month"),
        ("{start: 1995-01}", "time.end: required, but not given"),
    ],
)
def test_span(tmp_path: Path, time: str, expected: str) -> None:
    text = GOOD.replace("{start: 1995-01, end: 2000-12}", time)
    assert expected in problems_of(tmp_path, text)


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "A", "", "a b", "é", "x" * 81])
def test_a_name_cannot_leave_the_results_folder(tmp_path: Path, name: str) -> None:
    text = GOOD.replace("name: good", f'name: "{name}"')
    assert "bad.yaml:2 name: got" in problems_of(tmp_path, text)


def test_extends_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(GOOD + "extends: bad.yaml\n")
    message = problems_of(tmp_path, GOOD + "extends: other.yaml\npolicies: {drop: [x]}\n")
    assert "other.yaml:5 extends:" in message
    assert "a circle" in message
    assert "to drop" not in message, "what could not be read cannot be judged"


def test_extends_itself_a_folder_and_nothing(tmp_path: Path) -> None:
    assert "a circle" in problems_of(tmp_path, GOOD + "extends: bad.yaml\n")
    assert "is a folder" in problems_of(tmp_path, GOOD + "extends: .\n")
    message = problems_of(tmp_path, GOOD + "extends: historcal.yaml\n")
    assert 'did you mean "historical.yaml"?' in message


@pytest.mark.parametrize("named", ['"\\0"', "a" * 5000])
def test_extends_what_cannot_be_a_file_name(tmp_path: Path, named: str) -> None:
    assert "cannot be a file name" in problems_of(tmp_path, GOOD + f"extends: {named}\n")


def test_extends_nothing_is_complete(tmp_path: Path) -> None:
    text = GOOD + "extends: ~\npolicies: {drop: [x]}\n"
    assert 'policies.drop[0]: no policy "x" to drop' in problems_of(tmp_path, text)


@pytest.mark.parametrize("number", ["1e400", "-.inf", "9" * 99, "9" * 5000, "0x" + "f" * 5000])
@pytest.mark.parametrize("key", ["residents.k_kin", "population.age_shares"])
def test_numbers_too_large_are_mistakes(tmp_path: Path, number: str, key: str) -> None:
    value = number if key == "residents.k_kin" else f"[{', '.join([number] * 7)}]"
    assert f"parameters.{key}" in problems_of(tmp_path, GOOD + f"parameters: {{{key}: {value}}}\n")


def test_mistakes_of_a_parent_are_told_with_its_own(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(GOOD + "titel: x\nextends: base.yaml\n")
    message = problems_of(tmp_path, GOOD + "extends: parent.yaml\ndescripton: y\n")
    assert "parent.yaml:5 titel: unknown key" in message
    assert "bad.yaml:6 descripton: unknown key" in message


def test_a_policy_out_of_range_is_told_beside_other_mistakes(tmp_path: Path) -> None:
    text = (
        GOOD
        + "titel: x\n"
        + "policies:\n  add:\n"
        + "    - {id: a, lever: guards.per_km, op: scale, value: 4, from: 1996-01}\n"
    )
    message = problems_of(tmp_path, text)
    assert 'policy "a": got 32; guards.per_km allows 1 to 24 guards per km (in 1996-01)' in message
    assert "titel" in message


def test_the_error_travels_between_processes(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "none.yaml")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems
    assert str(again) == str(caught.value)
