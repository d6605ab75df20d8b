"""Other structures of the model: emulated by what they change, drawn, scored, resumed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow.parquet as pq
import pytest
from calibrations import tiny

from bordersim.attributing.reading import read_attribution
from bordersim.calibrating.alternatives import Pair, chosen_points, score_rows
from bordersim.calibrating.api import calibrate, read
from bordersim.calibrating.driver import Driver, How
from bordersim.calibrating.events import Began, Event
from bordersim.calibrating.overview import overview
from bordersim.calibrating.priors import FloatArray, sobol_shares
from bordersim.calibrating.results import Calibration
from bordersim.calibrating.shipping import ship
from bordersim.calibrating.waves import Runs
from bordersim.errors import ScenarioError
from bordersim.inference.corrected import Corrected
from bordersim.inference.emulator import Emulator
from bordersim.observing import targets
from bordersim.sweeping.draws import STRUCTURE

ALTERNATIVES = """\
name: tiny
alternatives:
  points: 20
  structures: [{name: cartel, title: One seller, set: {traffickers.cartel: 1}}]
"""
CHANGE = ("name: tiny\n", ALTERNATIVES)

QUESTION = """\
schema: bordersim/attribution@1
scenario: historical.yaml
change: {{from: 2005, to: 2006}}
factors: [guards, china]
seeds: {{count: 1}}
draws: {{posterior: {folder}/posterior.parquet, count: 2}}
alternatives:
  - {{name: cartel, posterior: {folder}/posterior-cartel.parquet}}
