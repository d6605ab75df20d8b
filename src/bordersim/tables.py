"""Small CSV files of data: comment lines, a header, rows that know their line."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from bordersim.errors import Problem
from bordersim.text_files import label_of


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes
    ----------
    where
        File and line.
    cells
        Column to text.
    """

    where: str
    cells: dict[str, str]

    def number(self, column: str, problems: list[Problem]) -> float:
        """Read a finite number.

        Parameters
        ----------
        column
            A column of the table.
        problems
            Receives a problem if the cell holds no finite number.

        Returns
        -------
        float
            0 if there is a problem.
        """
        text = self.cells[column]
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            problems.append(Problem(self.where, column, f'got "{text}", expected a number'))
            return 0.0
        return number


def read_table(path: Path, required: tuple[str, ...], problems: list[Problem]) -> list[Row]:
    """Read a CSV file whose comment lines start with ``#``.

    Parameters
    ----------
    path
        UTF-8 CSV file with a header.
    required
        Columns that must be there.
    problems
        Receives what is wrong with the file.

    Returns
    -------
    list of Row
        Empty if the file or a required column is missing; rows of another length than
        the header are reported and left out.
    """
    label = label_of(path)
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(label, "", f"cannot be read: {error}"))
        return []
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line and line[0] != "#"]
    parsed = [(n, next(csv.reader([line]))) for n, line in numbered]
    if not parsed:
        problems.append(Problem(label, "", "the table is empty"))
        return []
    header = parsed[0][1]
    missing = [column for column in required if column not in header]
    if missing:
        message = f"missing columns: {', '.join(missing)}"
        problems.append(Problem(f"{label}:{parsed[0][0]}", "", message))
        return []
    rows: list[Row] = []
    for number, cells in parsed[1:]:
        where = f"{label}:{number}"
        if len(cells) != len(header):
            message = f"{len(cells)} cells under {len(header)} columns"
            problems.append(Problem(where, "", message))
            continue
        rows.append(Row(where, dict(zip(header, cells, strict=True))))
    return rows
