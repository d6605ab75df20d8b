"""A calibration that is done: draws, tables and figures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.calibrating.carrying_out import POSTERIOR_FILE
from bordersim.calibrating.manifest import MANIFEST_FILE
from bordersim.errors import BordersimError, StoreError
from bordersim.sweeping.draws import NUISANCE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Calibration:
    """Results of a calibration.

    Attributes
    ----------
    folder
        Where they are.
    manifest
        How they were made.
    """

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, folder: str | Path) -> Calibration:
        """Open the folder of a calibration that has a posterior.

        Raises
        ------
        StoreError
            When it has none that can be read.
        """
        folder = Path(folder)
        try:
            manifest = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{folder}: no posterior with a manifest ({error}); run bordersim calibrate FILE"
            ) from error
        return cls(folder, manifest)

    def __repr__(self) -> str:
        n_draws, names = len(self.posterior), ", ".join(self.parameters)
        return f"Calibration({self.manifest['name']!r}, {n_draws:,} draws of {names})"

    @property
    def parameters(self) -> list[str]:
        """Keys of the parameters that are fitted."""
        return [prior["parameter"] for prior in self.manifest["priors"]]

    @property
    def posterior(self) -> pd.DataFrame:
        """One row a draw: draw, log_likelihood, log_posterior, parameters, nuisances."""
        return self.table(POSTERIOR_FILE.removesuffix(".parquet"))

    @property
    def draws(self) -> pd.DataFrame:
        """The parameters of every draw alone."""
        return self.posterior[self.parameters]

    @property
    def nuisances(self) -> pd.DataFrame:
        """What reports depend on and the model does not, of every draw."""
        table = self.posterior
        return table[[name for name in table.columns if name.startswith(NUISANCE)]]

    def table(self, name: str) -> pd.DataFrame:
        """One table by name, such as ``screening``, ``convergence``, ``groups``.

        Raises
        ------
        StoreError
            When there is none of that name.
        """
        path = self.folder / f"{name}.parquet"
        try:
            frame: pd.DataFrame = pq.read_table(path).to_pandas()
        except (OSError, pa.ArrowException) as error:
            known = ", ".join(sorted(file.stem for file in self.folder.glob("*.parquet")))
            message = f'{self.folder}: no table "{name}" can be read; there are {known}'
            raise StoreError(message) from error
        return frame

    def table_or_none(self, name: str) -> list[dict[str, Any]]:
        """Rows of a table; none where there is no such table."""
        return self._rows(name) if (self.folder / f"{name}.parquet").exists() else []

    def plot(self, what: str = "posterior") -> Figure:
        """Draw ``posterior``, ``correlations``, ``groups`` or ``ranks``.

        Raises
        ------
        BordersimError
            For another name.
        StoreError
            When the calibration has no table of what is to be drawn.
        """
        from bordersim import plot_calibration as drawing

        figures = {
            "posterior": drawing.posterior_figure,
            "correlations": drawing.correlation_figure,
            "groups": drawing.group_figure,
            "ranks": drawing.ranks_figure,
        }
        if what not in figures:
            raise BordersimError(f'got "{what}"; there are {", ".join(figures)}')
        return figures[what](self)

    def figures(self) -> list[str]:
        """Names of the figures that can be drawn."""
        names = ["posterior", "correlations", "groups", "ranks"]
        return names if (self.folder / "coverage.parquet").exists() else names[:3]

    def document(self) -> dict[str, Any]:
        """Give what was found, as plain data."""
        manifest = self.manifest
        return {
            "calibration": manifest["name"],
            "title": manifest["title"],
            "folder": str(self.folder),
            "posterior": str(self.folder / POSTERIOR_FILE),
            "steps": manifest["steps"],
            "seconds": manifest["seconds"],
            "fixed": manifest["fixed"],
            "runs_kept_from": manifest["runs_kept_from"],
            "parameters": self._rows("identifiability"),
            "groups": self._rows("groups"),
            "check": self.table_or_none("check"),
            "coverage": self.table_or_none("coverage"),
            "alternatives": self.table_or_none("alternatives"),
        }

    def _rows(self, name: str) -> list[dict[str, Any]]:
        """Rows of a table as plain data, lists included."""
        found: list[dict[str, Any]] = pa.Table.from_pandas(self.table(name)).to_pylist()
        return found
