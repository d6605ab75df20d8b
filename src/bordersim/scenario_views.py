"""What a scenario tells of itself: its inputs as numbers, and who set what."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bordersim.dates import month_label
from bordersim.drivers import Drivers
from bordersim.levers import LeverCatalogue, LeverPaths
from bordersim.parameters import Parameters
from bordersim.places import Places
from bordersim.policies import Policy
from bordersim.provenance import History, in_force

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class ScenarioViews(ABC):
    """Views of a ``Scenario``, which describes the attributes."""

    name: str
    title: str
    description: str
    start_month: int
    end_month: int
    scale: float
    world_seed: int
    parameters: Parameters
    places: Places
    policies: tuple[Policy, ...]
    drivers: Drivers
    catalogue: LeverCatalogue
    history: History
    files: tuple[str, ...]

    def __repr__(self) -> str:
        span = f"{month_label(self.start_month)} to {month_label(self.end_month)}"
        return f"Scenario({self.name!r}, {span}, {len(self.policies)} policies, x{self.scale:g})"

    @property
    def layers(self) -> dict[str, str]:
        """Key to the file and line, or the call, that set the value in force."""
        return in_force(self.history)

    @abstractmethod
    def lever_paths(self) -> LeverPaths:
        """See ``Scenario.lever_paths``."""

    def policies_text(self) -> str:
        """Give the dated policies as JSON, each as a scenario file writes it."""
        return json.dumps([policy.to_yaml() for policy in self.policies])

    def resolved(self) -> dict[str, Any]:
        """Give the numeric inputs of a run, and nothing else.

        Returns
        -------
        dict
            Only text, integers and dicts of them: floats as hexadecimal text, lever
            paths up to the last month as a hash. Two scenarios with the same content
            simulate the same; names, titles and evidence are not in it.
        """
        paths = self.lever_paths()[: self.end_month + 1]
        return {
            "start_month": self.start_month,
            "end_month": self.end_month,
            "scale": self.scale.hex(),
            "world_seed": self.world_seed,
            "lever_paths": hashlib.sha256(np.ascontiguousarray(paths).tobytes()).hexdigest(),
            "parameters": {key: _hex(self.parameters.values(key)) for key in self.parameters},
            "homes": {name: _hex(column) for name, column in self.places.home.items()},
            "sectors": {name: _hex(column) for name, column in self.places.sector.items()},
            "home_names": " ".join(self.places.homes),
            "sector_names": " ".join(self.places.sectors),
            "sector_homes": " ".join(self.places.sector_homes),
            "reach": _hex(self.places.reach.ravel()),
        }

    def layers_df(self, *, every: bool = False) -> pd.DataFrame:
        """Tell which layer set each value, as ``bordersim show --layers`` does.

        Parameters
        ----------
        every
            Also values that nobody changed.

        Returns
        -------
        DataFrame
            Rows from the lowest layer of a key to the highest: key, kind, unit, layer,
            where, value, policy (id), status, dropped_at.
        """
        import pandas as pd

        from bordersim.layers import layer_rows

        rows = [
            row | {"policy": row["policy"] and row["policy"]["id"]}
            for row in layer_rows(self, every=every)
        ]
        return pd.DataFrame(rows)

    def policies_df(self) -> pd.DataFrame:
        """List the policies in the order in which they act.

        Returns
        -------
        DataFrame
            One row a policy: what it says, whether it acts (``status``), and where it is
            written.
        """
        import pandas as pd

        from bordersim.layers import policy_rows

        columns = ["id", "title", "lever", "op", "value", "unit", "parameter", "from", "until"]
        columns += ["ramp", "places", "factor", "evidence", "where", "status"]
        return pd.DataFrame(policy_rows(self), columns=columns)

    def lever_df(self, *keys: str) -> pd.DataFrame:
        """Give levers month by month and place by place.

        Parameters
        ----------
        *keys
            Keys of levers; all of them by default.

        Returns
        -------
        DataFrame
            Tidy: date (monthly period), lever, unit, place, value; the months of the span.

        Raises
        ------
        ScenarioError
            If there is no such lever; the message offers the nearest.
        """
        from bordersim.lever_frames import lever_frame

        return lever_frame(self, keys or tuple(self.catalogue))

    def plot_lever(self, *keys: str) -> Figure:
        """Draw levers over time, a line for every group of places with the same path.

        Parameters
        ----------
        *keys
            Keys of levers, one panel each.

        Returns
        -------
        Figure
            With a mark where each policy that acts begins.

        Raises
        ------
        ScenarioError
            If there is no such lever, or none is named.
        """
        from bordersim.plot_levers import plot_levers

        return plot_levers(self, keys)

    def _repr_html_(self) -> str:
        title = escape(f"{self.name}: {self.title}")
        columns = ["id", "lever", "op", "value", "unit", "from", "until", "status"]
        table = self.policies_df()[columns].to_html(index=False, na_rep="")
        return f"<p><b>{title}</b><br>{escape(repr(self))}</p>{table}"


def _hex(values: npt.NDArray[np.float64]) -> str:
    return " ".join(float(value).hex() for value in values)
