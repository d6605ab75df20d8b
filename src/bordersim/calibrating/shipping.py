"""What of a calibration is kept for others: draws and tables, and no raw runs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.calibrating.carrying_out import POSTERIOR_FILE
from bordersim.calibrating.manifest import MANIFEST_FILE
from bordersim.calibrating.priors import FloatArray, Prior
from bordersim.calibrating.simulating import FIGURE
from bordersim.durable import explained, make_folder, write_file
from bordersim.errors import StoreError
from bordersim.observing import Target, targets
from bordersim.part_files import encoded
from bordersim.parts import OK

if TYPE_CHECKING:
    from bordersim.calibrating.results import Calibration

WAVES, DESIGN = "waves", "design"
"""Tables that stand for the runs of the waves: what they measured, and where they lay."""

COPIED = (
    "shares", "screening", "convergence", "identifiability", "correlations", "groups", "check",
    "coverage",
)  # fmt: skip
"""Tables that are kept as they are, where there are such; an emulator's for each wave, too."""

STRUCTURES = ("alternatives", "alternatives-reports")
"""Tables that are kept where structures were compared, beside the draws of each."""

_ENDS = (0.05, 0.5, 0.95)


def ship(found: Calibration, into: str | Path) -> list[Path]:
    """Keep the posterior of a calibration, and the tables that say how far to trust it.

    What stays behind are the runs and their tables: of these a summary is kept, by wave and
    report what the runs measured, and by wave and parameter where the points lay.

    Parameters
    ----------
    found
        With a posterior.
    into
        Folder; made when it is missing. Files of the same names are replaced, and tables
        that this calibration does not have are removed.

    Returns
    -------
    list of Path
        The posterior first. ``Calibration.open`` reads the folder.

    Raises
    ------
    StoreError
        When a table of a wave is missing, or the folder cannot be written.
    """
    into = Path(into)
    tables = _waves(found)
    made = {WAVES: wave_rows(found, tables), DESIGN: design_rows(found, tables)}
    emulators = (file.stem for file in sorted(found.folder.glob("emulator-*.parquet")))
    compared = found.manifest.get("alternatives", ())
    tables_kept = [*COPIED, *emulators, *(STRUCTURES if compared else ())]
    names = [POSTERIOR_FILE, MANIFEST_FILE, *(f"{name}.parquet" for name in tables_kept)]
    names += [row["posterior"] for row in compared if "posterior" in row]
    try:
        make_folder(into)
        for old in _old(into):
            (into / old).unlink(missing_ok=True)
        written = [
            Path(shutil.copyfile(found.folder / name, into / name))
            for name in names
            if (found.folder / name).exists()
        ]
        for name, rows in made.items():
            written.append(into / f"{name}.parquet")
            write_file(written[-1], encoded(pa.Table.from_pylist(rows)))
    except OSError as error:
        raise explained(error, into) from error
    return written


def wave_rows(found: Calibration, tables: Sequence[pa.Table]) -> list[dict[str, Any]]:
    """What the runs of each wave measured of each report; of the first, what the prior says.

    One row a wave and report: ``low``, ``simulated`` and ``high`` are quantiles .05, .5
    and .95 over the ``runs`` in which there was something to measure.
    """
    lanes = dict.fromkeys(found.manifest["fitted"], "fit")
    lanes |= dict.fromkeys(found.manifest["held_out"], "hold-out")
    reports = [target for target in targets({"calibrate", "validate"}) if target.id in lanes]
    rows = []
    for wave, table in enumerate(tables, start=1):
        for target in reports:
            values = _values(table, FIGURE + target.id)
            values = values[np.isfinite(values)]
            if values.size:
                told = _quantiles(values) | {"runs": values.size}
                rows.append({"wave": wave, "lane": lanes[target.id], **_said(target), **told})
    return rows


def design_rows(found: Calibration, tables: Sequence[pa.Table]) -> list[dict[str, Any]]:
    """Where the points of each wave lay, as quantiles of each prior."""
    rows = []
    for wave, table in enumerate(tables, start=1):
        for said in found.manifest["priors"]:
            prior = prior_of(said)
            shares = prior.shares(_values(table, prior.parameter))
            told = _quantiles(shares) | {"points": len(shares)}
            rows.append({"wave": wave, "parameter": prior.parameter, **told})
    return rows


def prior_of(said: dict[str, Any]) -> Prior:
    """Prior that a manifest tells of."""
    known = {key: said[key] for key in ("parameter", "distribution", "low", "high")}
    return Prior(
        **known, mean=said.get("mean", np.nan), sd=said.get("sd", np.nan), reason=said["reason"]
    )


def _said(target: Target) -> dict[str, Any]:
    return {
        "id": target.id,
        "group": target.group,
        "quantity": target.quantity,
        "place": target.place,
        "period": target.period_text,
        "first_month": target.period.first,
        "last_month": target.period.last,
        "unit": target.unit,
        "reported_low": target.low,
        "reported_high": target.high,
    }


def _waves(found: Calibration) -> list[pa.Table]:
    names = [step["step"] for step in found.manifest["steps"]]
    waves = [name for name in names if name.startswith("wave-")]
    return [_table(found.folder / name / "table.parquet") for name in waves]


def _table(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        said = " ".join(str(error).split())
        raise StoreError(
            f"{path}: cannot be read ({said}); name the folder in which the calibration was made"
        ) from error


def _values(table: pa.Table, column: str) -> FloatArray:
    """Values of the runs that ended well."""
    ended = np.array(table.column("status").to_pylist(), dtype=object) == OK
    values: FloatArray = table.column(column).to_numpy()[ended]
    return values


def _quantiles(values: FloatArray) -> dict[str, float]:
    low, middle, high = (float(end) for end in np.quantile(values, _ENDS))
    return {"low": low, "simulated": middle, "high": high}


def _old(folder: Path) -> list[str]:
    """Files of an earlier calibration that another need not have."""
    patterns = ("emulator-*.parquet", "posterior-*.parquet")
    found = [file.name for pattern in patterns for file in folder.glob(pattern)]
    return found + [f"{name}.parquet" for name in (*COPIED, *STRUCTURES)]
