"""Who is served: clients propose, traffickers keep whom a lottery favours (T3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bordersim.rng import Stream

if TYPE_CHECKING:
    from bordersim.twin.choice import Plan
    from bordersim.twin.model import TwinModel
    from bordersim.twin.residents import Resident
    from bordersim.twin.traffickers import Trafficker


def match(model: TwinModel, plans: dict[Resident, Plan]) -> dict[Resident, int]:
    """Deferred acceptance between clients and traffickers.

    Parameters
    ----------
    model
        For the lottery.
    plans
        Everyone who wants a trafficker, with their offers, best first.

    Returns
    -------
    dict
        Clients who are served, to the number of the offer they got.
    """
    kept: dict[Trafficker, list[tuple[int, Resident, int]]] = {}
    asking = [(resident, 0) for resident in plans]
    while asking:
        resident, number = asking.pop()
        if number == len(plans[resident].offers):
            continue
        trafficker = plans[resident].offers[number].trafficker
        trafficker.requests += 1
        lot = model.luck.monthly(Stream.LOTTERY, resident.uid, trafficker.identity)
        served = kept.setdefault(trafficker, [])
        served.append((lot, resident, number))
        if len(served) > trafficker.capacity:
            served.sort(key=lambda place: place[0])
            _, refused, at = served.pop()
            asking.append((refused, at + 1))
    return {resident: number for served in kept.values() for _, resident, number in served}
