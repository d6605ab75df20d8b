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
from bordersim.parts import RUNS_SCHEMA, VIEW_COLUMNS

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
    schema = pa.schema([RUNS_SCHEMA.field(name) for name in VIEW_COLUMNS])
    table = pa.Table.from_pylist([row.columns for row in rows.values()], schema=schema)
    flags = pa.array([run_id in logged for run_id in rows], pa.bool_())
    return encoded(table.append_column("has_events", flags))


def _manifest(rows: Mapping[str, StoredRow]) -> str:
    """The manifest, a line a run: ten thousand are a second's work, and can be read."""
    runs: list[str] = []
    inputs, environments = _Texts(), _Texts()
    for run_id, row in sorted(rows.items()):
        columns = row.columns
        entry = {name: columns[name] for name in VIEW_COLUMNS if name != "finished"}
        entry |= {"run_id": run_id, "part": row.part, "finished": columns["finished"].isoformat()}
        entry["digests"] = json.loads(columns["digests"])
        entry["inputs"] = inputs.key(columns["inputs"])
        entry["environment"] = environments.key(columns["environment"])
        runs.append(_line(entry))
    seeds = sorted({row.columns["seed"] for row in rows.values()})
    return (
        f'{{"schema": "{MANIFEST_SCHEMA}",\n"seeds": {seeds},\n'
        f'"environments": {environments.listed()},\n'
        f'"runs": [\n{_JOINT.join(runs)}\n],\n'
        f'"inputs": {inputs.listed()}}}\n'
    )


_JOINT = ",\n"


class _Texts:
    """JSON that many runs share, each once, by the start of its hash."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}

    def key(self, text: str) -> str:
        if text not in self._keys:
            self._keys[text] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return self._keys[text]

    def listed(self) -> str:
        lines = (f'"{key}": {_line(json.loads(text))}' for text, key in self._keys.items())
        return f"{{\n{_JOINT.join(sorted(lines))}\n}}"


def _line(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True)
