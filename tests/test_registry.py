"""The evidence: every figure has its entry, and every mistake in a table is told."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from evidence_listing import GOLDEN, listing
from hypothesis import given, settings
from hypothesis import strategies as st

from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.errors import BordersimError, ScenarioError
from bordersim.evidence import read_evidence_ids
from bordersim.observing import targets
from bordersim.registry import Registry, read_registry, registry
from bordersim.registry.codebook import FIGURES, PointRule
from bordersim.registry.entries import USES
from bordersim.registry.rows import last_digit, read_as

EVIDENCE = registry()
MONEY = scenarios_folder() / "data" / "money.csv"
FITTED = [entry.id for entry in EVIDENCE.select(use="calibrate")]

Edit = Callable[[str, str, str], Registry]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Read a copy of the evidence in which a text of one file is replaced."""
    folder = tmp_path / "evidence"
    shutil.copytree(evidence_folder(), folder)

    def read(name: str, old: str, new: str) -> Registry:
        path = folder / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{name} has changed; mend this test"
        path.chmod(0o644)
        path.write_text(text.replace(old, new), "utf-8")
        return read_registry(folder, MONEY)

    return read


def test_no_figure_changes_unseen() -> None:
    golden = GOLDEN.read_text("utf-8").splitlines()
    assert listing(EVIDENCE) == golden, "if this is meant: python tests/evidence_listing.py"


def test_a_changed_figure_is_seen(edited: Edit) -> None:
    changed = edited("fees.csv", "2009-01,fee for the river crossing,Tumen,1500000,1500000",
                     "2009-01,fee for the river crossing,Tumen,1600000,1600000")  # fmt: skip
    golden = GOLDEN.read_text("utf-8").splitlines()
    differing = set(golden) ^ set(listing(changed))
    assert {line.partition(":")[0] for line in differing} == {"fee.2009-01"}
    assert changed.digest() != EVIDENCE.digest()


def test_a_moved_line_is_the_same_evidence(edited: Edit) -> None:
    row = "S1.total_2014,2014,arrivals in the South,,1400,1400,,people,point,context,B,S1,"
    same = edited("claims.csv", row, "# a remark\n" + row)
    assert same["S1.total_2014"].where != EVIDENCE["S1.total_2014"].where
    assert same.digest() == EVIDENCE.digest()


def test_every_entry_says_what_it_is_who_says_it_and_how_sure_it_is() -> None:
    for entry in EVIDENCE.values():
        assert entry.claim, entry.id
        assert entry.source, entry.id
        assert entry.reliability in EVIDENCE.grades, entry.id
        assert entry.use in USES, entry.id
        assert entry.is_figure == (entry.kind in FIGURES), entry.id
        assert bool(entry.definition) == entry.is_figure, entry.id
        assert entry.is_figure or entry.use == "context", entry.id


def test_facts_mechanisms_and_events_are_entries() -> None:
    assert read_evidence_ids(evidence_folder()) <= set(EVIDENCE)
    kinds = {name: EVIDENCE[name].kind for name in ("M1", "M19", "T.2012-04.command")}
    assert kinds == {"M1": "mechanism", "M19": "mechanism", "T.2012-04.command": "event"}
    assert EVIDENCE["S1.fee_2010"].claim.startswith("KRW 4-5 million")
    assert (EVIDENCE["S1.fee_2010"].low, EVIDENCE["S1.fee_2010"].high) == (4e6, 5e6)
    assert EVIDENCE["T.2013-03.bounty_report"].note == "500 to 2000 by number of people CNY"


def test_a_forecast_is_never_a_target() -> None:
    claim = EVIDENCE["S1.total_2015"]
    assert (claim.kind, claim.use) == ("forecast", "forecast")
    assert (claim.low, claim.high) == (-math.inf, 1200)
    assert not [t for t in targets(USES[:3]) if claim.id in t.evidence_ids]


def test_the_shares_of_women_and_of_homes_are_those_of_the_counts() -> None:
    assert EVIDENCE["women.2009"].low == 2252 / 2914
    assert "women.1998" not in EVIDENCE  # nobody counted
    grades = [EVIDENCE[name].reliability for name in ("arrivals.1999", "women.1999")]
    assert grades == ["B", "D"]  # the split was derived
    homes = [entry for name, entry in EVIDENCE.items() if name.startswith("home.")]
    assert sum(entry.low for entry in homes) == pytest.approx(1)
    assert EVIDENCE["home.north_hamgyong"].low == pytest.approx(0.59, abs=0.001)


