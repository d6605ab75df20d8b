"""Two scenarios beside one another: paired effects, and what became of each person.

``Comparison`` holds paired differences with their errors, ``Ledger`` the matrix of
fates in A against fates in B. Both are reached through ``study.compare``.
"""

from bordersim.comparing.comparison import Comparison
from bordersim.comparing.ledger import Ledger
from bordersim.comparing.pairing import Pair, Side, compare

__all__ = ["Comparison", "Ledger", "Pair", "Side", "compare"]
