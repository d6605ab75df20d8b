"""One Parquet part: turned into bytes, and read back without being trusted.

A part may have been cut short, replaced or made by somebody else. Whoever reads one
gets its rows or a ``DamagedPartError`` that names the file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from sys import intern
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.errors import StoreError
from bordersim.parts import LATER_COLUMNS, RUNS_SCHEMA, SCHEMAS

RUN_IDS = b"bordersim_run_ids"
"""Key in the metadata of a part of data: the runs whose rows it holds, as JSON."""


_SHARED = frozenset({"scenario", "engine", "environment", "inputs", "policies"})
_PLACES = frozenset({"homes", "sectors"})
"""Columns whose texts many runs have in common, and those that list such texts."""


class DamagedPartError(StoreError):
    """A part that cannot be used; ``path`` is its file."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self.what = what
        super().__init__(
            f"{path}: {what}. What it held does not count until it is simulated again: "
            "`bordersim run` with the same scenario and seed replaces the file. A file that is "
            "not bordersim's is to be moved away. Other runs are not touched by this."
        )

    def __reduce__(self) -> tuple[type[DamagedPartError], tuple[Path, str]]:
        return type(self), (self.path, self.what)


class StoreWarning(UserWarning):
    """Something in a results folder is not as it should be; the rest of it can be used."""


def part_name(run_ids: Sequence[str]) -> str:
    """File name of the part that holds these runs."""
    digest = hashlib.sha256("\n".join(sorted(run_ids)).encode()).hexdigest()
    return f"part-{digest[:16]}.parquet"


def encoded(table: pa.Table) -> memoryview:
    """Bytes of a Parquet file; every page carries a checksum."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return memoryview(sink.getvalue()).cast("B")  # bytes, to compare with what is on the disk


def encoded_runs(tables: Mapping[str, pa.Table]) -> memoryview:
    """Bytes of a part of data: a row group a run, so that one can be read alone.

    Parameters
    ----------
    tables
        Rows of each run by run id, all of the same columns. A run without rows is named
        in the file's metadata like any other.
    """
    return encoded_groups(list(tables), tables.values())


def encoded_groups(run_ids: Sequence[str], tables: Iterable[pa.Table]) -> memoryview:
    """As ``encoded_runs``, of tables that come one after the other.

    Parameters
    ----------
    run_ids
        Of the runs, in any order.
    tables
        Rows of each; one at least.
    """
    rest = iter(tables)
    first = next(rest)
    schema, ids = first.schema, json.dumps(sorted(run_ids)).encode()
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        schema.with_metadata({RUN_IDS: ids}),
        compression="zstd",
        write_statistics=["run_id"],  # what readers skip row groups by; all would cost a third
        write_page_checksum=True,
    ) as writer:
        for table in chain([first], rest):
            if table.num_rows:
                writer.write_table(table.replace_schema_metadata({RUN_IDS: ids}))
    return memoryview(sink.getvalue()).cast("B")


def check_footer(path: Path, kind: str) -> pq.FileMetaData:
    """Metadata of a part that is whole and has the columns of its kind.

    Reads a few kilobytes; ``read_part`` finds damage inside the pages as well.

    Raises
    ------
    DamagedPartError
        When it is missing, cut short or foreign.
    """
    try:
        with pq.ParquetFile(path) as file:
            _check_columns(path, kind, file.schema_arrow)
            return file.metadata
    except (pa.ArrowException, OSError) as error:
        raise DamagedPartError(path, _reason(error)) from error


def read_part(
    path: Path, kind: str, only: Collection[str] | None = None, *, data: bytes | None = None
) -> pa.Table:
    """Every row of a part, in the columns of its kind or those of them wanted ``only``.

    Parameters
    ----------
    path
        The file, or a name for messages where its content is given.
    kind
        Which columns it has to have.
    only
        Those wanted; all when None.
    data
        Content of a part that is no file of this machine.

    Raises
    ------
    DamagedPartError
        When it is missing, cut short, foreign, or changed since it was written.
    """
    try:
        source = path if data is None else pa.BufferReader(data)
        with pq.ParquetFile(source, page_checksum_verification=True) as file:
            columns = _check_columns(path, kind, file.schema_arrow)
            wanted = [name for name in columns if only is None or name in only]
            return file.read(wanted, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise DamagedPartError(path, _reason(error)) from error


def plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows of a ``runs`` part as dicts; texts that runs share are one object.

    Ten thousand runs repeat kilobytes of inputs and policies, which would fill the memory.
    """
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        for name in _SHARED & row.keys():
            row[name] = intern(row[name] or "")
        for name in _PLACES & row.keys():
            row[name] = [*map(intern, row[name] or ())]
    return [LATER_COLUMNS | row for row in rows]


def rows_of_run(path: Path, kind: str, run_id: str) -> pa.Table:
    """Rows of one run in a part that may hold several.

    Raises
    ------
    DamagedPartError
        As ``read_part``, and when the part holds other runs only.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            columns = _check_columns(path, kind, file.schema_arrow)
            groups = _groups_with(file.metadata, run_id)
            table = file.read_row_groups(groups, columns, use_threads=False)
            named = json.loads((file.metadata.metadata or {}).get(RUN_IDS, b"[]"))
            empty = file.metadata.num_rows == 0
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedPartError(path, _reason(error)) from error
    ids: set[str] = set()
    for chunk in table.column("run_id").chunks:
        ids.update(chunk.dictionary.to_pylist())
    if ids == {run_id}:
        return table
    if run_id not in ids and run_id not in named and not (empty and not named):
        raise DamagedPartError(path, "it holds other runs than its name says")
    import pyarrow.compute as pc

    return table.filter(pc.equal(table.column("run_id"), run_id))


def _groups_with(metadata: pq.FileMetaData, run_id: str) -> list[int]:
    """Row groups that may hold rows of a run, by the least and greatest id in each."""
    found = []
    for group in range(metadata.num_row_groups):
        told = metadata.row_group(group).column(0).statistics
        if told is None or not told.has_min_max or told.min <= run_id <= told.max:
            found.append(group)
    return found


def _check_columns(path: Path, kind: str, found: pa.Schema) -> list[str]:
    """Names of the columns to read; later versions may have added others."""
    wanted = SCHEMAS[kind]
    older = LATER_COLUMNS if wanted is RUNS_SCHEMA else ()
    present = [field for field in wanted if field.name in found.names or field.name not in older]
    wrong = [field for field in present if not _has(found, field)]
    if wrong:
        raise DamagedPartError(path, f"it is no {kind} part: {_listed(wrong, found)}")
    return [field.name for field in present]


def _has(schema: pa.Schema, wanted: pa.Field) -> bool:
    index = schema.get_field_index(wanted.name)
    if index < 0:
        return False
    found = schema.field(index).type
    # Parquet has no whole seconds: a date comes back in finer units.
    return bool(
        found == wanted.type or pa.types.is_timestamp(found) & pa.types.is_timestamp(wanted.type)
    )


def _listed(wrong: Iterable[pa.Field], found: pa.Schema) -> str:
    names = ", ".join(f'"{field.name}" ({field.type})' for field in wrong)
    have = ", ".join(found.names[:8]) or "none"
    return f"it lacks {names}; its columns are {have}"


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file is missing"
    if isinstance(error, OSError) and error.errno is not None:  # the system's word, not Arrow's
        return f"it cannot be read ({os.strerror(error.errno)})"
    return f"it is not a whole Parquet file ({' '.join(str(error).split()).rstrip('.')})"