def test_a_split_has_an_entry_for_each_part() -> None:
    parts = [EVIDENCE[f"split.2010.{name}"] for name in ("trafficker", "guards", "chinese")]
    assert [part.reported_low for part in parts] == pytest.approx([0.4, 0.3, 0.3])
    assert [part.low for part in parts] == pytest.approx([0.35, 0.25, 0.25])
    assert {part.unit for part in parts} == {"share"}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("fee.2006", 450, 550),  # 500: half of its last digit
        ("fee.2009-01", 1_425_000, 1_575_000),  # 1.5 million: 5 %
        ("fee.2010-02", 9_500, 10_500),  # 10,000 to the thousand, says its digit
        ("fee.2010-12", 3_500_000, 4_500_000),
        ("fee.2008-08", -math.inf, 5_000),
        ("S1.total_2006", 2_000, math.inf),
        ("S1.fee_2015", 9e6, 10e6),  # "nearly 10 million"
        ("arrivals.2009", 2914, 2914),
    ],
)
def test_how_a_report_is_read(name: str, low: float, high: float) -> None:
    assert (EVIDENCE[name].low, EVIDENCE[name].high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("text", "digit"),
    [("500", 100), ("1500000", 100_000), ("4.20", 0.01), ("0.75", 0.01), ("1000", 1000),
     ("3", 1), ("0", 1), ("0.0", 0.1), ("-1.1", 0.1), ("1e6", 1e6)],
)  # fmt: skip
def test_last_digit(text: str, digit: float) -> None:
    assert last_digit(text) == pytest.approx(digit)


@given(
    value=st.floats(-1e9, 1e9),
    digit=st.floats(0, 1e6),
    rule=st.builds(PointRule, of_last_digit=st.floats(0, 1), at_least=st.floats(0, 0.9)),
)
def test_a_point_is_read_as_no_less_than_its_rule(
    value: float, digit: float, rule: PointRule
) -> None:
    low, high = read_as("point", (value, value), digit, rule)
    assert low <= value <= high
    half = (high - low) / 2
    slack = 1e-9 * (abs(value) + digit)
    assert half >= rule.of_last_digit * digit - slack
    assert half >= rule.at_least * abs(value) - slack


@pytest.mark.parametrize("name", FITTED)
def test_what_is_held_out_is_no_target_of_a_fit(name: str) -> None:
    held_out = targets(evidence=EVIDENCE.with_use(name, "validate"))
    assert not [target.id for target in held_out if name in target.evidence_ids]


@given(names=st.sets(st.sampled_from(FITTED), min_size=1), use=st.sampled_from(USES[1:]))
@settings(max_examples=15, deadline=None)
def test_what_is_not_to_be_fitted_is_no_target_of_a_fit(names: set[str], use: str) -> None:
    changed = EVIDENCE
    for name in names:
        changed = changed.with_use(name, use)
    used = {name for target in targets(evidence=changed) for name in target.evidence_ids}
    assert not used & names


def test_only_calibrated_entries_are_targets_of_a_fit() -> None:
    used = {name for target in targets() for name in target.evidence_ids}
    assert used
    assert {EVIDENCE[name].use for name in used} == {"calibrate"}


def test_selecting() -> None:
    held_out = EVIDENCE.select(use="validate", quantity="arrivals in the South")
    assert "arrivals.2025" in [entry.id for entry in held_out]
    assert {entry.use for entry in held_out} == {"validate"}
    both = EVIDENCE.select(use=("calibrate", "validate"))
    assert len(both) == len(FITTED) + len(EVIDENCE.select(use="validate"))
    assert set(EVIDENCE.to_df()["id"]) == set(EVIDENCE)


def test_names_that_are_none() -> None:
    with pytest.raises(BordersimError, match=r'"S1\.fee_2011"; did you mean'):
        EVIDENCE["S1.fee_2011"]
    with pytest.raises(BordersimError, match="allowed: calibrate, validate, context, forecast"):
        EVIDENCE.with_use("arrivals.2009", "fit")
    assert EVIDENCE["arrivals.2009"].use == "calibrate"


def test_sources_are_spelt_out() -> None:
    citation = EVIDENCE.citation(EVIDENCE["arrivals.2009"])
    assert citation.startswith("Ministry of Unification, table")
    assert "Clawson" not in citation.split("; ")


FEE = "fee.2006,2006,fee for the river crossing,Tumen (Musan-Onsong),500,500,,CNY,point,calibrate,C"
FORECAST = "S1.total_2015,2015,arrivals in the South,,,1200,,people,forecast,forecast,C"

