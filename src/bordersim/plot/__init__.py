"""One page of figures: a run, or several seeds, beside what was reported.

``run_page`` draws it, ``save_page`` writes it to a file. Simulated is a line, reported
a mark.
"""

from bordersim.plot.page import run_page
from bordersim.plot.saving import save_page
from bordersim.plot.sheet import Page

__all__ = ["Page", "run_page", "save_page"]
