"""Runs as one table in a file that other programs read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from gzip import GzipFile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from bordersim.errors import StoreError
from bordersim.parts import OK
from bordersim.run_catalogue import Entry

FORMATS = {"csv": (".csv", ".csv.gz"), "parquet": (".parquet",), "feather": (".feather", ".arrow")}
"""Format to how the names of its files end."""

Write = Callable[[pa.Table], None]


def format_of(path: Path) -> str | None:
    """Format that the name of a file stands for; None when it stands for none."""
    for form, endings in FORMATS.items():
        if path.name.endswith(endings):
            return form
    return None


def export_runs(entries: Sequence[Entry], kind: str, path: Path, form: str) -> int:
    """Write runs to a file, whole or not at all.

    Parameters
    ----------
    entries
        Finished runs.
    kind
        ``series``, ``ledger`` or ``events``.
    path
        File to write; replaced if it exists.
    form
        A key of ``FORMATS``; a name that ends in ``.gz`` is compressed, too.

    Returns
    -------
    int
        Rows written: each with run_id, scenario and seed in front of its own columns.

    Raises
    ------
    StoreError
        If a run has no such data or its data cannot be used.
    OSError
        If the file cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as raw:
            with GzipFile("", "wb", fileobj=raw) if _zipped(path) else nullcontext(raw) as sink:
                rows = write_runs(entries, kind, sink, form)
            raw.flush()
            os.fsync(raw.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return rows


def write_runs(entries: Sequence[Entry], kind: str, sink: Any, form: str) -> int:
    """Write runs to an open binary file; see ``export_runs``."""
    first = _table(entries[0], kind, form)
    with _writer(sink, first.schema, form) as write:
        write(first)
        rows: int = first.num_rows
        for entry in entries[1:]:  # one run in memory at a time
            table = _table(entry, kind, form)
            write(table)
            rows += table.num_rows
    return rows


def _table(entry: Entry, kind: str, form: str) -> pa.Table:
    if entry.status != OK:
        raise StoreError(f"run {entry.full_name} is {entry.status}; there is nothing to export")
    table = entry.store.table(kind, entry.row)
    columns = {name: _plain(table.column(name), form) for name in table.column_names}
    own = {
        "run_id": columns.pop("run_id"),
        "scenario": pa.repeat(pa.scalar(entry.columns["scenario"]), table.num_rows),
        "seed": pa.repeat(pa.scalar(entry.columns["seed"]), table.num_rows),
    }
    return pa.table(own | columns)


def _plain(column: pa.ChunkedArray, form: str) -> pa.ChunkedArray:
    """Labels as text, since not every reader knows dictionaries; in CSV, days as days."""
    if pa.types.is_dictionary(column.type):
        return pc.cast(column, pa.string())
    if form == "csv" and pa.types.is_timestamp(column.type):
        return pc.cast(column, pa.date32())
    return column


@contextmanager
def _writer(sink: Any, schema: pa.Schema, form: str) -> Iterator[Write]:
    if form == "csv":
        with pyarrow.csv.CSVWriter(sink, schema) as csv:
            yield csv.write_table
    elif form == "parquet":
        with pq.ParquetWriter(sink, schema, compression="zstd") as parquet:
            yield parquet.write_table
    else:
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_file(sink, schema, options=options) as feather:
            yield feather.write_table


def _zipped(path: Path) -> bool:
    return path.name.endswith(".gz")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
