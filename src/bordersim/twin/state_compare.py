"""Everything an engine's world remembers, beside what the twin's agents remember."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bordersim.audit import balances
from bordersim.codes import Account, Risk, Status, TraffickerStatus
from bordersim.population import World
from bordersim.state import LINKS
from bordersim.twin.guards import Guard
from bordersim.twin.model import TwinModel
from bordersim.twin.places import Sector
from bordersim.twin.residents import Resident
from bordersim.twin.traffickers import Trafficker

Named = Mapping[str, object]
_NEVER = -1


def state_differences(world: World, twin: TwinModel) -> Iterator[str]:
    """Every difference in state at the end of a month, in words; none if all is equal.

    People are compared trait by trait and account by account, guards and traffickers with
    their links and cash, sectors and homes with what is believed there, kinds of holders
    by balance.
    """
    yield from _people(world, twin)
    for sector in twin.sectors:
        for guard in sector.guards:
            yield from _differences(f"guard {guard.number}", *_guard(world, guard))
        for trafficker in sector.traffickers:
            yield from _differences(
                f"trafficker {trafficker.slot}", *_trafficker(world, trafficker)
            )
        yield from _differences(sector.name, *_sector(world, sector))
    for home in twin.homes:
        mine = {risk.name: on_grid(home.belief[risk]) for risk in Risk}
        theirs = {risk.name: int(world.beliefs[home.index, risk]) for risk in Risk}
        yield from _differences(home.name, theirs, mine)
    held = balances(world)
    for account in Account:
        mine = {"balance": twin.accounts.balance[account]}
        yield from _differences(account.name.lower(), {"balance": int(held[account])}, mine)


def on_grid(value: float) -> int:
    """A stored belief as the whole number the engine keeps."""
    return round(value * 2**20)


def _differences(who: str, engine: Named, twin: Named) -> Iterator[str]:
    for name, value in engine.items():
        if value != twin[name]:
            yield f"{who}: {name} is {value} in the engine, {twin[name]} in the twin"


def _people(world: World, twin: TwinModel) -> Iterator[str]:
    rows, n = world.rows, int(world.roster.rows[0])
    position = {int(uid): row for row, uid in enumerate(rows.uid[:n])}
    known = {uid for uid, resident in twin.residents.items() if resident.has_row}
    for uid in sorted(position.keys() ^ known):
        yield f"resident {uid}: only {'the engine' if uid in position else 'the twin'} has a row"
    for uid in sorted(position.keys() & known):
        row = position[uid]
        engine = _row(world, row)
        yield from _differences(f"resident {uid}", engine, _resident(twin.residents[uid]))


def _row(world: World, row: int) -> Named:
    person, roster = world.rows[row], world.roster
    owes, is_away = bool(person.owed), person.status != Status.HOME
    return {
        "status": int(person.status),
        "sex": int(person.sex),
        "age": int(person.age),
        "flags": int(person.tags),
        "waits": int(person.waits),
        "known": int(person.known_total),
        "caught": int(person.known_caught),
        "since": int(person.since) if is_away else _NEVER,
        "left": int(person.left) if is_away else _NEVER,
        "debt": int(person.owed),
        "seller": int(person.seller) if owes else _NEVER,
        "balance": int(person.balance),
        "kin month": int(roster.kin_month[row]),
        "released": int(roster.released[row]),
    }


def _resident(person: Resident) -> Named:
    owes, is_away = bool(person.debt), person.status != Status.HOME
    return {
        "status": int(person.status),
        "sex": int(person.sex),
        "age": person.age_band,
        "flags": int(person.flags),
        "waits": person.waits,
        "known": person.known,
        "caught": person.caught,
        "since": person.since if is_away else _NEVER,
        "left": person.left if is_away else _NEVER,
        "debt": person.debt,
        "seller": person.seller[1] if owes and person.seller else _NEVER,
        "balance": person.balance,
        "kin month": _NEVER if person.kin_month is None else person.kin_month,
        "released": _NEVER if person.released is None else person.released,
    }


def _guard(world: World, guard: Guard) -> tuple[Named, Named]:
    record = world.guards[guard.number]
    engine: Named = {
        "generation": int(record.generation),
        "stamp": int(record.stamp),
        "cash": int(record.cash),
        "belief": int(record.belief),
    }
    twin: Named = {
        "generation": guard.generation,
        "stamp": guard.stamp,
        "cash": guard.cash,
        "belief": on_grid(guard.fear),
    }
    return engine, twin


def _trafficker(world: World, trafficker: Trafficker) -> tuple[Named, Named]:
    record = world.traffickers[trafficker.slot]
    engine: dict[str, object] = {
        "status": int(record.status),
        "generation": int(record.generation),
    }
    twin: dict[str, object] = {
        "status": int(trafficker.status),
        "generation": trafficker.generation,
    }
    if record.status == TraffickerStatus.EMPTY:
        return engine, twin
    first = trafficker.slot * LINKS
    links = world.links[first : first + LINKS]
    engine |= {
        "cash": int(record.cash),
        "profit": int(record.profit),
        "operating cost": int(record.operating),
        "markup": int(record.markup),
        "crowding": int(record.crowding),
        "danger": int(record.belief),
        "links": sorted(
            int(link.guard)
            for link in links
            if link.guard >= 0 and world.guards.stamp[link.guard] == link.stamp
        ),
    }
    twin |= {
        "cash": trafficker.cash,
        "profit": trafficker.profit,
        "operating cost": trafficker.operating_cost,
        "markup": on_grid(trafficker.markup),
        "crowding": on_grid(trafficker.crowding),
        "danger": on_grid(trafficker.danger),
        "links": sorted(link.guard.number for link in trafficker.links if link.is_valid),
    }
    return engine, twin


def _sector(world: World, sector: Sector) -> tuple[Named, Named]:
    record = world.sectors[sector.index]
    engine: Named = {
        "going bribe": int(record.bribe),
        "expected profit": int(record.profit),
        "danger": int(record.danger),
        "norm": int(record.norm),
        "awareness": int(record.aware),
    }
    twin: Named = {
        "going bribe": sector.going_bribe,
        "expected profit": sector.expected_profit,
        "danger": on_grid(sector.danger),
        "norm": on_grid(sector.norm),
        "awareness": on_grid(sector.awareness),
    }
    return engine, twin
