"""Summaries of a results folder for people and other programs: a table and a manifest.

Both follow from the parts alone, byte for byte, so that a view that differs is known to
be old, whatever spoiled it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from bordersim.part_files import encoded
from bordersim.parts import VIEW_COLUMNS, runs_table

if TYPE_CHECKING:
    from bordersim.stored_runs import StoredRow

MANIFEST_SCHEMA = "bordersim/manifest@1"


def outdated_views(
    folder: Path, rows: Mapping[str, StoredRow], logged: Collection[str]
) -> dict[str, bytes | memoryview]:
    """Views that are not what the parts say, by file name, as they should be.

    Parameters
    ----------
    folder
        The results folder; it need not be there.
    rows
        Row of every run by run id, in order.
    logged
        Ids of the runs whose event log is stored.
    """
    wanted = views(rows, logged)
    return {name: data for name, data in wanted.items() if _content(folder / name) != data}


def views(rows: Mapping[str, StoredRow], logged: Collection[str]) -> dict[str, bytes | memoryview]:
    """Views as they should be, by file name; of no runs there are none."""
    if not rows:
        return {}
    return {"runs.parquet": _runs_view(rows, logged), "manifest.json": _manifest(rows).encode()}


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _runs_view(rows: Mapping[str, StoredRow], logged: Collection[str]) -> memoryview:
    table = runs_table([row.columns for row in rows.values()]).select(list(VIEW_COLUMNS))
    flags = pa.array([run_id in logged for run_id in rows], pa.bool_())
    return encoded(table.append_column("has_events", flags))


def _manifest(rows: Mapping[str, StoredRow]) -> str:
    runs: list[dict[str, Any]] = []
    inputs: dict[str, Any] = {}
    environments: dict[str, Any] = {}
    for run_id, row in sorted(rows.items()):
        columns = row.columns
        entry = {name: columns[name] for name in VIEW_COLUMNS if name != "finished"}
        entry |= {"run_id": run_id, "part": row.part, "finished": columns["finished"].isoformat()}
        entry["digests"] = json.loads(columns["digests"])
        for kind, table in (("inputs", inputs), ("environment", environments)):
            key = hashlib.sha256(columns[kind].encode()).hexdigest()[:16]
            table[key] = json.loads(columns[kind])
            entry[kind] = key
        runs.append(entry)
    document = {
        "schema": MANIFEST_SCHEMA,
        "seeds": sorted({entry["seed"] for entry in runs}),
        "runs": runs,
        "inputs": inputs,
        "environments": environments,
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"
