"""The scenario library: one question each and nothing but it, and sizes that say whose they are."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from validations import write_posterior

from bordersim.answering.api import questions_file
from bordersim.answering.reading import Changes, read_answers
from bordersim.answering.spec import Asked
from bordersim.codes import LEVER_KEYS
from bordersim.data_files import scenarios_folder
from bordersim.dates import month_label
from bordersim.errors import ScenarioError
from bordersim.scenario import Scenario, load

NORTH = {
    "guards.inspection_rate", "guards.lookback_months", "guards.capture_reward",
    "guards.betrayal_rewarded", "guards.rotation_months", "guards.links_broken",
    "guards.inspection_honesty", "border.camera_coverage", "border.wire_coverage",
    "border.pursuit_rate", "border.closure", "custody.severity", "north.kin_surveillance",
}  # fmt: skip
MONEY = {"china.bounty_report", "china.bounty_capture"}
CHINA = {
    *MONEY, "china.patrol_rate", "china.helper_fine", "china.shoot_on_resist",
    "china.tip_response", "china.local_tolerance",
}  # fmt: skip
BUDGET = {
    "north.security_budget", "guards.inspection_rate", "guards.capture_reward",
    "border.camera_coverage", "border.pursuit_rate",
}  # fmt: skip
PROTECTION = {
    *MONEY, "china.refoulement", "china.helper_fine", "border.pursuit_rate",
    "south.onward_capacity",
}  # fmt: skip
CLOSURE = {
    "guards.per_km", "border.shoot_order", "border.closure", "china.patrol_rate",
    "south.onward_capacity",
}  # fmt: skip

ASKED = {
    "no-crackdown": ("2011-12", NORTH),
    "no-markets": ("2003-01", {"economy.market_index"}),
    "bounty-raised": ("2013-01", MONEY),
    "fine-raised": ("2013-01", {"china.helper_fine"}),
    "bounty-2016": ("2013-01", {*MONEY, "china.helper_fine", "china.shoot_on_resist"}),
    "no-bounties": ("2013-01", MONEY),
    "no-refoulement": ("2008-01", {"china.refoulement"}),
    "protection": ("2008-01", PROTECTION),
    "budget-cut-fifth": ("2013-01", BUDGET),
    "budget-halved": ("2013-01", BUDGET),
    "no-remittances": ("2008-01", {"south.remittance_allowed"}),
    "closure-2020": ("2020-01", CLOSURE),
    "crackdown-no-fences": ("2012-01", {"border.camera_coverage", "border.wire_coverage"}),
    "china-looks-away": ("2012-01", CHINA | {"south.onward_capacity"}),
    "no-crackdown-either-side": ("2011-12", NORTH | CHINA | {"south.onward_capacity"}),
    "no-markets-no-crackdown": ("2003-01", NORTH | {"economy.market_index"}),
}
"""Scenario to the first month and the levers in which it leaves its baseline."""

SIZES = re.compile(r"\((?:size (?:reported|assumed|fitted)|as asked)\)\Z")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The questions that ship, over draws that mean nothing."""
    posterior = write_posterior(tmp_path_factory.mktemp("draws"))
    return read_answers(questions_file(), Changes(posterior, draws=2))


def test_every_question_of_the_reports_is_asked_once(asked: Asked) -> None:
    found = [re.match(r"(\d+)\. ", question.asks) for question in asked.questions]
    assert [int(one[1]) for one in found if one] == list(range(1, 9))
    assert all(question.claims for question in asked.questions if question.contrasts)
    declared = [question.id for question in asked.questions if question.assumed]
    assert declared == ["bounties", "closure"]


def test_every_scenario_of_the_study_is_compared(asked: Asked) -> None:
    sides = {name for one in asked.contrasts for name in (one.scenario, one.baseline)}
    assert sides == {scenario.name for scenario in asked.study.scenarios}
    assert {one.scenario for one in asked.contrasts} == set(ASKED)
    stems = {path.stem for path in scenarios_folder().glob("*-*.yaml")} | {"protection"}
    assert stems <= sides


