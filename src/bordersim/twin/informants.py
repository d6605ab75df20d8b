"""Informants: residents of the far bank, met one meeting at a time (C2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from bordersim.codes import Lever, Meeting
from bordersim.rng import Stream
from bordersim.twin.draws import draw, gumbel, normal, uniform
from bordersim.twin.equations import china as c

if TYPE_CHECKING:
    from bordersim.twin.model import TwinModel
    from bordersim.twin.places import Sector


class Informant(mesa.Agent):  # type: ignore[misc]
    """One of the crowd of a sector; becomes an object when first met.

    ``income`` is KRW million a month, ``sympathy`` in units of utility.
    """

    model: TwinModel

    def __init__(self, model: TwinModel, sector: Sector, index: int) -> None:
        super().__init__(model)
        self.sector, self.index = sector, index
        law = model.laws.informants
        bits = model.luck.world(Stream.INFORMANT_TRAITS, sector.index, index)
        self.income = law.income_median * math.exp(law.income_sigma * normal(draw(bits, 1)))
        self.sympathy = law.sympathy_sigma * normal(draw(bits, 2))
        if uniform(draw(bits, 3)) < law.kin_share:
            self.sympathy += law.kin_sympathy

    def meets(self, uid: int, encounter: int) -> Meeting:
        """What this informant does about a person from the North."""
        law, sector = self.model.laws.informants, self.sector
        aware = sector.awareness
        fine = aware * sector.enforcement * law.fine_probability
        fine *= sector.yuan(Lever.CHINA_HELPER_FINE)
        report = aware * sector.yuan(Lever.CHINA_BOUNTY_REPORT)
        seize = aware * law.seize_success * sector.yuan(Lever.CHINA_BOUNTY_CAPTURE)
        utility = {
            Meeting.IGNORE: 0.0,
            Meeting.HELP: c.help_utility(
                self.sympathy, self._worth(law.payment), self._worth(fine), law
            ),
            Meeting.REPORT: c.report_utility(sector.norm, self._worth(report), self.sympathy, law),
            Meeting.SEIZE: c.seize_utility(sector.norm, self._worth(seize), self.sympathy, law),
        }
        bits = self.model.luck.monthly(Stream.MEETING_CHOICE, uid, encounter)
        tried = {choice: value + gumbel(draw(bits, choice)) for choice, value in utility.items()}
        return self.model.best_of(f"meeting {encounter}", uid, tried)

    def _worth(self, money: float) -> float:
        return c.months_of_income(money, self.income, self.model.laws.informants)
