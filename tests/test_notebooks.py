"""The notebooks run without a warning, and show what they are stored with."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

VARIES = "varies"
"""Tag of cells whose output tells of the machine, such as how long something takes."""

RUN_ID = re.compile(r"\b[0-9a-f]{16}\b")
"""A run's id changes with every line of the engine, whether or not numbers do."""

MACHINE = re.compile(r"(?:/home|/root|/tmp|/Users|/work|/var|site-packages|[A-Z]:\\)")
"""What a path of somebody's machine looks like."""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("execute", FOLDER / "execute.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def one_processor() -> Iterator[None]:
    """A sweep starts a process for each processor, which takes longer than these runs."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    os.sched_setaffinity(0, {sorted(before)[worker % len(before)]})
    yield
    os.sched_setaffinity(0, before)


def read(path: Path) -> Any:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: Any) -> list[str]:
    """Text of what a cell shows, pictures by their kind."""
    texts: list[str] = []
    for output in cell.outputs:
        data = output.get("data", {})
        pictures = [kind for kind in data if kind.startswith("image/")]
        text = output.get("text") or ", ".join(pictures) or data.get("text/plain", "")
        texts += [output.output_type, RUN_ID.sub("RUN", text)]
    return texts


def complaints(notebook: Any) -> list[str]:
    return [
        output.get("text", "") or f"{output.get('ename')}: {output.get('evalue')}"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def test_there_are_the_notebooks_that_the_list_names() -> None:
    named = re.findall(r"\]\((\S+\.ipynb)\)", (FOLDER / "README.md").read_text("utf-8"))
    assert sorted(named) == [path.name for path in NOTEBOOKS]
    assert named


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_as_run_from_top_to_bottom(path: Path) -> None:
    notebook = read(path)
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert complaints(notebook) == []
    assert any("image/png" in o.get("data", {}) for cell in cells for o in cell.outputs) or (
        "cluster" in path.stem
    )
    text = path.read_text("utf-8")
    assert MACHINE.findall(re.sub(r'"image/png": ".*?"', "", text)) == []
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "What may be concluded" in words
    assert "deaths" in words.lower()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("one_processor")
def test_a_notebook_shows_what_it_is_stored_with(
    path: Path, tmp_path: Path, script: ModuleType
) -> None:
    stored = read(path)
    fresh = script.executed(read(path), tmp_path)
    assert complaints(fresh) == []
    for before, now in zip(code_cells(stored), code_cells(fresh), strict=True):
        if VARIES not in before.metadata.get("tags", ()):
            assert shown(now) == shown(before), before.source


def test_links_of_notebooks_lead_somewhere() -> None:
    for path in NOTEBOOKS:
        for cell in read(path).cells:
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", cell.source):
                if cell.cell_type == "markdown" and "://" not in target:
                    assert (FOLDER / target).exists(), (path.name, target)
