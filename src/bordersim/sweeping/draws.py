"""Draws of parameters from a posterior that a Parquet file holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bordersim.data_files import shipped_posterior
from bordersim.errors import suggestion
from bordersim.frozen import FrozenMap
from bordersim.parameters import Parameters
from bordersim.provenance import PACKAGE
from bordersim.scenario import Scenario

_LABELS = frozenset({"draw", "chain", "weight", "log_likelihood", "log_posterior"})
"""Columns that a posterior may have beside parameters; they are left alone."""

NUISANCE = "nuisance."
"""Beginning of the names of further such columns: what reports depend on, and the model not."""

STRUCTURE = b"bordersim_structure"
"""Key in the metadata of a file of draws: name, title and switches of their structure."""

SHIPPED = "shipped"
"""Name of the posterior that ships with the package, where a file could be named."""


def posterior_at(named: str, folder: Path) -> Path:
    """File of a posterior as a sweep names it: ``shipped``, or a file beside the sweep."""
    return shipped_posterior() if named == SHIPPED else folder / named


@dataclass(frozen=True)
class Draws:
    """Rows of a posterior.

    Attributes
    ----------
    keys
        Parameters: the columns of the file, then the switches of the structure they are of.
    rows
        A value of each, row by row; of a switch the same in all.
    pinned
        What a scenario sets itself is left as it is.
    digest
        Of all rows of the file, also those that are not used (yet).
    n_stored, path
        Rows of the file; the file, for those not used yet.
    nuisances
        Columns of the file beside parameters that begin with ``NUISANCE``, as many values
        as ``rows``: the plan keeps them for whoever predicts reports.
    """

    keys: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    pinned: bool
    digest: str
    n_stored: int
    path: Path
    nuisances: FrozenMap[tuple[float, ...]] = field(
        default_factory=lambda: FrozenMap({}), hash=False
    )

    def plain(self) -> dict[str, Any]:
        """Give everything that decides the draws, but how many."""
        return {"posterior": self.digest, "pinned": self.pinned}


def read_draws(
    path: Path, count: int, parameters: Parameters, *, pinned: bool
) -> tuple[Draws | None, list[str]]:
    """Read the first rows of a posterior.

    Parameters
    ----------
    path
        Parquet file with a column for each parameter it draws. Where its metadata name a
        structure, that structure's switches are drawn, too: parameters fitted under one
        structure say nothing under another.
    count
        Rows wanted.
    parameters
        What columns may be named after, and their bounds.
    pinned
        See ``Draws``.

    Returns
    -------
    draws
        None when something is wrong.
    mistakes
        What is wrong.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        return None, [_no_file(path)]
    except (OSError, pa.ArrowException) as error:
        return None, [f"not a Parquet file that can be read ({' '.join(str(error).split())})"]
    keys = [name for name in table.column_names if not _is_label(name)]
    nuisances = [name for name in table.column_names if name.startswith(NUISANCE)]
    mistakes = list(_wrong_columns(table, keys, parameters))
    switches, wrong = _switches(table, parameters)
    mistakes += wrong
    mistakes += [
        f'column "{name}" has rows without a value'
        for name in nuisances
        if table.column(name).null_count
    ]
    if table.num_rows < count:
        mistakes.append(f"it holds {table.num_rows:,} draws, {count:,} are wanted")
    if not keys:
        mistakes.append("it has no column of a parameter")
    if mistakes:
        return None, mistakes
    columns = [table.column(key).to_pylist() for key in keys]
    for key, column in zip(keys, columns, strict=True):
        wrong = [m for value in column if (m := parameters.mistake(key, value)) is not None]
        mistakes += [f"{key}: {message}" for message in wrong[:1]]
    if mistakes:
        return None, mistakes
    keys += switches
    held = tuple(switches.values())
    rows = [(*map(float, row), *held) for row in zip(*columns, strict=True)]
    text = repr((keys, [[value.hex() for value in row] for row in rows]))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    beside = {name: tuple(map(float, table.column(name).to_pylist()[:count])) for name in nuisances}
    return Draws(
        keys=tuple(keys),
        rows=tuple(rows[:count]),
        pinned=pinned,
        digest=digest,
        n_stored=table.num_rows,
        path=path,
        nuisances=FrozenMap(beside),
    ), []


def _is_label(column: str) -> bool:
    return column in _LABELS or column.startswith(NUISANCE)


def _no_file(path: Path) -> str:
    if path == shipped_posterior():
        return (
            "no posterior ships with this version; make one with bordersim calibrate, and name "
            "its posterior.parquet"
        )
    return f'no such file "{path.name}"; it is looked for beside the sweep file'


def _switches(table: Any, parameters: Parameters) -> tuple[dict[str, float], list[str]]:
    """Give the switches of the structure that a file of draws names, and their mistakes."""
    said = (table.schema.metadata or {}).get(STRUCTURE)
    if said is None:
        return {}, []
    try:
        switches = {str(key): float(value) for key, value in json.loads(said)["set"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}, ["its metadata name a structure whose switches cannot be read"]
    wrong = []
    for key, value in switches.items():
        if key in table.column_names:
            wrong.append(f"{key}: a switch of its structure, and a column")
        elif (mistake := parameters.mistake(key, value)) is not None:
            wrong.append(f"{key}, a switch of its structure: {mistake}")
    return switches, wrong


def _wrong_columns(table: Any, keys: Iterable[str], parameters: Parameters) -> Iterable[str]:
    for key in keys:
        if key not in parameters:
            yield f'column "{key}" is no parameter{suggestion(key, list(parameters))}'
        elif isinstance(parameters[key].value, tuple):
            yield f'column "{key}": that parameter holds a list; only single numbers are drawn'
        elif table.column(key).null_count:
            yield f'column "{key}" has rows without a value'


def set_by_scenario(scenario: Scenario, key: str) -> str | None:
    """Where a scenario, or a file it extends, sets a parameter; None when none does."""
    layers = [entry for entry in scenario.history[key] if entry.layer != PACKAGE]
    return layers[-1].where if layers else None
