"""Tables of the documents and docstrings of the engine, for tests that compare them."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import bordersim

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = Path(bordersim.__file__).parent

Row = dict[str, str]


def cells(line: str) -> list[str]:
    """Cells of a line of a table; an escaped bar is text."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rows_of(page: str, column: str) -> list[Row]:
    """Rows of every table of a page that has this column."""
    found: list[Row] = []
    header: list[str] = []
    for line in (DOCS / page).read_text("utf-8").splitlines():
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells(line)
        elif column in header and not set(line) <= set("|-"):
            found.append(dict(zip(header, cells(line), strict=True)))
    return found


@lru_cache(maxsize=1)
def docstrings() -> dict[str, str]:
    """Functions of the engine as ``module.function``, and modules, to their docstrings."""
    found: dict[str, str] = {}
    paths = [*(SOURCE / "agents").glob("*.py"), SOURCE / "month.py", SOURCE / "population.py"]
    for path in paths:
        tree = ast.parse(path.read_text("utf-8"))
        found[path.stem] = ast.get_docstring(tree) or ""
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found[f"{path.stem}.{node.name}"] = ast.get_docstring(node) or ""
    return found
