"""Levers as tidy data frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bordersim.codes import LEVER_KEYS
from bordersim.dates import month_label
from bordersim.lever_history import find_lever, places_of
from bordersim.scenario_views import ScenarioViews


def lever_frame(scenario: ScenarioViews, keys: Sequence[str]) -> pd.DataFrame:
    """Give levers month by month and place by place.

    Parameters
    ----------
    scenario
        The scenario.
    keys
        Keys of its levers, at least one.

    Returns
    -------
    DataFrame
        Tidy: date (monthly period), lever, unit, place, value; the months of the span.

    Raises
    ------
    ScenarioError
        If there is no such lever; the message offers the nearest.
    """
    first, last = scenario.start_month, scenario.end_month
    months = pd.period_range(month_label(first), month_label(last), freq="M")
    paths = scenario.lever_paths()[first : last + 1]
    frames = []
    for key in keys:
        spec = find_lever(scenario, key, "lever_df()")
        names, where = places_of(spec, scenario.places)
        path = paths[:, LEVER_KEYS.index(key), where]
        frames.append(
            pd.DataFrame(
                {
                    "date": months.repeat(len(names)),
                    "lever": key,
                    "unit": spec.unit,
                    "place": np.tile(names, len(months)),
                    "value": path.ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
