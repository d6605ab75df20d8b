"""The verification suite: it runs, it fails when it should, and it says so.

The statistics themselves are in ``make verify``; here are its cheapest questions and one
wrong law for each, so that a check which accepts everything does not pass unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from conftest import make_run
from scipy import stats

from verification import __main__ as command
from verification import studies, suite
from verification.battery import ALARM, Battery, exact, joined, scores
from verification.checks import (
    choice,
    clocks,
    draws,
    durations,
    learning,
    margins,
    pairing,
    prices,
    thinning,
)
from verification.checks.studies import SPOILT
from verification.page import render
from verification.verdict import Verdict

CHEAP = (choice, clocks, draws, durations, thinning)
FAULTS = {
    f"{module.__name__.rsplit('.', 1)[1]}: {fault}": make
    for module in (*CHEAP, learning, prices)
    for fault, make in module.PLANTED.items()
}


@pytest.mark.parametrize("module", CHEAP, ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_a_small_sample_of_the_engine_passes_and_is_pictured(module, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    found = list(module.verdicts(tmp_path, True))
    assert [v.question for v in found if not v.passed] == []
    pictures = {v.figure for v in found if v.figure}
    assert pictures
    for picture in pictures:
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_noticed(fault: str) -> None:
    found = list(FAULTS[fault]())
    assert any(not v.passed and v.detail for v in found)


def test_a_draw_with_a_bias_in_one_stream_alone_is_named() -> None:
    verdict = draws.uniformity(2 * draws.PART, draws._biased, None)
    assert not verdict.passed
    assert "HAZARD" in verdict.detail
    assert all(line.startswith("HAZARD") for line in verdict.detail.split("; "))


def test_the_gain_of_pairing_is_that_of_the_correlation() -> None:
    # two seeds' arrivals with correlation r: unpaired over paired variance is 1 / (1 - r)
    rng = np.random.default_rng(1)
    shared, own, other = rng.normal(size=(3, 500))
    gain = pairing.gain_of("made up", 1.0, 100 + 3 * shared + own, 104 + 3 * shared + other)
    assert gain.effect == pytest.approx(0.04, abs=0.002)
    assert gain.low < gain.factor < gain.high
    assert gain.factor == pytest.approx(10.0, rel=0.2)
    strangers = pairing.gain_of("made up", 1.0, shared, own, shift=1)
    assert strangers.factor == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(("factor", "effect", "passes"), [(4.9, 0.1, False), (5.1, 0.1, True),
                                                          (1.2, 0.11, True)])  # fmt: skip
def test_only_small_effects_must_gain(factor: float, effect: float, passes: bool) -> None:
    good = pairing.Gain("settlement cash", 0.9, -0.05, 20.0, 10.0, 40.0)
    other = pairing.Gain("guards", 2.0, effect, factor, 1.0, 9.0)
    assert pairing.verdict_of([good, other], "", None).passed is passes


def test_one_p_value_below_its_share_fails_a_question() -> None:
    battery = Battery()
    for k in range(9):
        battery.add(f"test {k}", 0.5)
    battery.add("the tenth", ALARM / 10 * 1.01)
    assert battery.verdict("?", "").passed
    battery.add("the eleventh", ALARM / 11 * 0.99)
    verdict = battery.verdict("?", "")
    assert not verdict.passed
    assert "the eleventh" in verdict.detail
    battery.add("not a number", float("nan"))
    assert "not a number" in battery.verdict("?", "").detail
    with pytest.raises(ValueError, match="nothing was tested"):
        Battery().verdict("?", "")


def test_p_values_are_those_of_the_laws() -> None:
    battery = Battery()
    battery.binomial("b", 70, 100, 0.5)
    battery.z("z", 12.0, 10.0, 1.0)
    battery.shares("s", [60, 40], [50, 50])
    found = [p for p, _ in battery.found]
    assert found[0] == pytest.approx(2 * stats.binom.sf(69, 100, 0.5))
    assert found[1] == pytest.approx(2 * stats.norm.sf(2.0))
    assert found[2] == pytest.approx(stats.chi2.sf(4.0, 1))
    # sums of small variance are added up, whoever is left alone joins another
    np.testing.assert_allclose(
        scores([25.0, 12, 14], [20.0, 10, 10], [25.0, 5, 5]), [1.0, 6 / 10**0.5]
    )
    np.testing.assert_allclose(scores([25.0, 3], [20.0, 2], [35.0, 1]), [6 / 6.0])
    np.testing.assert_array_equal(joined([3, 4, 5, 1], [4, 7, 10, 1]), [[7, 6], [11, 11]])
    assert not exact("?", 0.2, 0.1, "a bound", "").passed


class _Checks:
    """A suite of made-up checks."""

    def __init__(self, answers: Iterable[Verdict | Exception]) -> None:
        self._answers = answers
        self.PLANTED: dict[str, object] = {}

    def verdicts(self, out: Path, quick: bool) -> Iterable[Verdict]:
        for answer in self._answers:
            if isinstance(answer, Exception):
                raise answer
            yield answer


GOOD = Verdict("Is it so?", True, "1 | 2", "3", "4 draws", "clocks.png")
BAD = Verdict("And this?", False, "9", "1", detail="9 > 1")


@pytest.mark.parametrize(
    ("answers", "code"), [([GOOD], 0), ([GOOD, BAD], 3), ([GOOD, RuntimeError("broken")], 3)]
)
def test_the_command_prints_every_answer_and_fails_if_one_does(
    answers: list[Verdict | Exception],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made_up = _Checks(answers)
    monkeypatch.setattr(suite.importlib, "import_module", lambda name: made_up)
    assert command.main(["--quick", "--only", "clocks", "--out", str(tmp_path)]) == code
    told = capsys.readouterr()
    assert "Is it so?" in told.out
    assert ("FAIL" in told.out) == bool(code)
    kept = json.loads((tmp_path / "results.json").read_text())
    page = (tmp_path / "README.md").read_text()
    assert page == render(kept)
    assert "![" in page
    assert "1 \\| 2" in page
    assert ("**FAILED: 1 of 2" in page) == bool(code)
    assert "broken" in page or not isinstance(answers[-1], Exception)
    # the page alone, from what was kept
    (tmp_path / "README.md").unlink()
    assert command.main(["--render", "--out", str(tmp_path)]) == code
    assert (tmp_path / "README.md").read_text() == page


def test_answers_can_be_renewed_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(name: str, answer: Verdict, *more: str) -> int:
        monkeypatch.setattr(suite.importlib, "import_module", lambda name: _Checks([answer]))
        return command.main(["--quick", "--only", name, "--out", str(tmp_path), *more])

    assert ask("prices", GOOD) == 0
    assert ask("clocks", BAD, "--keep") == 3
    kept = json.loads((tmp_path / "results.json").read_text())
    assert [check["name"] for check in kept["checks"]] == ["clocks", "prices"]
    assert ask("clocks", GOOD, "--keep") == 0
    assert len(json.loads((tmp_path / "results.json").read_text())["checks"]) == 2
    kept["engine"] = "another"
    (tmp_path / "results.json").write_text(json.dumps(kept))
    assert ask("clocks", GOOD, "--keep") == 2
    assert "another engine" in capsys.readouterr().err


def test_a_fault_nobody_notices_fails_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made_up = _Checks([GOOD])
    made_up.PLANTED = {"seen": lambda: [BAD], "overlooked": lambda: [GOOD]}

    def crash() -> list[Verdict]:
        raise RuntimeError("no answer")

    made_up.PLANTED["crashed"] = crash
    monkeypatch.setattr(suite.importlib, "import_module", lambda name: made_up)
    words = ["--quick", "--only", "clocks", "--planted", "--out", str(tmp_path)]
    assert command.main(words) == 3
    told = capsys.readouterr().err
    assert "not noticed: overlooked" in told
    assert "not noticed: crashed" in told
    assert "not noticed: seen" not in told


def test_the_command_lists_the_checks_and_knows_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()] == suite.names()
    assert {"draws", "thinning", "choice", "clocks", "durations", "prices", "learning", "steady",
            "pairing"} <= set(suite.names())  # fmt: skip
    assert command.main(["--only", "clocks", "tides"]) == 2
    assert "tides" in capsys.readouterr().err
    assert command.main(["--render", "--out", str(tmp_path / "nowhere")]) == 2


def test_studies_are_the_same_or_are_told_apart(tmp_path: Path) -> None:
    run = make_run(end_month=11)
    folders = [tmp_path / name for name in ("one", "other", "lost", "twice", "changed")]
    for folder in folders:
        kept = studies.Store(folder)
        kept.commit([run])
        kept.write_beside("plan.parquet", kept.parts("runs")[0].read_bytes())
    one, other, *spoilt = folders
    whole = studies.content(one)
    assert whole["series"][0] > 0
    assert studies.differing(studies.content(other), whole) == ""
    for spoil, folder in zip(SPOILT, spoilt, strict=True):
        spoil(folder)
        assert studies.differing(studies.content(folder), whole)


def test_a_margin_that_is_off_by_one_person_is_noticed() -> None:
    sound = margins.Found((), (3, 0, -1, 0), 9)
    wrong = margins.Found(("pair 2: [3, 0, 0, 0] for [4, 0, 0, 0]",), (3, 0, 0, 0), 9)
    still = margins.Found((), (0, 0, 0, 0), 0)
    passed = [margins.verdict_of([sound, sound, one], split=False).passed for one in (sound, wrong)]
    assert passed == [True, False]
    assert not margins.verdict_of([sound, still, still], split=False).passed
