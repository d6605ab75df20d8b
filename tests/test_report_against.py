"""Which scenario a report compares with which, and how it tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from reports import Tree, write_calibration

from bordersim.comparing.pairing import Side
from bordersim.reporting.against import Compared, _base_of, _labelled
from bordersim.reporting.content import Part, Prose, Section
from bordersim.reporting.finding import look_in
from bordersim.reporting.page import coded, rendered
from bordersim.reporting.rests_on import _in


def side(name: str, scale: float, seeds: Sequence[int]) -> Side:
    rows = [
        {
            "run_id": f"{name}-{scale}-{seed}", "scenario": name, "seed": seed, "scale": scale,
            "engine": "e", "world_seed": 1, "inputs": name, "end": "2016-12",
        }
        for seed in seeds
    ]  # fmt: skip
    return Side(name, rows, {str(row["run_id"]): cast("Any", None) for row in rows})


HISTORY = side("historical", 1.0, [1])
BASELINE = side("baseline", 0.1, range(1, 9))
CLOSURE = side("closure-2020", 1.0, [1])
QUESTION = side("my-question", 0.1, range(1, 9))


@pytest.mark.parametrize(
    ("b", "sides", "a"),
    [
        (QUESTION, [BASELINE, HISTORY, QUESTION], BASELINE),  # pairs with it alone
        (QUESTION, [HISTORY, QUESTION], HISTORY),  # says why it makes no pair
        (side("mine", 1.0, [1]), [BASELINE, HISTORY, QUESTION], HISTORY),
        (side("mine", 1.0, [1]), [CLOSURE, HISTORY], HISTORY),  # as many pairs: in order
        (CLOSURE, [CLOSURE, HISTORY], HISTORY),
        (HISTORY, [BASELINE, HISTORY, QUESTION], None),
        (BASELINE, [BASELINE, HISTORY, QUESTION], None),
        (QUESTION, [QUESTION], None),
    ],
)
def test_a_scenario_is_compared_where_most_pairs_are(
    b: Side, sides: list[Side], a: Side | None
) -> None:
    assert _base_of(b, sides) is a


def test_scenarios_of_one_name_are_told_apart_by_their_folders() -> None:
    made = _labelled(
        [
            Compared("baseline", "mine", None, folder="mine"),
            Compared("baseline", "mine", None, folder="mine-draws"),
            Compared("baseline", "other", None, folder="other"),
        ]
    )
    assert [one.label for one in made] == ["mine (mine)", "mine (mine-draws)", "other"]


@pytest.mark.parametrize(
    ("acts", "told"),
    [
        (dict.fromkeys("abcde", "in force"), "all"),
        (dict.fromkeys("abcd", "in force"), "all but e"),
        (dict.fromkeys("ab", "in force"), "a, b"),
        (dict.fromkeys("abcde", "in force") | {"b": "overridden"}, "all; overridden in b"),
        (dict.fromkeys("abcd", "late") | {"e": "in force"}, "all; late in a, b, c and 1 more"),
        (dict.fromkeys("ab", "changes nothing"), "a, b; changes nothing"),
    ],
)
def test_a_policy_says_in_which_scenarios_it_acts(acts: dict[str, str], told: str) -> None:
    assert _in(acts, "abcde") == told


@pytest.mark.parametrize("done", [True, False])
def test_runs_in_the_folder_of_a_calibration_are_not_overlooked(tmp_path: Path, done: bool) -> None:
    if done:
        write_calibration(tmp_path / "historical")
    else:
        (tmp_path / "historical" / "steps").mkdir(parents=True)
        (tmp_path / "historical" / "steps" / "screening.json").write_text("{}")
    (tmp_path / "historical" / "runs").mkdir()
    (tmp_path / "historical" / "runs" / "part-0.parquet").write_bytes(b"no part of anything")
    found = look_in(tmp_path)
    assert (len(found.calibrations), len(found.unfinished)) == ((1, 0) if done else (0, 1))
    assert "part-0.parquet" in " ".join(found.damage)  # it was looked at


def test_of_one_scenario_a_policy_says_its_status() -> None:
    assert _in({"a": "overridden"}, ["a"]) == "overridden"


def test_code_is_set_as_code_and_still_no_markup() -> None:
    said = coded("`bordersim <b>` & `more` <script>")
    assert said == "<code>bordersim &lt;b&gt;</code> &amp; <code>more</code> &lt;script&gt;"


def test_the_heading_of_a_folded_part_stays_a_heading() -> None:
    part = Part("B against A", [Part("Inner", [Prose("said")])], folded=True)
    root = Tree(rendered("Title", "about", [Section("scenarios", "Scenarios", [part])])).root
    fold = next(root.all("details"))
    assert [node.text for node in next(fold.all("summary")).all("h3")] == ["B against A"]
    assert [node.text.strip() for node in fold.all("h4", "p")] == ["Inner", "said"]
