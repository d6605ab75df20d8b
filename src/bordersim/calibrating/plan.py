"""The steps of a calibration, and what decides the result of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bordersim.calibrating.priors import Prior
from bordersim.calibrating.reported import Reports
from bordersim.calibrating.spec import Asked, digest_of
from bordersim.scenario import Scenario

SCREENING, POSTERIOR, CHECK, IDENTIFIABILITY = "screening", "posterior", "check", "identifiability"
ALTERNATIVES = "alternatives"

MAIN = "main"
"""Name of the structure as it is."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    name
        Of its record, and of its folder.
    inputs
        Everything that decides its result, as plain data.
    runs
        Runs it needs; 0 for one that only reckons.
    """

    name: str
    inputs: Mapping[str, Any]
    runs: int = 0

    @property
    def key(self) -> str:
        """Digest of the inputs."""
        return digest_of(self.inputs)


def wave_name(number: int) -> str:
    """Name of a wave, counted from 1."""
    return f"wave-{number}"


def structure_name(name: str) -> str:
    """Name of the runs of another structure."""
    return f"structure-{name}"


def posterior_name(name: str) -> str:
    """Name of the draws under another structure."""
    return f"{POSTERIOR}-{name}"


class Steps:
    """The steps that a calibration file asks for.

    Parameters
    ----------
    asked, reports
        The file, and the reports it fits.
    """

    def __init__(self, asked: Asked, reports: Reports) -> None:
        from bordersim._jit import engine_hash

        self.asked = asked
        self.reports = reports
        self._base = {
            "scenario": _scenario(asked.scenario),
            "engine": engine_hash(),
            "seed": asked.seed,
            "first_seed": asked.first_seed,
        }

    def screening(self) -> Step | None:
        """Morris screening; None when all parameters are kept."""
        section = self.asked.screening
        if section is None:
            return None
        inputs = {
            **self._base,
            "priors": [prior.plain() for prior in self.asked.priors],
            "screening": section.model_dump(),
            **self.reports.plain(),
        }
        runs = section.trajectories * (len(self.asked.priors) + 1) * section.replicates
        return Step(SCREENING, _plain(inputs), runs)

    def waves(self, kept: Sequence[Prior]) -> list[Step]:
        """Waves of runs; all but the first go by the posterior of those before."""
        found: list[Step] = []
        for number, wave in enumerate(self.asked.waves, start=1):
            inputs: dict[str, Any] = {
                **self._base,
                "priors": [prior.plain() for prior in kept],
                **wave.model_dump(),
            }
            if found:
                inputs |= {"previous": found[-1].key, **self._fit()}
                if self.asked.sampler.propose is not None:
                    inputs["propose"] = self.asked.sampler.propose
            runs = wave.points * wave.replicates
            found.append(Step(wave_name(number), _plain(inputs), runs))
        return found

    def posterior(self, waves: Sequence[str]) -> Step:
        """Draws by the emulator of all waves, of which the keys are given."""
        return Step(POSTERIOR, _plain({"waves": list(waves), **self._fit()}))

    def check(self, posterior: str) -> Step:
        """The second method, on the same table."""
        section = self.asked.check.model_dump()
        return Step(CHECK, _plain({"posterior": posterior, **section}))

    def identifiability(self, posterior: str) -> Step:
        """What the data say of each parameter."""
        section = self.asked.identifiability.model_dump()
        return Step(IDENTIFIABILITY, _plain({"posterior": posterior, **section}))

    def structures(self, wave: str, kept: Sequence[Prior]) -> list[Step]:
        """Runs of each other structure at points of the last wave, of which the key is given."""
        section = self.asked.alternatives
        if section is None:
            return []
        found = []
        for one in section.structures:
            inputs = {
                **self._base,
                "wave": wave,
                "priors": [prior.plain() for prior in kept],
                "points": section.points,
                "replicates": section.replicates,
                "set": dict(one.set_),
            }
            runs = section.points * section.replicates
            found.append(Step(structure_name(one.name), _plain(inputs), runs))
        return found

    def structure_posteriors(self, structures: Sequence[str], posterior: str) -> list[Step]:
        """Draws under each structure, of whose runs the keys are given."""
        section = self.asked.alternatives
        names = [one.name for one in section.structures] if section else []
        return [
            Step(
                posterior_name(name),
                _plain({"structure": key, "posterior": posterior, **self._fit()}),
            )
            for name, key in zip(names, structures, strict=True)
        ]

    def comparison(self, posteriors: Sequence[str]) -> Step:
        """Scores of structures, of whose posteriors the keys are given."""
        return Step(ALTERNATIVES, _plain({"posteriors": list(posteriors), **self._fit()}))

    def _fit(self) -> dict[str, Any]:
        return {
            "seed": self.asked.seed,
            "emulator": self.asked.emulator.model_dump(),
            "sampler": self.asked.sampler.model_dump(exclude={"propose"}),
            **self.reports.plain(),
        }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {"name": scenario.name, "content": digest_of(scenario.resolved())}


def _plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """As it comes back from a file."""
    found: dict[str, Any] = json.loads(json.dumps(inputs, allow_nan=False))
    return found