MISTAKES = {
    "unknown column": ("fees.csv", "grade,source,note", "grade,source,remark", "remark"),
    "unknown kind": ("fees.csv", FEE, FEE.replace("point", "pont"), 'did you mean "point"'),
    "unknown use": ("fees.csv", FEE, FEE.replace("calibrate", "fit"), 'use: got "fit"'),
    "unknown grade": ("fees.csv", FEE, FEE[:-1] + "F", 'grade: got "F"; allowed: A, B, C, D, E'),
    "unknown unit": ("fees.csv", FEE, FEE.replace("CNY", "RMB"), 'unit: got "RMB"'),
    "unknown quantity": (
        "fees.csv",
        FEE,
        FEE.replace("fee for the river", "fee of the river"),
        'did you mean "fee for the river crossing"',
    ),
    "low above high": ("fees.csv", FEE, FEE.replace("500,500", "600,500"), "above high"),
    "two figures for a point": ("fees.csv", FEE, FEE.replace("500,500", "400,500"), "one figure"),
    "no figure": ("fees.csv", FEE, FEE.replace("500,500", ","), "needs low and high"),
    "no number": ("fees.csv", FEE, FEE.replace("500,500", "5oo,500"), 'got "5oo"'),
    "no period": ("fees.csv", FEE, FEE.replace("2006,2006", "2006,2oo6"), '"2oo6" is no period'),
    "a month that is none": ("fees.csv", FEE, FEE.replace("06,2006", "06,2006-13"), "no period"),
    "a period backwards": ("fees.csv", FEE, FEE.replace("06,2006", "06,2006-2005"), "no period"),
    "duplicate id": ("fees.csv", "fee.2009-01,", "fee.2006,", '"fee.2006" is given twice'),
    "no id": ("fees.csv", "fee.2006,", ",", "id: is empty"),
    "no source": ("fees.csv", FEE + ",Daily NK 2010-02-18", FEE + ",", "source: is empty"),
    "a fitted forecast": (
        "claims.csv",
        FORECAST,
        FORECAST.replace("forecast,forecast", "forecast,calibrate"),
        "a forecast is only ever a forecast",
    ),
    "a fitted event": (
        "claims.csv",
        "S2.musan_tip,2016-08,,,,,,,event,context",
        "S2.musan_tip,2016-08,,,,,,,event,calibrate",
        "cannot be fitted",
    ),
    "a split of two": ("shares.csv", "2010,split of the crossing fee broker : guards : Chinese "
                       "side,,4:3:3,4:3:3", "2010,split of the crossing fee broker : guards : "
                       "Chinese side,,4:3,4:3", "expected such as 4:3:3"),
    "sexes that do not add up": ("arrivals.csv", "2914,662,2252", "2914,663,2252", "not 2,914"),
    "a fact that no table gives": ("claims.csv", "S1.halved,", "S1.half,", "add it to claims.csv"),
    "a word the code lacks": ("codebook.yaml", "  lower: ", "  above: ", "kinds: got exact, point"),
    "a key the codebook lacks": ("codebook.yaml", "at_least:", "least:", 'unknown key "least"'),
    "a mechanism of nobody": ("reported.md", "army after Kim Jong-il's death (Dec 2011) | S1 |",
                              "army after Kim Jong-il's death (Dec 2011) | S3 |", 'source "S3"'),
    "an event of no date": ("timeline.csv", "T.2012-06.wire,2012-06,", "T.2012-06.wire,soon,",
                            '"soon" is no period'),
    "a source of no grade": ("sources.csv", "S2,C,", "S2,Z,", 'grade: got "Z"'),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_file_and_line(case: str, edited: Edit) -> None:
    name, old, new, told = MISTAKES[case]
    with pytest.raises(ScenarioError) as error:
        edited(name, old, new)
    message = str(error.value)
    assert told in message
    assert name in message
    assert all(problem.where for problem in error.value.problems)
    if name.endswith(".csv") and case != "a fact that no table gives":
        assert any(problem.where.rpartition(":")[2].isdigit() for problem in error.value.problems)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    shutil.copytree(evidence_folder(), folder)
    cases = ("unknown kind", "sexes that do not add up", "an event of no date", "a fitted forecast")
    for name, old, new, _ in map(MISTAKES.__getitem__, cases):
        path = folder / name
        path.chmod(0o644)
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    (folder / "china.csv").unlink()
    with pytest.raises(ScenarioError) as error:
        read_registry(folder, MONEY)
    files = {Path(problem.where.partition(".csv")[0]).name for problem in error.value.problems}
    assert files >= {"fees", "arrivals", "timeline", "claims", "china"}


def test_the_page_gives_the_grades_of_the_codebook() -> None:
    page = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text("utf-8")
    for grade, meaning in EVIDENCE.grades.items():
        assert f"| {grade} | {meaning} |" in page
