"""A sweep over levers, draws and seeds, compared: one effect and one ledger for each point."""

from __future__ import annotations

import pandas as pd
import pytest
from sweeps import carry_out_here, write_sweep

import bordersim as bs
from bordersim.comparing.estimates import PREDICTED

SWEEP = """\
schema: bordersim/sweep@1
scenarios: [historical.yaml, base.yaml]
seeds: {count: 2}
draws: {posterior: draws.parquet, count: 2}
scale: 0.002
until: 1995-09
design:
  kind: grid
  levers:
    china.refoulement: {values: [0, 1], from: 1995-03}
observables: [arrivals]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> bs.Study:
    folder = tmp_path_factory.mktemp("sweep")
    draws = pd.DataFrame({"river.detection": [0.02, 0.05]})
    draws.to_parquet(folder / "draws.parquet")
    with pytest.MonkeyPatch.context() as patch:
        carry_out_here(write_sweep(folder, SWEEP), folder / "study", patch)
    return bs.open(folder / "study")


def test_pairs_are_of_one_point_draw_and_seed(study: bs.Study) -> None:
    comparison = study.compare(
        "base", "historical", observable="crossings", window="1995-06:1995-09"
    )
    keys = [(pair.point, pair.draw, pair.seed) for pair in comparison.pairs]
    assert keys == [(p, d, s) for p in (0, 1) for d in (0, 1) for s in (1, 2)]
    cells = study.cells.set_index(["scenario", "point", "draw", "seed"])["run_id"]
    for pair in comparison.pairs:
        key = (pair.point, pair.draw, pair.seed)
        assert pair.a().run_id == cells.loc[("base", *key)]
        assert pair.b().run_id == cells.loc[("historical", *key)]
    table = comparison.table()
    assert table["draws"].tolist() == [2, 2]
    assert table["pairs"].tolist() == [4, 4]
    assert table["interval"].tolist() == [PREDICTED, PREDICTED]
    assert table["china.refoulement"].tolist() == [0.0, 1.0]
    assert table["mc_error"].notna().all()
    one = comparison.measured[0]
    difference = (one.b - one.a)[:, 0, -4:].sum(axis=1)
    assert table["effect"].tolist() == pytest.approx(difference.reshape(2, 4).mean(axis=1))


def test_a_ledger_is_of_one_point_whose_scenarios_are_built_again(study: bs.Study) -> None:
    comparison = study.compare("base", "historical", window="1995-06:1995-09")
    with pytest.raises(bs.BordersimError, match="name a point"):
        comparison.ledger()
    for point, sent_back in ((0, False), (1, True)):
        ledger = comparison.ledger(point=point)
        assert len(ledger.matrices) == 4
        rate = comparison.estimate("repatriations", point).b
        assert (rate > 0) == sent_back
        effect = comparison.estimate("deaths", point).effect * 0.002
        assert ledger.effects()[:, 1].mean() == pytest.approx(effect)


def test_what_a_sweep_did_not_keep_is_told(study: bs.Study) -> None:
    with pytest.raises(bs.StoreError, match="stored without fee_sum"):
        study.compare("base", "historical", observable="fee")
