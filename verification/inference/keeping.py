"""What was judged already: each method's score and coverage in a file, so that a kill loses one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bordersim.inference.scores import Coverage
from verification.inference.methods import Scored, Size


class Keeper:
    """Files of one size of trial.

    Parameters
    ----------
    folder
        Where they lie; those of other sizes lie beside them.
    size
        How much is done: what was measured with more or less is another measurement.
    """

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder = folder / "-".join(f"{key}{value}" for key, value in asdict(size).items())

    def scored(self, name: str, make: Callable[[], Scored]) -> Scored:
        """Give a method's score, measured now if it was not before."""

        def plain() -> dict[str, Any]:
            return asdict(make())

        said = self._kept(f"c2st {name}", plain)
        return Scored(said["runs"], tuple(said["c2st"]), said["seconds"])

    def covered(self, name: str, make: Callable[[], Coverage]) -> Coverage:
        """Give a method's coverage, counted now if it was not before."""

        def plain() -> dict[str, Any]:
            made = make()
            found = {"inside": made.inside.tolist(), "ranks": made.ranks.tolist()}
            return found | {"names": list(made.names)}

        said = self._kept(f"coverage {name}", plain)
        inside, ranks = np.array(said["inside"], np.bool_), np.array(said["ranks"], np.int64)
        return Coverage(tuple(said["names"]), inside, ranks)

    def _kept(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        path = self.folder / f"{name}.json"
        if not path.exists():
            text = json.dumps(make())
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".part")
            draft.write_text(text, "utf-8")
            draft.replace(path)
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return found