def test_scenarios_differ_by_what_is_asked_and_not_before(asked: Asked) -> None:
    scenarios = {scenario.name: scenario for scenario in asked.study.scenarios}
    for one in asked.contrasts:
        a, b = scenarios[one.baseline], scenarios[one.scenario]
        assert a.resolved()["parameters"] == b.resolved()["parameters"]
        months = min(a.end_month, b.end_month) + 1
        apart = a.lever_paths()[:months] != b.lever_paths()[:months]
        levers = {LEVER_KEYS[k] for k in np.flatnonzero(apart.any(axis=(0, 2)))}
        first = int(np.flatnonzero(apart.any(axis=(1, 2)))[0])
        assert (month_label(first), levers) == ASKED[one.scenario], one.scenario
        assert first <= one.window.first + 2  # bounties differ from history's within the year
        assert one.window.last <= b.end_month


def own_policies(name: str) -> list[object]:
    history = {policy.id for policy in load(scenarios_folder() / "historical.yaml").policies}
    return [p for p in load(scenarios_folder() / f"{name}.yaml").policies if p.id not in history]


@pytest.mark.parametrize("name", ASKED)
def test_added_policies_say_whose_their_sizes_are(name: str) -> None:
    scenario: Scenario = load(scenarios_folder() / f"{name}.yaml")
    assert len(scenario.description) > 40
    for policy in own_policies(name):
        assert policy.evidence, policy.id
        assert SIZES.search(policy.title), policy.title


def test_a_reported_size_is_the_reported_one() -> None:
    sizes = {"S2.bounty_report": 1000.0, "S2.bounty_capture": 2000.0, "S2.helper_fine": 3000.0}
    found = set()
    for name in ASKED:
        for policy in own_policies(name):
            if "(size reported)" in policy.title:
                (cited,) = sizes.keys() & set(policy.evidence)
                assert policy.value == sizes[cited], (name, policy.id)
                found.add(cited)
    assert found == set(sizes)


def test_markets_are_held_at_what_they_were() -> None:
    history, held = (
        load(scenarios_folder() / f"{name}.yaml").lever_paths()
        for name in ("historical", "no-markets")
    )
    at = LEVER_KEYS.index("economy.market_index")
    start = 12 * (2003 - 1995)
    assert np.array_equal(held[:start, at], history[:start, at])
    assert (held[start:, at] == history[start - 1, at]).all()
    assert history[-1, at].max() > 2 * held[-1, at].max() > 0


MISTAKES = """\
schema: bordersim/answers@1
study: small.yaml
baseline: nobody
observables: [arrival]
questions:
  - id: one
    asks: What?
    evidence: [M99]
    comparisons:
      - {scenario: base, baseline: base, window: "1995"}
      - {scenario: historical, baseline: base, window: "1995:2031"}
    claims:
      - {says: x, evidence: [M1], scenario: elsewhere, expects: more}
      - {says: x, evidence: [M1], scenario: historical, observable: fee, class: elite,
         expects: less}
  - {id: one, asks: And?}
"""

SMALL = """\
schema: bordersim/sweep@1
scenarios: [base.yaml, historical.yaml]
seeds: {count: 1}
scale: 0.002
until: 1995-06
"""


def mistakes_of(folder: Path, text: str) -> list[str]:
    (folder / "small.yaml").write_text(SMALL)
    path = folder / "asked.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as raised:
        read_answers(path)
    return [str(problem) for problem in raised.value.problems]


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    found = "\n".join(mistakes_of(tmp_path, MISTAKES))
    for line, text in (
        (3, 'no scenario "nobody" in the study'),
        (4, 'no observable "arrival"'),
        (8, 'unknown evidence "M99"'),
        (10, '"base" is compared with itself'),
        (10, "is not in what all runs cover"),
        (11, "is not in what all runs cover, 1995-01 to 1995-06"),
        (13, 'the question does not compare "elsewhere"'),
        (14, "fee is not counted by class"),
        (16, "it compares nothing"),
        (16, '"one" is taken'),
    ):
        assert re.search(rf"asked\.yaml:{line} .*{re.escape(text)}", found), (line, text, found)


def test_a_prior_needs_a_posterior_and_observables_must_be_kept(tmp_path: Path) -> None:
    text = (
        MISTAKES[: MISTAKES.index("questions:")]
        .replace("nobody", "base")
        .replace("[arrival]", "[arrivals, hungry_days]")
    )
    more = "questions: [{id: one, asks: What?, elsewhere: nowhere}]\n"
    prior = "prior: {calibration: none.yaml, count: 2}\n"
    found = "\n".join(mistakes_of(tmp_path, text + prior + more))
    assert 'no observable "hungry_days"' in found
    assert "the study draws from no posterior" in found
    kept = text.replace("hungry_days", "remittances") + more
    assert "it does not keep remittances" in "\n".join(mistakes_of(tmp_path, kept))
