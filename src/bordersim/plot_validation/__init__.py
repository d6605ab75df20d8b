"""Figures and the page of a validation."""

from bordersim.plot_validation.figures import validation_figures
from bordersim.plot_validation.page import write_page

__all__ = ["validation_figures", "write_page"]
