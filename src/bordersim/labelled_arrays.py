"""A run as labelled arrays: what an observable is broken down by are its dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from bordersim.codes import EPOCH_YEAR, OBSERVABLES
from bordersim.errors import BordersimError
from bordersim.results import CLASSES, EVERYONE, SEXES, RunResults, measure_of

if TYPE_CHECKING:
    import xarray as xr

PERSONS = {
    "sex": [name for name in SEXES if name != EVERYONE],
    "class": [name for name in CLASSES if name != EVERYONE],
}


def dataset_of(run: RunResults, observables: Sequence[str] = ()) -> xr.Dataset:
    """Give observables of a run as a dataset.

    Parameters
    ----------
    run
        In memory or stored.
    observables
        Names; all that the run has when empty.

    Returns
    -------
    Dataset
        A variable for each, at full population, with ``title``, ``unit`` and ``kind``. Along
        ``date`` (first of the month) all of them, along ``home`` or ``sector`` those that are
        counted by place, along ``sex`` and ``class`` those that are counted by person.

    Raises
    ------
    KeyError
        When no observable has such a name.
    StoreError
        When one is named that the run was stored without.
    BordersimError
        When ``xarray`` is not installed.
    """
    if find_spec("xarray") is None:
        raise BordersimError('labelled arrays need xarray: pip install "bordersim[xarray]"')
    import xarray as xr

    names = list(observables) or [name for name in OBSERVABLES if run.has(name)]
    start = np.datetime64(f"{EPOCH_YEAR}-01", "M") + run.start_month
    dates = (start + np.arange(run.n_months)).astype("datetime64[ns]")
    labels = {"date": dates, "home": list(run.homes), "sector": list(run.sectors)} | PERSONS
    variables = {name: _variable(run, name) for name in names}
    used = {dimension for dimensions, *_ in variables.values() for dimension in dimensions}
    about = {
        "scenario": run.scenario_name,
        "run_id": run.run_id,
        "seed": run.seed,
        "scale": run.scale,
        "note": "simulated, no forecast",
    }
    coordinates = {name: values for name, values in labels.items() if name in used}
    return xr.Dataset(variables, coords=coordinates, attrs=about)


def _variable(run: RunResults, name: str) -> tuple[tuple[str, ...], np.ndarray, dict[str, str]]:
    """Dimensions, values and attributes of one observable."""
    measure, values = measure_of(name), run.value(name)
    dimensions = ["date"]
    if measure.places == "nation":
        values = values[:, 0]
    else:
        dimensions.append(measure.places)
    if measure.by_person:
        dimensions += PERSONS
    said = {"title": measure.title, "unit": measure.unit, "kind": measure.kind}
    return tuple(dimensions), values, said
