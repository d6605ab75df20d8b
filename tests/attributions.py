"""What the tests of attribution share: a small question, and answers made of given numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bordersim.attributing.measuring import Measured
from bordersim.comparing.quantities import quantity_of

HISTORY = """\
schema: bordersim/scenario@1
name: small-history
extends: base.yaml
policies:
  add:
    - {id: raids, lever: china.patrol_rate, op: scale, value: 3, from: 1996-12, ramp: 3 months}
    - {id: guards, lever: guards.per_km, op: scale, value: 1.5, from: 1997-02}
    - {id: wire, lever: border.wire_coverage, op: set, value: 0.3, from: 1996-03}
    - {id: hunger, lever: economy.food_shortage, op: add, value: -0.1, from: 1996-10,
       until: 1997-03}
"""
"""Barriers do not move after 1996; a shock is under way when levers are held."""

QUESTION = """\
schema: bordersim/attribution@1
name: small
title: Who changed what
scenario: small-history.yaml
change: {from: 1996, to: 1997}
factors: [guards, barriers, china, markets]
seeds: {count: 2}
scale: 0.01
observables: [arrivals, crossings, fee]
"""


def write_question(folder: Path, more: str = "", text: str = QUESTION) -> Path:
    """Write an attribution file and its scenario."""
    (folder / "small-history.yaml").write_text(HISTORY)
    path = folder / "small.yaml"
    path.write_text(text + more)
    return path


def made_up(after: np.ndarray, before: int = 1000, seeds: int = 1) -> Measured:
    """Counts of draws x seeds by coalition; ``after`` has shape (groups, coalitions)."""
    groups = np.arange(len(after))
    return Measured(
        quantity=quantity_of("arrivals"),
        draw=groups // seeds,
        seed=groups % seeds,
        before=np.full(len(after), before),
        after=after,
        unit=1.0,
    )
