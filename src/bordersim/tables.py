"""Small CSV files of data: comment lines, a header, rows that know their line."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bordersim.errors import Problem, shortened, suggestion
from bordersim.text_files import label_of, read_text
from bordersim.yaml_scalars import plain_scalar


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
        value = plain_scalar(text.strip())
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = float(value)
            if math.isfinite(number):
                return number
        message = f'got "{shortened(text)}", expected a number'
        problems.append(Problem(self.where, column, message))
        return 0.0

    def within(
        self,
        column: str,
        bounds: tuple[float, float],
        problems: list[Problem],
        *,
        whole: bool = False,
    ) -> float:
        """Read a number that lies between bounds.

        Parameters
        ----------
        column
            A column of the table.
        bounds
            Inclusive; the upper one may be infinite.
        problems
            Receives a problem if the cell holds no such number.
        whole
            Whether it must be a whole number.

        Returns
        -------
        float
            0 if there is no number at all.
        """
        before = len(problems)
        value = self.number(column, problems)
        if len(problems) > before:
            return value
        low, high = bounds
        if not low <= value <= high:
            allowed = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:,.12g}"
            if value < low == 0.0:
                allowed += "; it cannot be negative"
            message = f"got {value:,.12g}; allowed: {allowed}"
            problems.append(Problem(self.where, column, message))
        elif whole and value != int(value):
            message = f"got {value:,}, expected a whole number"
            problems.append(Problem(self.where, column, message))
        return value


def read_table(
    path: Path, required: tuple[str, ...], problems: list[Problem], *, closed: bool = False
) -> list[Row]:
    """Read a CSV file whose comment lines start with ``#``.

    Parameters
    ----------
    path
        UTF-8 CSV file with a header; every row stands on a line of its own.
    required
        Columns that must be there.
    problems
        Receives what is wrong with the file.
    closed
        Whether other columns are mistakes.

    Returns
    -------
    list of Row
        Empty if the file or a required column is missing; rows of another length than
        the header are reported and left out.
    """
    label = label_of(path)
    text = read_text(path, problems, "a CSV file")
    if text is None:
        return []
    lines = ((n, line.rstrip("\r")) for n, line in enumerate(text.split("\n"), 1))
    numbered = [(n, line) for n, line in lines if line.strip() and line[0] != "#"]
    if not numbered:
        problems.append(Problem(label, "", "the table is empty"))
        return []
    parsed = [(n, _cells(f"{label}:{n}", line, problems)) for n, line in numbered]
    where, header = f"{label}:{parsed[0][0]}", parsed[0][1]
    before = len(problems)
    problems.extend(_header_problems(where, header, required, closed))
    if len(problems) > before:
        return []
    rows = [
        Row(f"{label}:{n}", dict(zip(header, cells, strict=True)))
        for n, cells in parsed[1:]
        if _fits(f"{label}:{n}", cells, header, problems)
    ]
    if not parsed[1:]:
        problems.append(Problem(label, "", "the table has no rows"))
    return rows


def _cells(where: str, line: str, problems: list[Problem]) -> list[str]:
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        problems.append(Problem(where, "", f"not a row of a CSV file: {error}"))
        return []


def _header_problems(
    where: str, header: list[str], required: tuple[str, ...], closed: bool
) -> list[Problem]:
    found: list[str] = []
    missing = [column for column in required if column not in header]
    if missing:
        found.append(f"missing columns: {', '.join(missing)}")
    found.extend(f'column "{shortened(name)}" is there twice' for name in _repeated(header))
    if closed:
        unknown = [column for column in header if column not in required]
        found.extend(
            f'unknown column "{shortened(name)}"{suggestion(name, required)}' for name in unknown
        )
    return [Problem(where, "", message) for message in found]


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _fits(where: str, cells: list[str], header: list[str], problems: list[Problem]) -> bool:
    # A row without cells could not be parsed, and is reported already.
    if cells and len(cells) != len(header):
        message = f"{len(cells)} cells under {len(header)} columns"
        problems.append(Problem(where, "", message))
    return len(cells) == len(header)
