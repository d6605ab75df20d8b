"""Everything that a folder of results holds, as one self-contained page."""

from bordersim.reporting.api import Report, report

__all__ = ["Report", "report"]
