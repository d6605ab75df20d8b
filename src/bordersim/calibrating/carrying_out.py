"""The whole of a calibration, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bordersim.calibrating.checking import Table, check_rows, coverage_rows
from bordersim.calibrating.driver import Driver, How
from bordersim.calibrating.events import Listener, nobody
from bordersim.calibrating.fitting import (
    convergence_table,
    draws_table,
    effort_of,
    emulated,
    emulator_table,
    names_of,
    proposed,
    sampled,
    sampling_notes,
)
from bordersim.calibrating.folder import Record
from bordersim.calibrating.identifying import (
    NOT_IDENTIFIED,
    correlation_rows,
    group_rows,
    leave_out,
    parameter_rows,
)
from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.manifest import write_manifest
from bordersim.calibrating.overview import overview
from bordersim.calibrating.priors import FloatArray
from bordersim.calibrating.spec import Asked
from bordersim.calibrating.structures import Structures

POSTERIOR_FILE = "posterior.parquet"
_CUBE = "shares.parquet"

End = Callable[[str, Mapping[str, Any]], None]


def carry_out(asked: Asked, how: How, listener: Listener = nobody) -> None:
    """Do what of a calibration is not done yet.

    Raises
    ------
    ScenarioError
        When nothing can be simulated here.
    ChangedError
        When runs were made from another file, and it is not said what is to become of them.
    BordersimError
        When a step cannot be done; those before it stay.
    """
    driver = Driver(asked, how, listener)
    driver.seconds_left = lambda: float(overview(driver)["seconds"])
    with driver.folder.mine():
        _Course(driver).run()


class _Course:
    """The steps of one calibration, one after the other."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.asked = driver.asked
        self.folder = driver.folder
        self._likelihoods: dict[int, Likelihood] = {}

    def run(self) -> None:
        driver = self.driver
        steps = driver.steps.waves(driver.kept)
        for step in steps:  # what is refused is refused before hours of work
            driver.done(step)
        waves: list[Record] = []
        for number, step in enumerate(steps, start=1):
            propose = driver.sobol if number == 1 else partial(self._next_points, number)
            waves.append(driver.wave(step, number, propose))
        posterior = driver.steps.posterior([wave.key for wave in waves])
        n_waves = len(waves)
        driver.do(posterior, "draws from the posterior", partial(self._posterior, n_waves))
        key = posterior.key
        driver.do(driver.steps.check(key), "second method and self-check", self._check)
        identifying = driver.steps.identifiability(key)
        driver.do(identifying, "what the reports tell", partial(self._identify, n_waves))
        write_manifest(driver, POSTERIOR_FILE)
        if driver.how.alternatives and self.asked.alternatives is not None:
            last = waves[-1].key
            main = partial(self.likelihood, n_waves)
            Structures(driver, self.asked.alternatives, main, last, key).run()
            write_manifest(driver, POSTERIOR_FILE)

    def _next_points(self, number: int, points: int) -> FloatArray:
        """Points of a wave, by what the waves before it say."""
        return proposed(self.likelihood(number - 1), self.asked, points, number)

    def likelihood(self, n_waves: int) -> Likelihood:
        """Likelihood by the emulator of the first waves; learnt once."""
        if n_waves not in self._likelihoods:
            runs = self.driver.runs(range(1, n_waves + 1)).near_the_last()
            found = emulated(self.asked, self.driver.reports, runs)
            self.folder.write_table(f"emulator-{n_waves}.parquet", emulator_table(found))
            self._likelihoods[n_waves] = found
        return self._likelihoods[n_waves]

    def _posterior(self, n_waves: int, end: End) -> None:
        driver, asked = self.driver, self.asked
        likelihood = self.likelihood(n_waves)
        found = sampled(likelihood, effort_of(asked.sampler), asked.seed, driver.kept)
        table, shares = draws_table(found, likelihood, driver.kept, asked.seed)
        self.folder.write_table("convergence.parquet", convergence_table(found))
        self.folder.write_table(_CUBE, shares)
        self.folder.write_table(POSTERIOR_FILE, table)
        unfitted = set(driver.reports.fitted.ids) - set(likelihood.reports.fitted.ids)
        words, notes = sampling_notes(found)
        end(words, notes | {"not_measured": sorted(unfitted)})

    def shares(self) -> FloatArray:
        """Posterior as shares of the priors, nuisances behind parameters."""
        table = self.folder.table(_CUBE)
        return np.stack([column.to_numpy() for column in table.columns], axis=1)

    def _check(self, end: End) -> None:
        driver, section = self.driver, self.asked.check
        table = Table(driver.runs([1]), driver.reports, section, self.asked.seed)
        if not table.summaries:
            end("too few runs in the first wave for a second method", {})
            return
        second = table.nearest()
        rows = check_rows(driver.kept, self.shares(), second, section)
        self.folder.write_table("check.parquet", pa.Table.from_pylist(rows))
        apart = [row["parameter"] for row in rows if not row["agree"]]
        words = f"regression ABC disagrees on {len(apart)} of {len(rows)} parameters"
        notes: dict[str, Any] = {"disagree": apart, "kept": second.kept}
        if table.truths < section.truths:
            words += f"; too few runs for {section.truths} known truths"
        elif section.truths:
            names = [prior.parameter for prior in driver.kept]
            known = table.coverage(names)
            rows = coverage_rows(known)
            self.folder.write_table("coverage.parquet", pa.Table.from_pylist(rows))
            words += f"; 90 % intervals hold {known.overall:.0%} of known truths"
            notes |= {"truths": known.truths, "covered": known.overall, "error": known.spread}
        end(words, notes)

    def _identify(self, n_waves: int, end: End) -> None:
        driver, section = self.driver, self.asked.identifiability
        likelihood, draws, priors = self.likelihood(n_waves), self.shares(), driver.kept
        effort = effort_of(self.asked.sampler)

        def anew(other: Likelihood) -> FloatArray:
            return sampled(other, effort, self.asked.seed, priors).draws

        groups = dict.fromkeys(likelihood.reports.fitted.groups)
        without = [leave_out(likelihood, draws, group, section.effective, anew) for group in groups]
        rows = parameter_rows(priors, draws, section)
        names = names_of(priors, likelihood)
        for name, found in (
            ("identifiability", rows),
            ("correlations", correlation_rows(names, draws)),
            ("groups", group_rows(priors, draws, without)),
        ):
            self.folder.write_table(f"{name}.parquet", pa.Table.from_pylist(found))
        lost = [row["parameter"] for row in rows if row["verdict"] == NOT_IDENTIFIED]
        words = f"{len(rows) - len(lost)} of {len(rows)} parameters identified, at least weakly"
        end(words, {"not_identified": lost})
