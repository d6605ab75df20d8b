"""Every bad input is answered: said so, exit code 2, nothing written, the same in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bad_input_cases import BadInput
from bad_inputs import GROUPS, ask, verdict

CASES = [
    pytest.param(case, id=f"{group}: {case.what}")
    for group, cases in GROUPS.items()
    for case in cases
]


@pytest.mark.parametrize("case", CASES)
def test_it_is_answered(case: BadInput, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("words", "json")]
    for folder in folders:
        folder.mkdir()
    answer = ask(case, folders[0])
    assert verdict(case, answer) == "", answer.stderr
    assert answer.stdout == ""
    in_json = ask(case, folders[1], "--json")
    document = json.loads(in_json.stdout)
    assert (in_json.code, document["status"], in_json.written) == (2, "invalid", ())
    told = [f"{p['where']} {p['key']}".rstrip() + ": " + p["message"] for p in document["problems"]]
    assert told
    assert len(set(told)) == len(told), "a problem is told twice"
    assert in_json.stderr.count("\n") >= len(told)
    assert any(case.said in line or case.said in in_json.stderr for line in told)


def test_every_case_has_a_name_of_its_own() -> None:
    for group, cases in GROUPS.items():
        names = [case.what for case in cases]
        assert len(set(names)) == len(names), group
