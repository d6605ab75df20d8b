"""Why: one simulated life told decision by decision, by replay."""

from __future__ import annotations

from bordersim.explain.explaining import explain_life
from bordersim.explain.life import ExplanationMismatchError, Life, LifeMonth
from bordersim.explain.told import Alternative, Chance, Decision, Fact, Flip, Row

__all__ = [
    "Alternative",
    "Chance",
    "Decision",
    "ExplanationMismatchError",
    "Fact",
    "Flip",
    "Life",
    "LifeMonth",
    "Row",
    "explain_life",
]
