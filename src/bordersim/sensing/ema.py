"""A study as ema-workbench's analyses take it: experiments, and outcomes beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bordersim.comparing.pairing import Window
from bordersim.comparing.quantities import Cut
from bordersim.errors import BordersimError
from bordersim.results import FloatArray
from bordersim.sensing.outcomes import FIRST_AXIS, outcomes
from bordersim.study import Study

if TYPE_CHECKING:
    import pandas as pd

Results = tuple["pd.DataFrame", dict[str, FloatArray]]


def of_study(study: Study, names: Sequence[str], window: Window, *, each_seed: bool) -> Results:
    """Give a study in the form of ``ema_workbench.perform_experiments``.

    Parameters
    ----------
    study
        Of a sweep with a design, or draws.
    names, window
        Outcomes, as of a comparison.
    each_seed
        Whether every seed is an experiment of its own, not the mean over seeds.

    Returns
    -------
    experiments
        One row a point, draw and scenario: a column for each lever and parameter that
        varies, and ema-workbench's labels ``scenario`` (the point and draw), ``policy``
        (the scenario of this study) and ``model``.
    outcomes
        One array each, in the same order; NaN where a run is missing or had nothing to
        measure.

    Raises
    ------
    BordersimError
        When nothing varies, or no run is there.
    ScenarioError
        When what is asked for is not there.
    """
    found = outcomes(study, names, window, Cut())
    inputs = list(found.cells.columns[FIRST_AXIS:])
    if not inputs:
        raise BordersimError("nothing varies in this study; sweep a design, or draws")
    frame = found.cells.copy()
    labels = [quantity.name for quantity in found.quantities]
    frame[labels] = found.values
    keys = ["point", "draw", "seed"] if each_seed else ["point", "draw"]
    # An experiment whose seeds are not all there would be a mean of fewer, unnoticed.
    grouped = frame.groupby(["scenario", *keys], sort=False)
    experiments = grouped[inputs].first()
    means = grouped[labels].mean(skipna=False)
    rows = experiments.index.to_frame(index=False)
    experiments = experiments.reset_index(drop=True)
    # "scenario" is theirs for a state of the world; ours are what people choose: policies.
    experiments["scenario"] = [
        "-".join(map(str, row)) for row in rows[keys].itertuples(index=False)
    ]
    experiments["policy"] = rows["scenario"].to_numpy(dtype=object)
    experiments["model"] = "bordersim"
    return experiments, {name: means[name].to_numpy(float) for name in labels}
