"""C2 and C3: what a Chinese resident who is met does, and what would change it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bordersim.codes import Lever, Meeting
from bordersim.explain.engine import bookkeeping, informants, rng
from bordersim.explain.flips import Line, nearest_turn
from bordersim.explain.replay import Moment
from bordersim.explain.told import Alternative, Fact, Flip
from bordersim.rng import Stream
from bordersim.state import Scene

DEEDS = {
    Meeting.IGNORE: "ignore",
    Meeting.HELP: "help",
    Meeting.REPORT: "report",
    Meeting.SEIZE: "seize",
}
"""What each is called."""

SAID = {
    Meeting.IGNORE: "is passed by",
    Meeting.HELP: "is helped",
    Meeting.REPORT: "is reported",
    Meeting.SEIZE: "is seized",
}
"""What is said of who is met."""

REPORT_BOUNTY, CAPTURE_BOUNTY, FINE = "bounty for a report", "bounty for a capture", "helper's fine"
_DEED_OF = {REPORT_BOUNTY: Meeting.REPORT, CAPTURE_BOUNTY: Meeting.SEIZE, FINE: Meeting.HELP}


@dataclass(frozen=True)
class Informant:
    """A Chinese border resident and one meeting.

    Attributes
    ----------
    law
        Parameters of group informants.
    number
        Index in the crowd of the sector.
    income, sympathy
        KRW million a month; utility.
    kin
        Whether with kin across the river.
    aware, norm
        Of the sector, 0 to 1.
    tolerance, rate
        Levers: local tolerance, and KRW million for a yuan.
    yuan
        Bounty of a report, bounty of a capture, fine of a helper.
    errors
        One for each deed.
    """

    law: Any
    number: int
    income: float
    sympathy: float
    kin: bool
    aware: float
    norm: float
    tolerance: float
    rate: float
    yuan: dict[str, float]
    errors: tuple[float, float, float, float]

    @classmethod
    def met(cls, moment: Moment, scene: Scene, s: int, encounter: int) -> Informant:
        """Whoever is met at an encounter of a month."""
        act, law, levers = moment.act, moment.laws.informant, moment.act.levers

        def key(stream: Stream) -> Any:
            return rng.month_key(act.seed, stream, act.month)

        crowd = moment.land.sector.informants[s]
        number = int(
            rng.index_below(rng.draw2(key(Stream.MEETING_WHO), moment.uid, encounter), crowd)
        )
        traits = rng.draw2(rng.stream_key(act.world_seed, Stream.INFORMANT_TRAITS), s, number)
        sympathy = law.sympathy_sigma * rng.normal(rng.draw(traits, 2))
        kin = bool(rng.uniform(rng.draw(traits, 3)) < law.kin_share)
        if kin:
            sympathy += law.kin_sympathy
        bits = rng.draw2(key(Stream.MEETING_CHOICE), moment.uid, encounter)
        errors = [float(rng.gumbel(rng.draw(bits, deed))) for deed in Meeting]
        return cls(
            law=law,
            number=number,
            income=float(
                law.income_median * math.exp(law.income_sigma * rng.normal(rng.draw(traits, 1)))
            ),
            sympathy=float(sympathy),
            kin=kin,
            aware=float(bookkeeping.from_grid(scene.sectors.aware[s])),
            norm=float(bookkeeping.from_grid(scene.sectors.norm[s])),
            tolerance=float(levers[Lever.CHINA_LOCAL_TOLERANCE, s]),
            rate=float(levers[Lever.ECONOMY_EXCHANGE_RATE, s] * 1e-3),
            yuan={
                REPORT_BOUNTY: float(levers[Lever.CHINA_BOUNTY_REPORT, s]),
                CAPTURE_BOUNTY: float(levers[Lever.CHINA_BOUNTY_CAPTURE, s]),
                FINE: float(levers[Lever.CHINA_HELPER_FINE, s]),
            },
            errors=(errors[0], errors[1], errors[2], errors[3]),
        )

    def _worth(self, money: float) -> float:
        return float(informants.months_of_income(self.law.sensitivity, money, self.income))

    def utilities(self, yuan: dict[str, float] | None = None) -> dict[Meeting, float]:
        """Utility of each deed, errors included, at some bounties and fine in yuan."""
        law, yuan = self.law, self.yuan if yuan is None else yuan
        fine = self.aware * (1.0 - self.tolerance) * law.fine_probability * yuan[FINE] * self.rate
        report = self._worth(self.aware * yuan[REPORT_BOUNTY] * self.rate)
        capture = self._worth(self.aware * law.seize_success * yuan[CAPTURE_BOUNTY] * self.rate)
        norm = law.norm_effect * self.norm
        values = {
            Meeting.IGNORE: 0.0,
            Meeting.HELP: informants.help_utility(
                law.help_base, self.sympathy, self._worth(law.payment), self._worth(fine)
            ),
            Meeting.REPORT: informants.report_utility(law.report_base, norm, report, self.sympathy),
            Meeting.SEIZE: informants.seize_utility(law.seize_base, norm, capture, self.sympathy),
        }
        return {deed: float(value + self.errors[deed]) for deed, value in values.items()}

    def deed(self, yuan: dict[str, float] | None = None) -> Meeting:
        """What is done; of equals the earlier."""
        values = self.utilities(yuan)
        return max(values, key=lambda deed: values[deed])

    def flips(self) -> tuple[Flip, ...]:
        """Bounties and fine at which something else is done, what is known of them unchanged."""
        done, now = self.deed(), self.utilities()
        found = []
        for what, moved in _DEED_OF.items():
            at = self.yuan[what]
            slope = self.utilities(self.yuan | {what: at + 1000.0})[moved] - now[moved]
            slope /= 1000.0
            lines = [
                Line(DEEDS[deed], value - slope * at, slope)
                if deed == moved
                else Line(DEEDS[deed], value)
                for deed, value in now.items()
            ]
            turn = nearest_turn(lines, at)
            then, outcome = turn if turn is not None else (None, self._never(what, slope, done))
            found.append(Flip(what, "CNY", at, then, outcome))
        return tuple(found)

    def _never(self, what: str, slope: float, done: Meeting) -> str:
        if slope == 0.0:
            return "nobody here knows of it" if not self.aware else "it counts for nothing"
        return f"{DEEDS[done]} at any"

    def alternatives(self) -> tuple[Alternative, ...]:
        """Every deed with the terms of its utility."""
        law, values = self.law, self.utilities()
        norm = law.norm_effect * self.norm
        expected = self.aware * (1.0 - self.tolerance) * law.fine_probability * self.yuan[FINE]
        seize = self.aware * law.seize_success * self.yuan[CAPTURE_BOUNTY]
        terms = {
            Meeting.IGNORE: {},
            Meeting.HELP: {
                "base": law.help_base,
                "sympathy": self.sympathy,
                "money": self._worth(law.payment) - self._worth(expected * self.rate),
            },
            Meeting.REPORT: {
                "base": law.report_base,
                "sympathy": -self.sympathy,
                "norm": norm,
                "money": self._worth(self.aware * self.yuan[REPORT_BOUNTY] * self.rate),
            },
            Meeting.SEIZE: {
                "base": law.seize_base,
                "sympathy": -self.sympathy,
                "norm": norm,
                "money": self._worth(seize * self.rate),
            },
        }
        return tuple(
            Alternative(
                DEEDS[deed], DEEDS[deed],
                {name: float(value) for name, value in terms[deed].items()},
                self.errors[deed], values[deed],
            )
            for deed in Meeting
        )  # fmt: skip

    def facts(self) -> tuple[Fact, ...]:
        """Who is met, and what is known there."""
        return (
            Fact("informant", "person of the crowd", str(self.number)),
            Fact("income", "income a month", self.income, "KRW million"),
            Fact("sympathy", "sympathy", self.sympathy),
            Fact("kin_across", "kin across the river", "yes" if self.kin else "no"),
            Fact("aware", "aware of bounties and fines", self.aware, "chance"),
            Fact("norm", "norm of reporting", self.norm),
            *(Fact(what.split()[-1], what, yuan, "CNY") for what, yuan in self.yuan.items()),
        )
