"""Reading text, YAML 1.2 and CSV: what is accepted, what it means, and within which bounds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from bad_input_cases import HEAD
from hypothesis import given
from hypothesis import strategies as st

from bordersim import yaml_source
from bordersim.data_files import scenarios_folder
from bordersim.errors import MOST_PROBLEMS, Problem, ScenarioError
from bordersim.scenario import Scenario, load
from bordersim.tables import read_table
from bordersim.text_files import LARGEST_FILE, read_text
from bordersim.yaml_scalars import plain_scalar
from bordersim.yaml_source import parse_yaml, read_yaml, write_yaml


def loaded(folder: Path, content: str | bytes) -> Scenario:
    path = folder / "file.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(path)


def mistakes(folder: Path, content: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        loaded(folder, content)
    return caught.value.problems


@pytest.mark.parametrize(
    "content",
    [
        HEAD,
        HEAD.encode("utf-8-sig"),
        HEAD.replace("\n", "\r\n"),
        "%YAML 1.2\n---\n" + HEAD + "...\n",
        "# first a comment\n\n" + HEAD,
        HEAD.rstrip("\n"),
    ],
    ids=["plain", "byte order mark", "CRLF", "marked document", "comment", "no last line break"],
)
def test_ways_to_write_the_same(tmp_path: Path, content: str | bytes) -> None:
    assert loaded(tmp_path, content).resolved() == loaded(tmp_path, HEAD).resolved()


def test_lines_are_right_after_windows_line_breaks(tmp_path: Path) -> None:
    (problem,) = mistakes(tmp_path, (HEAD + "titel: x\n").replace("\n", "\r\n"))
    assert problem.where.endswith("file.yaml:5")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None), ("nUll", "nUll"),
        ("true", True), ("FALSE", False), ("yes", "yes"), ("on", "on"), ("tRue", "tRue"),
        ("12", 12), ("-12", -12), ("+0", 0), ("010", 10), ("0o17", 15), ("0x1F", 31),
        ("0b11", "0b11"), ("1_000", "1_000"), ("1:30", "1:30"), ("9" * 101, "9" * 101),
        ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("-1.5E-2", -0.015),
        (".inf", math.inf), ("-.INF", -math.inf), ("1e400", math.inf), ("inf", "inf"),
        ("nan", "nan"), ("e5", "e5"), ("1e", "1e"), ("2016-12", "2016-12"), ("-", "-"), (".", "."),
        ("2016-12-01", "2016-12-01"), ("=", "="), ("<<", "<<"), ("\uff11", "\uff11"),
    ],
)  # fmt: skip
def test_the_core_schema(text: str, value: object) -> None:
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text: str) -> None:
    value = plain_scalar(text)
    assert isinstance(value, float)
    assert math.isnan(value)


PLAIN = st.recursive(
    st.one_of(
        st.text(st.characters(exclude_categories=("C",), exclude_characters="\u2028\u2029")),
        st.sampled_from(
            ("1e5", "0o14", "yes", "~", "", "2016-12", "1_0", "010", "<<", ".inf", "x: y")
        ),
        st.integers(-(10**30), 10**30),
        st.floats(allow_nan=False),
        st.booleans(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.from_regex(r"[a-z][a-z0-9_.]{0,9}", fullmatch=True), inner, max_size=4),
    ),
    max_leaves=12,
)


@given(content=st.dictionaries(st.sampled_from(("a", "b", "1e5")), PLAIN, min_size=1))
def test_what_is_written_is_read_again(
    content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    write_yaml(content, path)
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    assert problems == []
    assert document is not None
    assert document.data == content


@pytest.mark.parametrize("path", sorted(scenarios_folder().glob("*.yaml")), ids=lambda p: p.name)
def test_both_parsers_give_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert yaml.__with_libyaml__, "the published wheels have it"
    documents = []
    for parser in (yaml.CSafeLoader, yaml.SafeLoader):
        monkeypatch.setattr(yaml_source, "_PARSER", parser)
        documents.append(read_yaml(path, []))
    assert documents[0] is not None
    assert documents[0] == documents[1]


def test_every_value_knows_its_line() -> None:
    document = parse_yaml("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", "f", [])
    assert document is not None
    lines = {".".join(map(str, path)): line for path, line in document.lines.items() if path}
    assert lines == {"a": 1, "b": 2, "b.0": 3, "b.1": 4, "b.1.c": 4, "b.1.d": 5}


def test_the_largest_file_is_read_and_no_larger_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for size, is_read in ((LARGEST_FILE, True), (LARGEST_FILE + 1, False)):
        path.write_text("x" * size)
        problems: list[Problem] = []
        text = read_text(path, problems, "text")
        assert (text is not None, len(problems)) == (is_read, not is_read)


POLICY = "{{id: p{}, lever: nonsense, op: set, value: 1, from: 1995-01}}"


@pytest.mark.parametrize(
    "wrong",
    [
        "".join(f"unknown{n}: 1\n" for n in range(5000)),
        f"parameters: {{{', '.join(f'unknown{n}: 1' for n in range(5000))}}}\n",
        f"policies: {{drop: [{', '.join(f'unknown{n}' for n in range(5000))}]}}\n",
        f"policies: {{add: [{', '.join(POLICY.format(n) for n in range(1000))}]}}\n",
        f"policies: {{add: [{POLICY.format(0)[:-1]}, evidence: [{'x, ' * 5000}]}}]}}\n",
        "policies: {add: [{id: a, lever: guards.per_km, op: set, value: 9, from: 1995-01, "
        f"places: [{'x, ' * 5000}]}}]}}\n",
    ],
    ids=["keys", "parameters", "drops", "policies", "evidence", "places"],
)
def test_thousands_of_mistakes_are_not_all_told(tmp_path: Path, wrong: str) -> None:
    problems = mistakes(tmp_path, HEAD + wrong)
    assert 0 < len(problems) <= MOST_PROBLEMS + 3
    assert any(word in str(problems) for word in ("more", "rest is not judged", "there are"))


def test_escape_codes_do_not_reach_the_terminal(tmp_path: Path) -> None:
    (problem,) = mistakes(tmp_path, HEAD + '"ti\\e[31mtle\\n": x\n')
    assert "\x1b" in problem.key
    assert str(problem).isprintable()
    assert r"ti\x1b[31mtle\n" in str(problem)


def table(folder: Path, content: str | bytes) -> tuple[list[dict[str, str]], str]:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    problems: list[Problem] = []
    rows = read_table(path, ("a", "b"), problems, closed=True)
    return [row.cells for row in rows], " ".join(map(str, problems))


@pytest.mark.parametrize(
    "content",
    ["# c\na,b\n1,x y\n", "\ufeffa,b\r\n1,x y\r\n", '"a","b"\n\n1,"x y"\n', "b,a\nx y,1"],
)
def test_tables_written_in_other_ways(tmp_path: Path, content: str) -> None:
    assert table(tmp_path, content) == ([{"a": "1", "b": "x y"}], "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2,3\n", "3 cells under 2 columns"),
        ('a,b\n1,"2\n', "not a row of a CSV file"),
        ("a,b\n1," + "x" * 200_000 + "\n", "not a row of a CSV file"),
        ("a,b,a\n1,2,3\n", 'column "a" is there twice'),
        ("a,b,c\n1,2,3\n", 'unknown column "c"'),
        ("a\n1\n", "missing columns: b"),
        ("a,b\n", "the table has no rows"),
        ("# nothing\n", "the table is empty"),
        (b"a,b\n1,\xff\n", "is not text in UTF-8"),
    ],
)
def test_tables_with_mistakes(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in table(tmp_path, content)[1]
