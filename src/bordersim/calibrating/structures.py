"""The course of a calibration through other structures of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from bordersim.calibrating.alternatives import (
    Judged,
    Pair,
    chosen_points,
    emulator_of,
    marked,
    report_rows,
    score_rows,
)
from bordersim.calibrating.driver import Driver
from bordersim.calibrating.fitting import (
    draws_table,
    effort_of,
    emulator_table,
    sampled,
    sampling_notes,
)
from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.plan import (
    ALTERNATIVES,
    MAIN,
    posterior_name,
    structure_name,
    wave_name,
)
from bordersim.calibrating.priors import FloatArray, shares_of
from bordersim.calibrating.schema import AlternativeEntry, AlternativesSection
from bordersim.calibrating.waves import IntArray, Runs, told_by
from bordersim.inference.emulator import Emulator
from bordersim.observing import Targets

End = Callable[[str, Mapping[str, Any]], None]

SHARES = "shares"
POSTERIOR = "posterior"


class Structures:
    """Runs, draws and scores of the structures that a file names.

    Parameters
    ----------
    driver, section
        The calibration, and what its file says of structures.
    main
        Likelihood of the structure as it is; asked for only when it is needed.
    wave, posterior
        Keys of the last wave and of the main posterior.
    """

    def __init__(
        self,
        driver: Driver,
        section: AlternativesSection,
        main: Callable[[], Likelihood],
        wave: str,
        posterior: str,
    ) -> None:
        self.driver, self.section, self._main = driver, section, main
        self.steps = driver.steps.structures(wave, driver.kept)
        keys = [driver.standing_key(step) for step in self.steps]
        self.fits = driver.steps.structure_posteriors(keys, posterior)
        self.comparison = driver.steps.comparison([step.key for step in self.fits])
        self._pairs: dict[str, Pair] = {}

    def run(self) -> None:
        """Do what is not done yet."""
        driver = self.driver
        for step in self.steps:  # what is refused is refused before hours of work
            driver.done(step)
        entries = self.section.structures
        for entry, step, fit in zip(entries, self.steps, self.fits, strict=True):

            def simulate(end: End, entry: AlternativeEntry = entry) -> None:
                scenario = driver.asked.scenario.with_parameters(entry.set_)
                found = driver.simulated(structure_name(entry.name), scenario, *self._places())
                end(found.pop("words"), found)

            def draw(end: End, entry: AlternativeEntry = entry) -> None:
                self._draw(entry, end)

            driver.do(step, f"structure {entry.name}", simulate)
            driver.do(fit, f"draws from the posterior of {entry.name}", draw)
        driver.do(self.comparison, "structures compared", self._compare)

    def _places(self) -> tuple[FloatArray, IntArray]:
        """Values of parameters at points of the last wave, and seeds used there."""
        driver, section = self.driver, self.section
        table = driver.table(wave_name(len(driver.asked.waves)))
        seeds = table.column("seed").to_numpy()
        seeds = seeds.reshape(-1, driver.asked.waves[-1].replicates)
        names = [prior.parameter for prior in driver.kept]
        values = np.stack([table.column(name).to_numpy() for name in names], axis=1)
        values = values[:: seeds.shape[1]]
        chosen = chosen_points(shares_of(driver.kept, values), section.points)
        return values[chosen], seeds[chosen, : section.replicates]

    @cached_property
    def _near(self) -> Runs:
        """Runs from which the main emulator is learnt."""
        return self.driver.runs(range(1, len(self.driver.asked.waves) + 1)).near_the_last()

    def _pair(self, name: str) -> Pair:
        if name not in self._pairs:
            runs = self.driver.runs_in([structure_name(name)])
            self._pairs[name] = Pair(*self._near.paired(runs))
        return self._pairs[name]

    def _draw(self, entry: AlternativeEntry, end: End) -> None:
        driver, asked, folder = self.driver, self.driver.asked, self.driver.folder
        likelihood = self._pair(entry.name).likelihood(asked, self._main())
        found = sampled(likelihood, effort_of(asked.sampler), asked.seed, driver.kept)
        table, shares = draws_table(found, likelihood, driver.kept, asked.seed)
        folder.write_table(f"emulator-{entry.name}.parquet", emulator_table(likelihood))
        folder.write_table(f"{SHARES}-{entry.name}.parquet", shares)
        folder.write_table(f"{posterior_name(entry.name)}.parquet", marked(table, entry))
        end(*sampling_notes(found))

    @cached_property
    def _judges(self) -> Targets:
        held_out = self.driver.reports.held_out
        known = set(told_by(self._near, held_out))
        return Targets(target for target in held_out if target.id in known)

    @cached_property
    def _judge(self) -> Emulator:
        """Emulator of the main structure's figures of reports held out."""
        working = self._near.working(self._judges)
        return emulator_of(self.driver.asked, self._near, working, self._judges.ids)

    def _as_it_is(self) -> Judged:
        draws, told = self._drawn("")
        near = self._near
        title, main = "as it is", self._main()
        return Judged(
            title, main, draws, told, len(near.shares), near.shares, self._judge, self._judges
        )

    def _judged(self, entry: AlternativeEntry) -> Judged:
        asked, pair = self.driver.asked, self._pair(entry.name)
        likelihood = pair.likelihood(asked, self._main())
        wanted = pair.known(self._judges)
        emulator = pair.corrected(asked, self._judge, self._judges, wanted)
        draws, told = self._drawn(f"-{entry.name}")
        points = pair.other.shares
        return Judged(entry.title, likelihood, draws, told, len(points), points, emulator, wanted)

    def _drawn(self, suffix: str) -> tuple[FloatArray, FloatArray]:
        """Draws as shares of the priors, and the log likelihood of each."""
        shares = self.driver.folder.table(f"{SHARES}{suffix}.parquet")
        table = self.driver.folder.table(f"{POSTERIOR}{suffix}.parquet")
        draws = np.stack([column.to_numpy() for column in shares.columns], axis=1)
        return draws, table.column("log_likelihood").to_numpy()

    def _compare(self, end: End) -> None:
        if not self._judges:
            end("no report is held out that could judge structures", {})
            return
        judged = {MAIN: self._as_it_is()}
        judged |= {entry.name: self._judged(entry) for entry in self.section.structures}
        rows, by_report = score_rows(judged), report_rows(judged)
        folder = self.driver.folder
        folder.write_table(f"{ALTERNATIVES}.parquet", pa.Table.from_pylist(rows))
        folder.write_table(f"{ALTERNATIVES}-reports.parquet", pa.Table.from_pylist(by_report))
        best = max(rows, key=lambda row: float(row["score"]))
        found = f"{best['structure']} foretells {best['held_out']} held-out reports best"
        end(found, {"scores": {row["structure"]: row["score"] for row in rows}})
