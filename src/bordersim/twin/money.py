"""Who pays whom: whole KRW thousand between kinds of holders (model.md 7, Money)."""

from __future__ import annotations

from bordersim.codes import Account


class Accounts:
    """The month's ledger, and what every kind of holder has received less paid so far."""

    def __init__(self) -> None:
        self.balance = dict.fromkeys(Account, 0)
        self.ledger: list[list[int]] = []
        self.open_month()

    def open_month(self) -> None:
        """Begin an empty ledger: rows pay, columns receive."""
        self.ledger = [[0] * len(Account) for _ in Account]

    def pay(self, payer: Account, payee: Account, amount: int) -> None:
        """Move whole KRW thousand from one kind of holder to another."""
        self.ledger[payer][payee] += amount
        self.balance[payer] -= amount
        self.balance[payee] += amount
