"""Run the notebooks of this folder and store what they show.

``python docs/notebooks/execute.py [FILE ...]`` after changing one, or anything that
moves a number. Outputs are stored so that they can be read without running anything;
``tests/test_notebooks.py`` runs them again and compares.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent

SECONDS = 600
"""Longest that one cell may take."""


def executed(notebook: nbformat.NotebookNode, folder: str | Path) -> nbformat.NotebookNode:
    """Run every cell in order in a folder, with a kernel of this Python."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    client.execute()
    return notebook


def tidied(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave out what changes from run to run and says nothing; make pictures small."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index:02d}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = _smaller(output.data["image/png"])
                output.data.pop("text/plain", None)
    return notebook


def _smaller(png: str) -> str:
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    small = io.BytesIO()
    picture.quantize(colors=256, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return base64.b64encode(small.getvalue()).decode() + "\n"


def main(names: list[str]) -> None:
    """Run the notebooks named, or all, and write them where they are."""
    files = [Path(name) for name in names] or sorted(HERE.glob("*.ipynb"))
    for file in files:
        notebook = nbformat.read(file, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            executed(notebook, folder)
        nbformat.write(tidied(notebook), file)


if __name__ == "__main__":
    main(sys.argv[1:])
