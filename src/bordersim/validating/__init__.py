"""Validation: posterior draws against every report, patterns and bars."""

from bordersim.validating.asking import validate
from bordersim.validating.validation import Validation

__all__ = ["Validation", "validate"]
