"""Agent-based model of leaving North Korea, 1995-2025, one resident to one.

>>> import bordersim as bs
>>> base = bs.load("scenarios/historical.yaml")
>>> run = bs.run(base, seed=1, scale=0.1)

Names are imported when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bordersim._version import __version__
    from bordersim.answering.answers import Answers
    from bordersim.answering.api import answers
    from bordersim.attributing.answers import Attribution
    from bordersim.attributing.api import attribute
    from bordersim.calibrating.api import calibrate
    from bordersim.calibrating.results import Calibration
    from bordersim.citing import Citation, cite
    from bordersim.differences import Difference, diff
    from bordersim.errors import BordersimError, ScenarioError, StoreError
    from bordersim.mesa_model import BorderModel
    from bordersim.reporting import Report, report
    from bordersim.results import Run, RunResults
    from bordersim.running import open, run
    from bordersim.scenario import Scenario, load
    from bordersim.sensing import Sensitivity, sensitivity
    from bordersim.simulation import simulate
    from bordersim.study import Study
    from bordersim.sweeping.api import sweep
    from bordersim.validating import Validation, validate
    from bordersim.valuing.api import next_facts
    from bordersim.valuing.results import NextFacts

_HOMES = {
    "Answers": "bordersim.answering.answers",
    "Attribution": "bordersim.attributing.answers",
    "BorderModel": "bordersim.mesa_model",
    "BordersimError": "bordersim.errors",
    "Calibration": "bordersim.calibrating.results",
    "Citation": "bordersim.citing",
    "Difference": "bordersim.differences",
    "NextFacts": "bordersim.valuing.results",
    "Report": "bordersim.reporting",
    "Run": "bordersim.results",
    "RunResults": "bordersim.results",
    "Scenario": "bordersim.scenario",
    "ScenarioError": "bordersim.errors",
    "Sensitivity": "bordersim.sensing.analysis",
    "StoreError": "bordersim.errors",
    "Study": "bordersim.study",
    "Validation": "bordersim.validating",
    "__version__": "bordersim._version",
    "calibrate": "bordersim.calibrating.api",
    "cite": "bordersim.citing",
    "answers": "bordersim.answering.api",
    "attribute": "bordersim.attributing.api",
    "diff": "bordersim.differences",
    "load": "bordersim.scenario",
    "next_facts": "bordersim.valuing.api",
    "open": "bordersim.running",
    "report": "bordersim.reporting",
    "run": "bordersim.running",
    "sensitivity": "bordersim.sensing.analysis",
    "simulate": "bordersim.simulation",
    "sweep": "bordersim.sweeping.api",
    "validate": "bordersim.validating",
}

__all__ = [
    "Answers",
    "Attribution",
    "BorderModel",
    "BordersimError",
    "Calibration",
    "Citation",
    "Difference",
    "NextFacts",
    "Report",
    "Run",
    "RunResults",
    "Scenario",
    "ScenarioError",
    "Sensitivity",
    "StoreError",
    "Study",
    "Validation",
    "__version__",
    "answers",
    "attribute",
    "calibrate",
    "cite",
    "diff",
    "load",
    "next_facts",
    "open",
    "report",
    "run",
    "sensitivity",
    "simulate",
    "sweep",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f'module "bordersim" has no attribute "{name}"')
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
