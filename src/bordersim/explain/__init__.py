"""Why: one simulated life told decision by decision, by replay.

Names are imported when first used: to ask what can be asked for needs no engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bordersim.explain.explaining import explain_life
    from bordersim.explain.life import ExplanationMismatchError, Life, LifeMonth
    from bordersim.explain.picking import pick_uids
    from bordersim.explain.told import Alternative, Chance, Decision, Fact, Flip, Row

_HOMES = {
    "Alternative": "told",
    "Chance": "told",
    "Decision": "told",
    "ExplanationMismatchError": "life",
    "Fact": "told",
    "Flip": "told",
    "Life": "life",
    "LifeMonth": "life",
    "Row": "told",
    "explain_life": "explaining",
    "pick_uids": "picking",
}

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
    "pick_uids",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f'module "bordersim.explain" has no attribute "{name}"')
    return getattr(import_module(f"bordersim.explain.{_HOMES[name]}"), name)
