"""Write the golden files anew: ``python tests/golden/regenerate.py``, then read the diff."""

from __future__ import annotations

import os
from pathlib import Path

from bordersim.errors import ScenarioError
from bordersim.scenario import load

HERE = Path(__file__).resolve().parent


def mistakes(path: Path) -> str:
    """Give what ``load`` says about a file that has mistakes, as seen from its folder."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        load(path.name)
    except ScenarioError as error:
        return f"{error}\n"
    finally:
        os.chdir(before)
    raise AssertionError(f"{path.name} was expected to have mistakes")


if __name__ == "__main__":
    for source in sorted(HERE.glob("*.yaml")):
        source.with_suffix(".txt").write_text(mistakes(source), encoding="utf-8")
