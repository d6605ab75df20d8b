"""An attribution told again from its folder, which keeps the question beside the runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.attributing.answers import Attribution
from bordersim.attributing.carrying import How, planned
from bordersim.attributing.measuring import games_of
from bordersim.attributing.reading import read_attribution
from bordersim.attributing.schema import ATTRIBUTION_SCHEMA
from bordersim.attributing.spec import ALTERNATIVE, MAIN, PRIOR, DrawSet, Question, period_text
from bordersim.durable import explained, make_folder, write_file
from bordersim.errors import StoreError
from bordersim.frozen import FrozenMap
from bordersim.parts import OK
from bordersim.remote_place import Place
from bordersim.study import Study
from bordersim.sweeping.draws import Draws
from bordersim.yaml_source import write_yaml

QUESTION_FILE = "attribution.yaml"
_SCENARIO_FILE = "scenario.yaml"


def keep_question(question: Question, folder: Place) -> None:
    """Keep what is asked beside its runs, in files that name nothing outside the folder.

    A study at a URL keeps none.

    Raises
    ------
    StoreError
        When they cannot be written.
    """
    if not isinstance(folder, Path):
        return
    try:
        make_folder(folder)
        for one in question.sets:
            if one.draws is not None:
                _keep_draws(folder / _draws_file(one), one, one.draws)
        question.scenario.to_yaml(folder / _SCENARIO_FILE)
        write_yaml(_content(question), folder / QUESTION_FILE)
    except OSError as error:
        raise explained(error, folder) from error


def stored_attribution(file: Path, folder: Path) -> Attribution:
    """Answer the question of a file from what a folder holds, with as many draws as are there.

    Raises
    ------
    BordersimError
        When the file has mistakes, or its runs are not there.
    """
    question = _as_stored(file, folder)
    how = How(folder, 1)
    games = {one.part.name: games_of(question, one) for one in planned(question, how)}
    return Attribution(question, games, str(folder))


def _as_stored(file: Path, folder: Path) -> Question:
    question = read_attribution(file)
    sizes = {one.name: _size(folder / one.name) for one in question.sets}
    main = question.sets[0]
    n_draws, n_seeds = sizes[main.name]
    if n_draws > main.n_draws:
        question = read_attribution(file, draws=n_draws)
    kept = [one for one in question.sets if one.role == MAIN or sizes[one.name][0]]
    sets = tuple(_first(one, sizes[one.name][0]) for one in kept)
    return replace(question, sets=sets, n_seeds=n_seeds or question.n_seeds)


def _size(folder: Path) -> tuple[int, int]:
    """Draws and seeds that a set has finished runs of."""
    try:
        cells = Study.open(folder).cells
    except StoreError:
        return 0, 0
    done = cells[cells["status"] == OK]
    return int(done["draw"].nunique()), int(done["seed"].nunique())


def _first(part: DrawSet, count: int) -> DrawSet:
    """A set of no more draws than are stored."""
    if part.draws is None or not 0 < count < part.n_draws:
        return part
    fewer = {name: values[:count] for name, values in part.draws.nuisances.items()}
    rows = part.draws.rows[:count]
    return replace(part, draws=replace(part.draws, rows=rows, nuisances=FrozenMap(fewer)))


def _draws_file(part: DrawSet) -> str:
    return f"draws-{part.name}.parquet"


def _keep_draws(path: Path, part: DrawSet, draws: Draws) -> None:
    if part.role != PRIOR:
        data = draws.path.read_bytes()  # all of it: its digest names the draws
    else:
        table = pa.table(dict(zip(draws.keys, zip(*draws.rows, strict=True), strict=True)))
        if path.exists() and pq.read_metadata(path).num_rows >= table.num_rows:
            return  # the first of more are those of fewer
        written = io.BytesIO()
        pq.write_table(table, written)
        data = written.getvalue()
    write_file(path, data)


def _content(question: Question) -> dict[str, Any]:
    """What a file would say that asks the same, its parts beside it."""
    said: dict[str, Any] = {
        "schema": ATTRIBUTION_SCHEMA,
        "name": question.name,
        "title": question.title,
        "scenario": _SCENARIO_FILE,
        "change": {"from": period_text(question.first), "to": period_text(question.last)},
        "factors": {one.name: list(one.levers) for one in question.factors},
        "passing": list(question.passing),
        "seeds": {"first": question.first_seed, "count": question.n_seeds},
        "scale": question.scenario.scale,
        "observables": list(question.observables),
        "identified_below": question.identified_below,
    }
    return said | dict(_sets(question))


def _sets(question: Question) -> Iterator[tuple[str, Any]]:
    drawn = [one for one in question.sets if one.draws is not None]
    for one in drawn:
        if one.role != ALTERNATIVE:
            named = {"posterior": _draws_file(one), "count": one.n_draws}
            yield ("draws" if one.role == MAIN else "prior"), named
    others = [one for one in drawn if one.role == ALTERNATIVE]
    if others:
        yield (
            "alternatives",
            [
                {
                    "name": one.name,
                    "title": one.title,
                    "posterior": _draws_file(one),
                    "count": one.n_draws,
                    "set": dict(one.values),
                }
                for one in others
            ],
        )
