"""A calibration: what is to be fitted to what, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bordersim.calibrating.priors import Prior
from bordersim.calibrating.schema import (
    AlternativesSection,
    CheckSection,
    EmulatorSection,
    IdentifiabilitySection,
    SamplerSection,
    ScreeningSection,
    WaveEntry,
)
from bordersim.observing.declared import NuisanceEntry
from bordersim.scenario import Scenario


@dataclass(frozen=True)
class Asked:
    """What a calibration file asks for.

    Attributes
    ----------
    name, title
        Of the calibration.
    scenario
        With the calibration's scale, to the last month simulated.
    until
        Last month of the reports that are fitted.
    seed, first_seed
        Of design and draws; of the first run.
    priors
        One for each parameter that may vary.
    screening, waves, emulator, sampler, check, identifiability, alternatives
        As in the file.
    nuisances
        What the file says of them.
    observables
        Series kept beside those that targets need.
    digest
        Of the file's content, comments left out.
    """

    name: str
    title: str
    scenario: Scenario
    until: int
    seed: int
    first_seed: int
    priors: tuple[Prior, ...]
    screening: ScreeningSection | None
    waves: tuple[WaveEntry, ...]
    nuisances: Mapping[str, NuisanceEntry]
    emulator: EmulatorSection
    sampler: SamplerSection
    check: CheckSection
    identifiability: IdentifiabilitySection
    alternatives: AlternativesSection | None
    observables: tuple[str, ...]
    digest: str


def digest_of(content: Any) -> str:
    """Sixteen hexadecimal digits of plain data."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
