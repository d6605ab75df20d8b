"""Sensitivity indices and their floors: known functions, known luck, the whole way."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sensitivities import FILE, FIRST, KEYS, TOTAL, UNIT, ishigami, luck, simulator
from sweeps import carry_out_here

import bordersim as bs
from bordersim.errors import BordersimError
from bordersim.results import FloatArray
from bordersim.sensing.indices import floor_of, indices, luck_of
from bordersim.sensing.inputs import Input, Inputs
from bordersim.sweeping.axes import Axis
from bordersim.sweeping.designs import Design


def laid(kind: str, n: int, inputs: int, **more: Any) -> tuple[Inputs, FloatArray]:
    """Inputs of a design and its points, by the code that lays those of a sweep."""
    names = [f"x{k}" for k in range(inputs)]
    axes = tuple(Axis(name, "", (), 0.0, 1.0, False, None) for name in names)
    points = np.array(Design(kind, axes, n, 1, **more).points())
    return Inputs(kind, tuple(Input(n, "", 0.0, 1.0, False, "set") for n in names), **more), points


def values_of(found: dict[str, list[Any]], name: str) -> FloatArray:
    return np.array([index.value for index in found[name]])


def test_sobol_indices_of_ishigami_are_those_in_closed_form() -> None:
    inputs, points = laid("sobol-indices", 2048, 4, second_order=True)
    assert len(points) == 2048 * 10
    found = indices(inputs, points, ishigami(points)[:, None])
    assert values_of(found, "s1") == pytest.approx(FIRST, abs=0.02)
    assert values_of(found, "st") == pytest.approx(TOTAL, abs=0.02)
    pairs = values_of(found, "s2")
    assert pairs[1] == pytest.approx(0.2437, abs=0.04)  # x1 with x3
    assert np.delete(pairs, 1) == pytest.approx(np.zeros(5), abs=0.04)
    for name, known in (("s1", FIRST), ("st", TOTAL)):
        for index, truth in zip(found[name], known, strict=True):
            assert index.low - 0.01 <= truth <= index.high + 0.01
            assert index.above is None  # one seed tells nothing of luck
    assert (found["st"][3].low, found["st"][3].high) == (0.0, 0.0)


@pytest.mark.parametrize("kind", ["morris", "sobol-indices"])
def test_with_luck_only_what_does_something_stands_above_the_floor(kind: str) -> None:
    inputs, points = laid(kind, 64, 4)
    rng = np.random.default_rng(3)
    seeds = ishigami(points)[:, None] + rng.standard_normal((len(points), 6))
    main = indices(inputs, points, seeds)["mu_star" if kind == "morris" else "st"]
    assert [index.above for index in main] == [True, True, True, False]
    assert main[3].value > 0.0  # luck moved it, and the floor says so
    assert main[3].floor < main[1].value / 2


def test_a_floor_is_that_of_its_own_input() -> None:
    """Luck that only the points hold where the second input has moved is its floor alone."""
    inputs, points = laid("sobol-indices", 16, 3)
    seeds = np.repeat(points.sum(axis=1)[:, None], 5, axis=1)
    rng = np.random.default_rng(4)
    seeds.reshape(16, 5, 5)[:, 2] += rng.standard_normal((16, 5))
    found = indices(inputs, points, seeds)
    for name in ("s1", "st"):
        floors = np.array([index.floor for index in found[name]])
        assert floors[1] > 0.01
        assert floors[[0, 2]] == pytest.approx([0, 0], abs=1e-9)


def test_elementary_effects_of_a_sloped_plane_are_its_slopes() -> None:
    inputs, points = laid("morris", 12, 3)
    values = points @ [3.0, -2.0, 0.0]
    found = indices(inputs, points, np.stack([values, values + 5.0], axis=1))
    assert values_of(found, "mu_star") == pytest.approx([3, 2, 0])
    assert values_of(found, "mu") == pytest.approx([3, -2, 0])
    assert values_of(found, "sigma") == pytest.approx([0, 0, 0], abs=1e-12)
    # Seeds that differ by the same at all points leave no luck in any difference.
    assert [index.floor for index in found["mu_star"]] == pytest.approx([0, 0, 0], abs=1e-12)
    assert luck_of(np.stack([values, values + 5.0], axis=1)).cancelled == pytest.approx(1.0)


def test_morris_ranks_the_inputs_of_the_g_function() -> None:
    inputs, points = laid("morris", 40, 5)
    a = np.array([0.0, 1.0, 4.5, 99.0])
    values = ((np.abs(4 * points[:, :4] - 2) + a) / (1 + a)).prod(axis=1)
    effects = values_of(indices(inputs, points, values[:, None]), "mu_star")
    assert list(np.argsort(-effects)) == [0, 1, 2, 3, 4]
    assert effects[4] == 0.0


@pytest.mark.parametrize("common", [0.0, 0.3])
def test_luck_alone_seldom_passes_the_floor_and_effects_do(common: float) -> None:
    """Differences of an input that does nothing: some of their luck is common to all steps."""
    rng = np.random.default_rng(1)

    def size(means: FloatArray) -> FloatArray:
        return np.asarray(np.abs(means).mean(axis=1))

    passed, found = 0, 0
    for _ in range(120):
        own = rng.standard_normal((20, 8)) * math.sqrt(1 - common)
        differences = own + rng.standard_normal(8) * math.sqrt(common)
        floor = floor_of(differences, size)
        passed += bool(size(differences.mean(axis=1)[None])[0] > floor)
        found += bool(size((differences + 2.0).mean(axis=1)[None])[0] > floor)
    assert passed <= 12
    assert found == 120


def test_what_seeds_do_is_split_into_common_and_own_luck() -> None:
    rng = np.random.default_rng(2)
    effect = rng.standard_normal(4000)[:, None] * 2.0
    values = effect + rng.standard_normal(200) * 3.0 + rng.standard_normal((4000, 200))
    luck = luck_of(values)
    assert luck.cancelled == pytest.approx(0.9, abs=0.03)  # 9 of 9 + 1
    assert luck.share == pytest.approx((1 / 200) / (4 + 1 / 200), rel=0.1)
    assert math.isnan(luck_of(values[:, :1]).share)


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of a sweep file for Sobol indices, its engine a function with luck."""
    folder = tmp_path_factory.mktemp("fake")
    file = folder / "ishigami.yaml"
    file.write_text(FILE.format(kind="sobol-indices", n=12, seeds=3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bordersim.simulation.simulate_alike", simulator(0.3))
        account = carry_out_here(file, folder / "study", patch)
    assert (account.simulated, account.failed) == (12 * 6 * 3, ())
    return folder / "study"


def test_the_whole_way_gives_the_indices_of_the_function(fake: Path) -> None:
    study = bs.open(fake)
    found = bs.sensitivity(study, observable=["arrivals", "stock_china"])
    points = study.cells.drop_duplicates("point")[list(KEYS)].to_numpy(float)
    low, high = np.array([0.0, 0.0, -2.0]), np.array([1.0, 1.0, 5.0])
    logs = np.log(points[:, 3:] / 6) / math.log(4)
    shares = np.hstack([(points[:, :3] - low) / (high - low), logs])
    direct = np.array(
        [
            [20 + ishigami(row[None])[0] + 0.3 * luck(row[None], seed) for seed in (1, 2, 3)]
            for row in shares
        ]
    )
    expected = indices(found.inputs, shares, np.round(UNIT * direct))
    answer, constant = found.answers
    for name in ("s1", "st"):
        assert values_of(answer.indices, name) == pytest.approx(values_of(expected, name), abs=1e-6)
    assert [axis.key for axis in found.inputs.axes] == list(KEYS)
    above = dict(zip(KEYS, (index.above for index in answer.main), strict=True))
    assert above == dict(zip(KEYS, (True, True, True, False), strict=True))
    # Nothing varies: nothing has a share in it.
    assert (constant.mean, constant.spread, constant.main[0].value) == (0.0, 0.0, 0.0)
    rows = found.to_df()
    assert list(rows["input"][:2]) == sorted(KEYS[:2], key=lambda k: -TOTAL[KEYS.index(k)])
    assert "noise" in found._repr_html_()


def test_blocks_without_an_outcome_everywhere_are_left_out(fake: Path) -> None:
    study = bs.open(fake)
    whole = bs.sensitivity(study, observable="arrivals").answers[0]
    lost = study.cells["run_id"][study.cells["point"] == 7].iloc[0]
    rows = [row | ({"status": "failed"} if row["run_id"] == lost else {}) for row in study.rows()]
    study._rows = rows
    part = bs.sensitivity(study, observable="arrivals").answers[0]
    assert (whole.left_out, part.left_out) == (0, 1)
    assert part.main[0].value != whole.main[0].value
    study._rows = [row | {"status": "failed"} if row["seed"] == 2 else row for row in rows]
    with pytest.raises(BordersimError, match="only 0 of 12 blocks of points have an outcome"):
        bs.sensitivity(study, observable="arrivals")


def test_a_study_of_other_points_has_no_indices(fake: Path) -> None:
    study = bs.open(fake)
    study._plan = None
    with pytest.raises(BordersimError, match=r"design none; indices need points .* morris or"):
        bs.sensitivity(study)


def test_a_figure_tells_noise_from_what_matters(fake: Path) -> None:
    found = bs.sensitivity(bs.open(fake), observable=["arrivals", "deaths"])
    page = found.plot()
    arrivals, _ = page.axes
    assert arrivals.get_xlabel() == "share of variance"
    names = [label.get_text() for label in arrivals.get_yticklabels()]
    assert sorted(names) == sorted(KEYS)
    bars = arrivals.patches  # total and first of each input, from the top
    faces = {name: bars[2 * k].get_facecolor() for k, name in enumerate(names)}
    others = {faces[name] for name in KEYS[:3]}
    assert len(others) == 1
    assert faces[KEYS[3]] not in others
    assert len(found.plot("deaths").axes) == 1
    with pytest.raises(BordersimError, match='no indices of "fee"; there are arrivals, deaths'):
        found.plot("fee")


@pytest.mark.filterwarnings(
    "ignore"
)  # ema-workbench's own: what it misses, what pandas 4 will not have
def test_prim_finds_the_box_in_what_a_study_exports(fake: Path) -> None:
    from ema_workbench.analysis import prim

    experiments, outcomes = bs.open(fake).to_ema("arrivals")
    assert len(experiments) == 12 * 6
    assert set(experiments["policy"]) == {"base"}
    assert experiments["scenario"].is_unique
    value = outcomes["arrivals"] / UNIT - 20
    x1 = experiments[KEYS[0]].to_numpy()
    assert np.corrcoef(value, np.sin(math.pi * (2 * x1 - 1)))[0, 1] > 0.4
    plain = experiments.drop(columns=["policy", "model"])
    box = prim.Prim(plain, x1 > 0.6, threshold=0.8, peel_alpha=0.1).find_box()
    limits = box.box_lims[-1]
    assert limits[KEYS[0]].iloc[0] == pytest.approx(0.6, abs=0.1)
    each, by_seed = bs.open(fake).to_ema("arrivals", each_seed=True)
    assert len(each) == len(by_seed["arrivals"]) == 12 * 6 * 3
    means = by_seed["arrivals"].reshape(3, -1).mean(axis=0)
    assert outcomes["arrivals"] == pytest.approx(means)


def test_a_mean_of_fewer_seeds_is_no_outcome(fake: Path) -> None:
    study = bs.open(fake)
    lost = study.cells["run_id"][(study.cells["point"] == 5) & (study.cells["seed"] == 1)].iloc[0]
    study._rows = [r | ({"status": "failed"} if r["run_id"] == lost else {}) for r in study.rows()]
    _, outcomes = study.to_ema("arrivals")
    assert np.flatnonzero(np.isnan(outcomes["arrivals"])).tolist() == [5]


def test_a_longer_design_keeps_its_points() -> None:
    for kind, more in (("morris", {}), ("sobol-indices", {"second_order": True})):
        axes = tuple(Axis(f"x{k}", "", (), 1.0, 9.0, k == 1, None) for k in range(3))
        short = Design(kind, axes, 5, 1, **more)
        longer = replace(short, n=12).points()
        assert longer[: short.n_points] == short.points()
        assert len(longer) == 12 * short.block
        assert all(1.0 <= value <= 9.0 for point in longer for value in point)
    places = count()
    steps = np.diff(np.array(Design("morris", axes, 6, 1).points()).reshape(6, 4, 3), axis=1)
    for trajectory in steps != 0:
        next(places)
        assert trajectory.sum(axis=0).tolist() == trajectory.sum(axis=1).tolist() == [1, 1, 1]
