"""Residents: who they are, and what makes them consider leaving (R1-R3)."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import mesa

from bordersim.codes import Account, Class, Lever, Sex, Status
from bordersim.rng import Stream
from bordersim.twin.choice import choose
from bordersim.twin.draws import exponential, normal, uniform
from bordersim.twin.equations import residents as r
from bordersim.twin.equations.numbers import first_above, million, thousand
from bordersim.twin.labels import LASTING, Flag, Reason

if TYPE_CHECKING:
    from bordersim.twin.model import TwinModel
    from bordersim.twin.places import Home, Sector
    from bordersim.twin.traffickers import Trafficker

_MOST_COUNTED = 250


class Resident(mesa.Agent):  # type: ignore[misc]
    """One person.

    What is below has these values until something happens to the person; an attribute of
    their own is made only then. Money (``balance``, ``debt``) is whole KRW thousand,
    ``balance`` what was received less what was spent on top of an endowment that is never
    paid out. Months count from 1995-01. ``ends`` is the end of a term or a journey.
    """

    model: TwinModel
    status = Status.HOME
    flags = 0
    """Sum of ``Flag``."""
    since = ends = 0
    left = -1
    """Month of the last crossing; -1 before any."""
    waits = known = caught = balance = debt = 0
    kin_month: int | None = None
    released: int | None = None
    sector: Sector
    seller: tuple[Trafficker, int] | None = None  # and the identity at the time
    has_row = False
    """Whether anything has happened yet; kin of the caught hear of it only then."""

    def __init__(self, model: TwinModel, uid: int) -> None:
        super().__init__(model)
        self.uid = uid

    # Who they are ---------------------------------------------------------------------

    @property
    def block(self) -> int:
        """Home and class in one number."""
        return self.uid >> 25

    @property
    def home(self) -> Home:
        """Province or camps they live in."""
        return self.model.homes[self.block // 3]

    @property
    def class_(self) -> Class:
        """Economic class."""
        return Class(self.block % 3)

    @cached_property
    def sex(self) -> Sex:
        """Sex."""
        u = uniform(self.model.luck.world(Stream.SEX, self.uid))
        return Sex.FEMALE if u < self.model.laws.population.female_share else Sex.MALE

    @cached_property
    def age_band(self) -> int:
        """Band of ``population.age_shares``, 0 to 6."""
        shares = self.model.laws.population.age_shares
        band = first_above(uniform(self.model.luck.world(Stream.AGE, self.uid)), shares)
        return len(shares) - 1 if band is None else band

    @cached_property
    def rank(self) -> float:
        """Hardship rank in home and class, uniform."""
        return uniform(self.model.luck.world(Stream.HARDSHIP, self.uid))

    @cached_property
    def tolerance(self) -> float:
        """Personal weight on risk, standard normal."""
        return normal(self.model.luck.world(Stream.TOLERANCE, self.uid))

    @cached_property
    def fortune(self) -> float:
        """Place in the wealth distribution of home and class, standard normal."""
        return normal(self.model.luck.world(Stream.WEALTH, self.uid))

    @property
    def wealth(self) -> float:
        """R2: what they own this month, KRW million."""
        home = self.home
        endowment = r.wealth(
            self.class_, home.wealth_shift, home.markets, self.fortune, self.model.laws.population
        )
        return max(0.0, endowment + million(self.balance))

    @property
    def kin_money(self) -> float:
        """What kin in the South can find for a crossing, KRW million."""
        if not self.flags & Flag.KIN:
            return 0.0
        allowed = self.model.lever(Lever.SOUTH_REMITTANCE_ALLOWED)
        return float(self.model.laws.residents.kin_money * allowed)

    # What happens to them -------------------------------------------------------------

    def move_to(self, status: Status) -> None:
        """Change status, now."""
        self.has_row = True
        self.model.change_status(self, status)
        self.status, self.since = status, self.model.month

    def return_home(self) -> None:
        """Back in the North and free: of the flags only kin and history last."""
        self.flags &= LASTING
        self.move_to(Status.HOME)

    def spend(self, payee: Account, amount: int) -> None:
        """Pay whole KRW thousand from the person's own means."""
        self.balance -= amount
        self.model.accounts.pay(Account.RESIDENTS, payee, amount)

    def experience(self, *, caught: bool) -> None:
        """R4: an outcome of one's own or of kin is known for good."""
        self.known = min(self.known + 1, _MOST_COUNTED)
        self.caught = min(self.caught + caught, _MOST_COUNTED)

    def wait_or_give_up(self, waited: int) -> None:
        """T3: after a refusal, consider again next month, but not for ever."""
        self.flags |= Flag.HISTORY
        self.waits = waited + 1 if waited < self.model.laws.residents.wait_months else 0

    # Step 4: considering to leave -----------------------------------------------------

    def consider(self) -> None:
        """Consider leaving, if this is a month for it, and choose."""
        if self.status != Status.HOME or self.uid in self.model.officials:
            return
        reason = self._reason()
        if reason is None:
            return
        plan = choose(self, reason)
        if plan is None:
            self.waits = 0
        else:
            self.has_row = True
            self.model.plans[self] = plan

    def _reason(self) -> Reason | None:
        """Why they consider leaving this month, or None."""
        points = self.model.points.get(self.uid)
        if points:
            case = self._case_intensity()
            intensity = self._base_intensity() + case
            if any(point.is_below(intensity) for point in points):
                u = uniform(self.model.luck.monthly(Stream.CASE, self.uid))
                return Reason.CASE if u * intensity < case else Reason.HARDSHIP
        if self.flags & Flag.HISTORY:
            if self.waits > 0:
                return Reason.WAITING
            if self._considers_because_of_history():
                return Reason.HISTORY
        return None

    def _base_intensity(self) -> float:
        """R3: considerations a month because of hardship, age and sex."""
        law = self.model.laws.residents
        hardship = self.home.pressure(self.class_) * self.rank
        sex = r.sex_factor(self.sex, self.home.markets, law)
        return r.base_intensity(hardship, law.age_effect[self.age_band], sex, law)

    def _case_intensity(self) -> float:
        """R3, M8: considerations a month because of cases."""
        law = self.model.laws.residents
        rate = self.model.lever(Lever.ECONOMY_CORRUPTION_CASE_RATE)
        return r.case_intensity(rate, law.case_exposure[self.class_], law)

    def _considers_because_of_history(self) -> bool:
        """R3: a second clock, for kin in the South and a release from custody."""
        law, month, effect = self.model.laws.residents, self.model.month, 0.0
        if self.kin_month is not None:
            watched = self.home.lever(Lever.NORTH_KIN_SURVEILLANCE)
            effect += r.kin_effect(month - self.kin_month, law) * r.unwatched(watched, law)
        if self.released is not None:
            effect += r.again_effect(month - self.released, law)
        added = self._base_intensity() * (math.exp(effect) - 1.0)
        waiting = exponential(self.model.luck.monthly(Stream.HISTORY, self.uid))
        return self.model.rings("considers because of history", self.uid, waiting, added)

    def pay_fee(self, trafficker: Trafficker, fee: int) -> None:
        """Kin abroad pay first, then own means; the rest is owed."""
        from_kin = min(fee, thousand(self.kin_money))
        own = min(fee - from_kin, thousand(self.wealth))
        self.model.accounts.pay(Account.KIN_ABROAD, Account.TRAFFICKERS, from_kin)
        self.spend(Account.TRAFFICKERS, own)
        trafficker.cash += from_kin + own
        self.debt = fee - from_kin - own
        self.seller = (trafficker, trafficker.identity)
