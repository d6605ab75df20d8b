"""Random scenarios for the tests of ``show`` and ``diff``.

Everything is drawn from small pools, so that policies often meet on the same lever, month
and place, repeat or override one another, or come to the same in another way.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bordersim.codes import LEVER_KEYS
from bordersim.data_files import scenarios_folder
from bordersim.lever_history import places_of
from bordersim.scenario import Scenario, load

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
"""Enough examples to meet every op, place and overlap; no example is timed."""

HISTORY = scenarios_folder() / "historical.yaml"
EMPTY = load(scenarios_folder() / "base.yaml").with_settings(
    {"time.start": "1999-06", "time.end": "2003-12"}
)
"""A scenario without policies and with a short span."""

_HIGH = {
    "border.wire_coverage": 0.5,
    "border.camera_coverage": 0.5,
    "guards.capture_reward": 25.0,
    "north.security_budget": 1.0,
    "economy.market_index": 0.5,
    "south.onward_capacity": 2.0,
}
"""Levers of every kind, sector, home, nation, budgeted and driven, with half their range."""

_MONTHS = ("1998-01", "2000-01", "2000-03", "2001-01", "2005-01")
_PLACES = {
    "sector": (["yalu_lower"], ["tumen_musan", "tumen_onsong"]),
    "home": (["pyongyang"], ["kangwon", "ryanggang"]),
    "nation": (),
}


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """One policy that stays in range whatever came before."""
    lever = draw(st.sampled_from(sorted(_HIGH)))
    op = draw(st.sampled_from(["set", "set", "scale", "add"]))
    half = _HIGH[lever]
    pools = {"set": (0.0, half / 2, half), "scale": (0.0, 0.5, 1.0), "add": (0.0, half / 8)}
    start = draw(st.sampled_from(_MONTHS))
    written = {"lever": lever, "op": op, "value": draw(st.sampled_from(pools[op])), "from": start}
    later = [month for month in _MONTHS if month >= start]
    if draw(st.booleans()):
        written["until"] = draw(st.sampled_from(later))
    if draw(st.booleans()):
        written["ramp"] = draw(st.sampled_from([1, 3, 14]))
    some = _PLACES[EMPTY.catalogue[lever].places]
    if some and draw(st.booleans()):
        written["places"] = draw(st.sampled_from(some))
    return written


@st.composite
def lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A list of policies, whose ids say nothing of what they do."""
    written = draw(st.lists(policies(), max_size=4))
    ids = draw(st.permutations("abcdefgh"))
    return [{"id": name, **one} for name, one in zip(ids, written, strict=False)]


SETTINGS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "residents.k_kin": st.sampled_from([EMPTY.parameters.value("residents.k_kin"), 1.0]),
        "population.age_shares": st.just("0.2,0.2,0.2,0.1,0.1,0.1,0.1"),
        "population.scale": st.sampled_from([1, 0.5]),
        "population.world_seed": st.just(2009),
        "china.helper_fine": st.sampled_from([300, 3000]),
    },
)
"""Settings on top, some of which repeat what is there."""


def path_of(scenario: Scenario, key: str) -> Any:
    """What a lever is over the span: shape (months, places of the lever)."""
    where = places_of(scenario.catalogue[key], scenario.places)[1]
    months = slice(scenario.start_month, scenario.end_month + 1)
    return scenario.lever_paths()[months, LEVER_KEYS.index(key), where]
