"""Parameters as the kernels see them: numbers by group, ``laws.guard.loyalty_mean``.

The field names are the names in ``scenarios/parameters.yaml``; units, ranges and
sources stand there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import from_dtype
from numba.extending import typeof_impl
from numpy.typing import NDArray

from bordersim.parameters import Parameters

F64 = NDArray[np.float64]


class PopulationLaw(NamedTuple):
    """Who people are."""

    household_size: float
    ties_within: float
    ties_across: float
    female_share: float
    age_shares: F64
    wealth_median: F64
    wealth_sigma: F64
    wealth_market_slope: float
    risk_tolerance_sigma: float


class IntensityLaw(NamedTuple):
    """R1 and R3: how often people consider leaving."""

    k0_log: float
    k_hardship: float
    k_kin: float
    kin_half_life: float
    k_again: float
    again_half_life: float
    surveillance_effect: float
    sex_base: float
    sex_market: float
    sex_market_half: float
    age_effect: F64
    class_exposure: F64
    buffer: float
    case_exposure: F64
    case_response: float


class ChoiceLaw(NamedTuple):
    """R4 and R5: what those who consider it do."""

    case_push: float
    gain: float
    gain_food: float
    gain_south: float
    gain_hire: float
    a_fee: float
    a_risk: float
    severity_river: float
    severity_china: float
    nest_scale: float
    kin_money: float
    credit_share: float
    offers_met: float
    wait_months: float
    awareness: float
    belief_half_life: float
    belief_sample: float
    experience_weight: float
    carried: float
    remittance: float
    remittance_saved: float
    remittance_years: float


class TraffickerLaw(NamedTuple):
    """T1-T7: costs, prices, entry and exit."""

    capacity: float
    operating_cost: float
    operating_sigma: float
    chinese_base: float
    chinese_loss: float
    fine_exposure: float
    penalty: float
    interior_surcharge: float
    markup_start: float
    markup_low: float
    markup_high: float
    markup_gain: float
    markup_target: float
    markup_pull: float
    markup_centre: float
    entry_rate: float
    exit_rate: float
    income_width: float
    start_guards: float
    outside_income: float
    average_months: float
    bribe_half_life: float
    danger_sample: float
    crowding_most: float
    jail_interception: float
    jail_betrayal: float
    jail_months: float
    probes: float
    cartel: float
    cartel_target: float
    cartel_high: float


class GuardLaw(NamedTuple):
    """G1-G6: bribes, fear, inspection."""

    loyalty_mean: float
    loyalty_sigma: float
    taste_mean: float
    taste_sigma: float
    ambition_sigma: float
    choice_scale: float
    reward_weight: float
    trade_share: float
    minimum_bribe: float
    prepaid: float
    exposure: float
    link_crossings: float
    arrest_effort: float
    detection_per_bribe: float
    camera_inspection: float
    smuggling_rate: float
    smuggling_worth: float
    smuggling_loss: float
    belief_half_life: float
    announced_weight: float
    company: float
    probes: float
    foresight: float


class RiverLaw(NamedTuple):
    """What the river and its watch do to those who cross."""

    detection: float
    reference_per_km: float
    camera_effect: float
    wire_effect: float
    wire_block: float
    reward_effect: float
    inspection_effect: float
    closure_effect: float
    paid_share: float
    drowning: float
    drowning_paid: float
    flood_season: F64
    watch_season: F64
    closure_consent: float


class ChinaLaw(NamedTuple):
    """C1-C5: life, arrest and departure in China."""

    encounter_rate: float
    early_factor: float
    early_months: float
    inland_months: float
    inland_factor: float
    marriage_share: float
    marriage_months: float
    marriage_factor: float
    trip_return: float
    trip_stay: float
    return_rate: float
    patrol_class: float
    pursuit_elite: float
    action_success: float
    resist: float
    resist_escape: float
    shot_death: float
    route_exposure: float
    helped_onward: float


class OnwardLaw(NamedTuple):
    """C4 and T6: the way from China to the South."""

    onward_early: float
    onward_late: float
    onward_middle: float
    onward_width: float
    onward_flat_after: float
    settle_half_life: float
    settlement_reference: float
    settlement_elasticity: float
    onward_kin: float
    guide_share: float
    onward_fee: float
    package_share: float
    transit_direct: float
    transit_later: float
    transit_spread: float


class InformantLaw(NamedTuple):
    """C2: what a Chinese border resident does at a meeting."""

    income_median: float
    income_sigma: float
    sympathy_sigma: float
    kin_share: float
    kin_sympathy: float
    help_base: float
    report_base: float
    seize_base: float
    sensitivity: float
    norm_effect: float
    norm_half_life: float
    norm_span: float
    aware_half_life: float
    aware_reference: float
    payment: float
    fine_probability: float
    seize_success: float


class CustodyLaw(NamedTuple):
    """K1: terms and deaths."""

    months_trip: float
    months_long: float
    months_contact: float
    death_rate: float
    fine: float


class Laws(NamedTuple):
    """Every group."""

    population: PopulationLaw
    intensity: IntensityLaw
    choice: ChoiceLaw
    trafficker: TraffickerLaw
    guard: GuardLaw
    river: RiverLaw
    china: ChinaLaw
    onward: OnwardLaw
    informant: InformantLaw
    custody: CustodyLaw
    arrival_season: F64
    official_response: float


L = TypeVar("L")


def _group(kind: type[L], group: str, parameters: Parameters) -> L:
    fields = kind._fields  # type: ignore[attr-defined]
    vectors = {name for name, note in kind.__annotations__.items() if "F64" in str(note)}
    return kind(
        **{
            name: parameters.values(f"{group}.{name}")
            if name in vectors
            else parameters.value(f"{group}.{name}")
            for name in fields
        }
    )


def laws_from(parameters: Parameters) -> Laws:
    """Tuples of floats from sourced parameters."""
    return Laws(
        population=_group(PopulationLaw, "population", parameters),
        intensity=_group(IntensityLaw, "residents", parameters),
        choice=_group(ChoiceLaw, "residents", parameters),
        trafficker=_group(TraffickerLaw, "traffickers", parameters),
        guard=_group(GuardLaw, "guards", parameters),
        river=_group(RiverLaw, "river", parameters),
        china=_group(ChinaLaw, "china", parameters),
        onward=_group(OnwardLaw, "china", parameters),
        informant=_group(InformantLaw, "informants", parameters),
        custody=_group(CustodyLaw, "custody", parameters),
        arrival_season=parameters.values("south.arrival_season"),
        official_response=parameters.value("officials.response"),
    )


def packed(laws: Laws) -> Any:
    """The same numbers under the same names as one record, which a kernel is handed by address."""
    layout = np.dtype((Law, _layout(laws)))
    record: Law = np.array([_plain(laws)], layout)[0]
    return record


class Law(np.record):  # type: ignore[misc]
    """All laws as one record."""


@typeof_impl.register(Law)
def _type_of_law(law: Law, _: object) -> Any:
    return _type_of(law.dtype)


@lru_cache(maxsize=8)
def _type_of(dtype: np.dtype[Any]) -> Any:
    return from_dtype(dtype)


def _layout(group: Any) -> np.dtype[Any]:
    def kind(value: Any) -> Any:
        if isinstance(value, tuple):
            return (_layout(value),)
        return (np.float64, np.shape(value)) if np.ndim(value) else (np.float64,)

    return np.dtype([(name, *kind(getattr(group, name))) for name in group._fields])


def _plain(value: Any) -> Any:
    return tuple(_plain(item) for item in value) if isinstance(value, tuple) else value