"""


def surface(x: FloatArray) -> FloatArray:
    return np.column_stack([np.sin(3 * x[:, 0]) + x[:, 1], x[:, 1] ** 2, x.sum(axis=1)])


def test_a_change_is_learnt_from_few_runs_that_share_their_luck() -> None:
    draw = np.random.default_rng(1)
    points, few = sobol_shares(256, 2, 1), np.arange(0, 256, 8)
    luck = 0.05 * draw.standard_normal((256, 3))
    main = Emulator.fit(points, surface(points) + luck, 1)
    shift = np.column_stack([points[:, 0], -points[:, 1]])  # of the last two outputs
    change = Emulator.fit(points[few], shift[few] + 1e-4 * luck[few, 1:], 1)
    found = Corrected(main, np.array([1, 2]), change)
    told = found.predict(points)
    right = surface(points)[:, 1:] + shift
    assert np.abs(told.mean - right).max() < 0.06
    assert np.allclose(told.noise, main.noise[[1, 2]])  # a run has luck, however alike two are
    assert (told.uncertainty >= main.predict(points).uncertainty[:, [1, 2]]).all()
    alone = Emulator.fit(points[few], right[few] + luck[few, 1:], 1).predict(points)
    assert np.abs(told.mean - right).mean() < np.abs(alone.mean - right).mean()


def test_runs_are_paired_by_their_seeds() -> None:
    some = targets({"calibrate"})[:2]

    def runs(seeds: list[int]) -> Runs:
        numbers = np.array(seeds)
        figures = np.column_stack([numbers * 10.0, numbers * 20.0])
        return Runs(numbers[:, None] / 100, figures, numbers * 0 + 1, numbers, some)

    pair = Pair(*runs([5, 3, 9, 7]).paired(runs([9, 1, 5])))
    assert pair.main.seed.tolist() == pair.other.seed.tolist() == [5, 9]
    assert pair.other.figures[:, 0].tolist() == [50.0, 90.0]
    assert pair.main.shares[:, 0].tolist() == [0.05, 0.09]


def test_points_of_a_wave_are_chosen_once_each_and_spread() -> None:
    shares = sobol_shares(64, 2, 3)
    chosen = chosen_points(shares, 16)
    assert len(set(chosen.tolist())) == 16
    cells = np.floor(shares[chosen] * 2).astype(int)
    assert len({tuple(cell) for cell in cells}) == 4


class Told:
    """A structure of which the log probabilities of two reports are known."""

    def __init__(self, title: str, terms: list[list[float]]) -> None:
        self.title, self.runs, self._terms = title, 3, np.array(terms)
        self.judges = targets({"validate"})[:2]
        self.log_likelihood = np.array([-1.0, -3.0])

    def terms(self, _names: list[str]) -> FloatArray:
        return self._terms

    def inside(self) -> float:
        return 1.0


def test_scores_are_the_log_of_mean_probabilities() -> None:
    judged = {
        "main": Told("as it is", [[np.log(0.5), 0.0], [np.log(0.1), 0.0]]),
        "x": Told("other", [[np.log(0.6), np.log(0.5)]] * 2),
    }
    rows = {row["structure"]: row for row in score_rows(cast(dict, judged))}  # type: ignore[type-arg]
    assert rows["main"]["score"] == pytest.approx(np.log(0.3))
    assert rows["x"]["against_main"] == pytest.approx(0.0)
    assert rows["main"]["fit"] == -2.0
    assert rows["x"]["held_out"] == 2


@pytest.fixture(scope="module")
def told() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """A calibration that was done without its structures; screened by hand, for time."""
    folder = tmp_path_factory.mktemp("structures")
    return calibrate(tiny(folder, *FEWER), out=folder / "made", workers=1)


FEWER = (
    ("screening: {trajectories: 2, replicates: 4, keep: 2}\n", ""),
    ("{points: 32}, {points: 24}", "{points: 24}"),
    ("truths: 4", "truths: 0"),
    ("fit_points: 24", "fit_points: 20"),
)


@pytest.fixture(scope="module")
def digests(before: Calibration) -> dict[str, str]:
    names = ("posterior", "shares", "identifiability", "groups")
    files = [before.folder / f"{name}.parquet" for name in names]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def made(before: Calibration, digests: dict[str, str], told: list[Event]) -> Calibration:
    assert digests
    file = tiny(before.folder.parent, *FEWER, CHANGE)
    return calibrate(file, out=before.folder, workers=1, alternatives=True, progress=told.append)


def test_only_the_structures_are_done_and_the_posterior_stays(
    made: Calibration, digests: dict[str, str], told: list[Event]
) -> None:
    began = {event.step: event.runs for event in told if isinstance(event, Began)}
    assert began == {"structure-cartel": 20, "posterior-cartel": 0, "alternatives": 0}
    for name, digest in digests.items():
        assert hashlib.sha256((made.folder / name).read_bytes()).hexdigest() == digest, name


def test_structures_are_run_where_the_last_wave_was_with_its_seeds(made: Calibration) -> None:
    names = ("wave-1", "structure-cartel")
    main, other = (pq.read_table(made.folder / n / "table.parquet").to_pandas() for n in names)
    both = main.merge(other, on=["seed", *made.parameters], suffixes=("", "_cartel"))
    assert len(both) == len(other) == 20
    # same luck, another structure
    assert (both["figure.arrivals.2006"] != both["figure.arrivals.2006_cartel"]).any()


def test_draws_say_of_which_structure_they_are(made: Calibration) -> None:
    main, other = (
        pq.read_table(made.folder / f"{name}.parquet") for name in ("posterior", "posterior-cartel")
    )
    assert main.column_names == other.column_names
    assert set(main["chain"].to_pylist()) == {0, 1}
    assert json.loads(other.schema.metadata[STRUCTURE]) == {
        "name": "cartel", "title": "One seller", "set": {"traffickers.cartel": 1.0}
    }  # fmt: skip
    assert not main.equals(other)


def test_the_manifest_and_what_ships_tell_of_structures(made: Calibration, tmp_path: Path) -> None:
    rows = {row["structure"]: row for row in made.manifest["alternatives"]}
    assert rows["cartel"]["set"] == {"traffickers.cartel": 1.0}
    assert rows["cartel"]["runs"] == 20
    draws = (made.folder / rows["cartel"]["posterior"]).read_bytes()
    assert rows["cartel"]["digest"] == hashlib.sha256(draws).hexdigest()
    assert rows["main"]["against_main"] == 0.0
    scores = made.table("alternatives").set_index("structure")["score"]
    assert scores["cartel"] == rows["cartel"]["score"]
    assert {"posterior-cartel.parquet", "alternatives.parquet"} <= {
        path.name for path in ship(made, tmp_path)
    }
    ship(Calibration(made.folder, {**made.manifest, "alternatives": []}), tmp_path)
    assert not list(tmp_path.glob("*alternatives*")) + list(tmp_path.glob("posterior-*"))


def test_attribution_takes_the_draws_of_a_structure(made: Calibration, tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    path.write_text(QUESTION.format(folder=made.folder.as_posix()), encoding="utf-8")
    sets = {one.name: one for one in read_attribution(path).sets}
    first = pq.read_table(made.folder / "posterior-cartel.parquet").slice(0, 1)
    assert sets["cartel"].draws is not None
    *keys, switch = sets["cartel"].draws.keys
    *drawn, switched = sets["cartel"].draws.rows[0]
    assert drawn == [first[key][0].as_py() for key in keys]
    assert (switch, switched) == ("traffickers.cartel", 1.0)


def test_runs_kept_from_another_file_still_serve(made: Calibration) -> None:
    """The posterior goes by the record of its waves, not by what the file would ask now."""
    other = ("mean: 0.03, sd: 0.01", "mean: 0.04, sd: 0.01")
    asked = read(tiny(made.folder.parent, *FEWER, CHANGE, other))
    kept = Driver(asked, How(made.folder, 1, keep=True, alternatives=True))
    states = {row["step"]: row["state"] for row in overview(kept)["steps"]}
    assert set(states.values()) == {"done"}, states
    refused = Driver(asked, How(made.folder, 1, alternatives=True))
    assert overview(refused)["steps"][0]["state"] == "changed"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points: 20", "points: 30", "got 30, and the last wave, whose points they are, has 24"),
        ("name: cartel", "name: main", '"main" is the structure as it is'),
    ],
)
def test_structures_that_cannot_be_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        read(tiny(tmp_path, *FEWER, (CHANGE[0], ALTERNATIVES.replace(old, new))))
