"""What must hold in every month: people are conserved, and so is money (``--check``)."""

from __future__ import annotations

import numpy as np

from bordersim.codes import Account, Class, Sex, Status
from bordersim.errors import BordersimError
from bordersim.population import World
from bordersim.state import I64


class AuditError(BordersimError):
    """The books of a month do not balance: a defect of the engine, never of a scenario."""


def balances(world: World) -> I64:
    """Sum of the balances of each kind's own members, KRW thousand, shape (accounts,)."""
    total: I64 = world.purses.sum(axis=1)
    n = int(world.roster.rows[0])
    total[Account.RESIDENTS] += world.rows.balance[:n].sum()
    total[Account.TRAFFICKERS] += world.traffickers.cash.sum()
    total[Account.GUARDS] += world.guards.cash.sum()
    return total


def check_people(world: World, population: int) -> None:
    """Everyone is in one status, and the counts agree with a recount of the rows."""
    if int(world.stock.sum()) != population or int(world.stock.min()) < 0:
        raise AuditError(
            f"month {world.month - 1}: {int(world.stock.sum())} of {population} people"
        )
    n = int(world.roster.rows[0])
    rows = world.rows
    recount = np.zeros_like(world.stock)
    cells = (rows.status[:n], rows.home[:n], rows.sex[:n], rows.cls[:n])
    np.add.at(recount, tuple(column.astype(np.int64) for column in cells), 1)
    for status in list(Status)[1:]:
        if not np.array_equal(recount[status], world.stock[status]):
            raise AuditError(f"month {world.month - 1}: recount of {status.name.lower()} differs")
    by_sector = np.bincount(rows.sector[:n][rows.status[:n] == Status.CHINA], minlength=256)
    if not np.array_equal(by_sector[: len(world.sectors.stock)], world.sectors.stock):
        raise AuditError(f"month {world.month - 1}: recount of people in China by sector differs")
    if len(np.unique(rows.uid[:n])) != n:
        raise AuditError(f"month {world.month - 1}: a resident has two rows")
    assert recount.shape[2:] == (len(Sex), len(Class))


def check_money(before: I64, world: World, ledger: I64) -> None:
    """Each kind's balances changed by its net flow in the month's ledger."""
    change = balances(world) - before
    net = ledger.sum(axis=0) - ledger.sum(axis=1)
    for account in Account:
        if change[account] != net[account]:
            raise AuditError(
                f"month {world.month - 1}: {account.name.lower()} changed by "
                f"{change[account]}, the ledger says {net[account]} (KRW thousand)"
            )
    if int(ledger.min()) < 0:
        raise AuditError(f"month {world.month - 1}: a payment is negative")
