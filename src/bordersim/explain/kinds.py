"""Kinds of lives that can be asked for."""

from __future__ import annotations

from collections.abc import Mapping

from bordersim.codes import Event
from bordersim.errors import Problem, suggestion

KINDS: Mapping[str, tuple[Event, ...]] = {
    "arrived": (Event.ARRIVED,),
    "died": (Event.DIED_CUSTODY, Event.DROWNED, Event.SHOT_RIVER, Event.SHOT_CHINA),
    "caught": (Event.ARRESTED_BY_GUARD, Event.BETRAYED, Event.DETECTED),
    "returned": (Event.REPATRIATED,),
    "went-home": (Event.RETURNED_HOME,),
    "hired": (Event.HIRED,),
    "alone": (Event.WENT_UNAIDED, Event.WENT_FOR_FOOD),
    "priced-out": (Event.PRICED_OUT,),
    "unserved": (Event.UNSERVED,),
    "betrayed": (Event.BETRAYED,),
    "refused": (Event.REFUSED,),
    "met": (Event.MET,),
    "helped": (Event.HELPED,),
    "reported": (Event.REPORTED,),
    "seized": (Event.SEIZED,),
    "released": (Event.RELEASED,),
    "news": (Event.NEWS,),
    "official": (Event.OFFICIAL_LEFT,),
    "any": tuple(event for event in Event if event < Event.GUARD_INSPECTED),
}
"""What can be asked for, and the events that make it so."""


def kind_problem(kind: str) -> Problem | None:
    """What is wrong with a kind that is asked for, if anything."""
    if kind in KINDS:
        return None
    hint = suggestion(kind, KINDS)
    allowed = "" if "allowed" in hint else f"; allowed: {', '.join(KINDS)}"
    return Problem("--pick", "", f'got "{kind}"{hint}{allowed}')
