"""Carries out a calibration, step by step; what is done is not done again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bordersim.calibrating.events import Began, Ended, Event, Listener, nobody
from bordersim.calibrating.fitting import proposal_effort
from bordersim.calibrating.folder import ChangedError, Folder, Record, changes
from bordersim.calibrating.plan import SCREENING, Step, Steps, wave_name
from bordersim.calibrating.priors import FloatArray, Prior, sobol_shares, values_at
from bordersim.calibrating.reported import Reports, reports_of
from bordersim.calibrating.screening import screen, trajectories
from bordersim.calibrating.simulating import (
    FIGURE,
    Batch,
    measured,
    planned,
    rows_of,
    simulate,
)
from bordersim.calibrating.spec import Asked
from bordersim.calibrating.waves import IntArray, Runs, ends_of, runs_of
from bordersim.errors import BordersimError
from bordersim.observing import working_scale
from bordersim.scenario import Scenario
from bordersim.sweeping.carrying_out import Manner

_DEFINITIONS = b"bordersim_figures"
_STEP = b"bordersim_step"


@dataclass(frozen=True)
class How:
    """How a calibration is carried out; none of it changes a result.

    Attributes
    ----------
    folder
        Where it goes.
    n_workers
        Processes that simulate.
    keep
        Runs that were made under another file are used as they are.
    redo
        Whatever the file changes is done again.
    retry
        Runs that failed are tried again.
    alternatives
        The other structures are fitted, too.
    """

    folder: Path
    n_workers: int
    keep: bool = False
    redo: bool = False
    retry: bool = False
    alternatives: bool = False


class Driver:
    """One calibration at work.

    Parameters
    ----------
    asked
        The file.
    how
        Where, and with what.
    listener
        Told of every step.
    """

    def __init__(self, asked: Asked, how: How, listener: Listener = nobody) -> None:
        self.asked = asked
        self.how = how
        self.folder = Folder(how.folder)
        self.folder.must_be_its_own()
        self.tell: Callable[[Event], None] = listener
        self.reports: Reports = reports_of(asked)
        self.steps = Steps(asked, self.reports)
        self.kept_from: dict[str, list[str]] = {}
        self.seconds_left: Callable[[], float] = lambda: math.nan

    def done(self, step: Step) -> Record | None:
        """Record of a step that need not be done; None when it has to be.

        Raises
        ------
        ChangedError
            When it was done from other inputs, and needs runs.
        """
        record = self.folder.record(step.name)
        if record is None or record.key == step.key:
            return record
        if not step.runs or self.how.redo:
            return None
        found = changes(record.inputs, step.inputs)
        if self.how.keep:
            self.kept_from[step.name] = found
            return record
        raise ChangedError.of(self.folder.path, step.name, found)

    @contextmanager
    def working(self, step: Step, title: str) -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
        """Do a step: what the block gives to the function yielded is recorded at its end."""
        self.tell(Began(step.name, title, step.runs, self.seconds_left()))
        began, before = time.perf_counter(), self.folder.spent(step.name)
        said: list[tuple[str, Mapping[str, Any]]] = []
        try:
            yield lambda found, notes: said.append((found, notes))
        except BaseException:
            self.folder.spend(step.name, before + time.perf_counter() - began)
            raise
        seconds = before + time.perf_counter() - began
        found, notes = said[-1]
        self.folder.finish(Record(step.name, step.inputs, seconds, {"found": found, **notes}))
        self.tell(Ended(step.name, found, seconds))

    def do(
        self,
        step: Step,
        title: str,
        work: Callable[[Callable[[str, Mapping[str, Any]], None]], None],
    ) -> None:
        """Do a step that only needs to be done; ``work`` is given what ends it."""
        record = self.done(step)
        if record is not None:
            self.passed(record)
            return
        with self.working(step, title) as end:
            work(end)

    def standing_key(self, step: Step) -> str:
        """Key of a step as those after it go by: of the record, where that is kept."""
        try:
            record = self.done(step)
        except ChangedError:
            return step.key
        return step.key if record is None else record.key

    def passed(self, record: Record) -> None:
        """Tell of a step that was done before."""
        self.tell(Ended(record.step, str(record.notes.get("found", "")), 0.0))

    # screening

    @cached_property
    def kept(self) -> tuple[Prior, ...]:
        """Parameters that are fitted, in the file's order; screened first, if asked for."""
        step = self.steps.screening()
        if step is None:
            return self.asked.priors
        record = self.done(step)
        if record is None:
            self._screen(step)
            record = self.folder.record(step.name)
        else:
            self.passed(record)
        names = set(record.notes["kept"]) if record else set()
        return tuple(prior for prior in self.asked.priors if prior.parameter in names)

    def _screen(self, step: Step) -> None:
        section = self.asked.screening
        if section is None:
            return
        priors = self.asked.priors
        scenario = self.asked.scenario
        if section.scale is not None:
            scenario = scenario.scaled(section.scale)
        shares = trajectories(len(priors), section.trajectories, self.asked.seed)
        seeds = np.arange(section.replicates) + self.asked.first_seed
        batch = Batch(
            SCREENING,
            scenario,
            tuple(prior.parameter for prior in priors),
            values_at(priors, shares),
            np.tile(seeds, (len(shares), 1)),
            self.asked.observables,
        )
        with self.working(step, f"screening {len(priors)} parameters") as end:
            table = self.measured_runs(SCREENING, batch)
            figures = np.stack(
                [table.column(FIGURE + t.id).to_numpy() for t in self.reports.fitted], axis=1
            )
            working = working_scale(figures, self.reports.fitted)
            working = working.reshape(len(shares), section.replicates, -1)
            found = screen(
                priors, shares, working, self.reports.fitted, self.reports.spreads, section.keep
            )
            rows = [one.plain() for one in found]
            self.folder.write_table("screening.parquet", pa.Table.from_pylist(rows))
            kept = [one.parameter for one in found if one.kept]
            if not kept:
                message = "screening: no parameter moves the reports more than luck does"
                raise BordersimError(f"{message}; more trajectories, or a larger scale")
            inert = sum(one.verdict == "inert" for one in found)
            words = f"{len(kept)} of {len(found)} parameters kept, {inert} do no more than luck"
            end(words, {"kept": kept, **ends_of(table)})

    # runs

    def measured_runs(self, name: str, batch: Batch) -> pa.Table:
        """Have the runs of a batch, and write the table of what they measured."""
        folder = self.folder.path / name / "study"
        work = planned(batch)
        manner = Manner(folder, self.how.n_workers, retry=self.how.retry)
        simulate(work, manner, self.tell)
        table = measured(rows_of(work), folder, self.reports.measured)
        return self._written(name, table)

    def _written(self, name: str, table: pa.Table) -> pa.Table:
        said = {_DEFINITIONS: self.reports.definitions().encode()}
        table = table.replace_schema_metadata(said)
        self.folder.write_table(f"{name}/table.parquet", table)
        return table

    def table(self, name: str) -> pa.Table:
        """Table of a wave that is done; measured anew where reports or figures have changed."""
        table = self.folder.table(f"{name}/table.parquet")
        said = (table.schema.metadata or {}).get(_DEFINITIONS, b"")
        if said == self.reports.definitions().encode():
            return table
        folder = self.folder.path / name / "study"
        return self._written(name, measured(table, folder, self.reports.measured))

    def wave(self, step: Step, number: int, propose: Callable[[int], FloatArray]) -> Record:
        """Have one wave; its points are proposed only when they are needed."""
        record = self.done(step)
        if record is not None:
            self.passed(record)
            return record
        section = self.asked.waves[number - 1]
        seeds = first_seeds(self.asked, number).reshape(section.points, section.replicates)
        with self.working(step, f"wave {number}") as end:
            shares = self.points(step, lambda: propose(section.points))
            values = values_at(self.kept, shares)
            found = self.simulated(step.name, self.asked.scenario, values, seeds)
            if number > 1:
                found["proposed_with"] = asdict(proposal_effort(self.asked.sampler))
            end(found.pop("words"), found)
        done = self.folder.record(step.name)
        if done is None:
            raise BordersimError(f"{self.folder.path}: the record of {step.name} has vanished")
        return done

    def simulated(
        self, name: str, scenario: Scenario, values: FloatArray, seeds: IntArray
    ) -> dict[str, Any]:
        """Have runs at values of the kept parameters; how they ended, also in words."""
        keys = tuple(prior.parameter for prior in self.kept)
        batch = Batch(name, scenario, keys, values, seeds, self.asked.observables)
        found = dict(ends_of(self.measured_runs(name, batch)))
        lost = f", {found['lost']} of them lost" if found["lost"] else ""
        return found | {"words": f"{found['runs']:,} runs{lost}"}

    def points(self, step: Step, propose: Callable[[], FloatArray]) -> FloatArray:
        """Points of a wave: what was proposed before a kill is not reckoned again."""
        name = f"{step.name}/points.parquet"
        try:
            table = self.folder.table(name)
        except BordersimError:
            table = None
        if table is not None and (table.schema.metadata or {}).get(_STEP) == step.key.encode():
            return np.stack([column.to_numpy() for column in table.columns], axis=1)
        shares = propose()
        columns = {p.parameter: shares[:, at] for at, p in enumerate(self.kept)}
        found = pa.table(columns).replace_schema_metadata({_STEP: step.key.encode()})
        self.folder.write_table(name, found)
        return shares

    def sobol(self, points: int) -> FloatArray:
        """Points of the first wave, as shares of the priors."""
        return sobol_shares(points, len(self.kept), self.asked.seed)

    def runs(self, waves: Sequence[int]) -> Runs:
        """Runs of some waves."""
        return self.runs_in([wave_name(number) for number in waves])

    def runs_in(self, names: Sequence[str]) -> Runs:
        """Runs of some steps."""
        tables = [self.table(name) for name in names]
        return runs_of(tables, self.kept, self.reports.measured)


def first_seeds(asked: Asked, number: int) -> IntArray:
    """Seeds of the runs of a wave: no two runs of a calibration share one."""
    before = sum(wave.points * wave.replicates for wave in asked.waves[: number - 1])
    wave = asked.waves[number - 1]
    count = np.arange(wave.points * wave.replicates, dtype=np.int64)
    return asked.first_seed + before + count
