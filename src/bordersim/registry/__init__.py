"""Evidence: every reported figure, what it is of, who says it, and what it may be used for.

The tables of ``calibration/evidence`` are read as they stand there; ``codebook.yaml`` beside them
says what their words mean.
"""

from bordersim.registry.entries import Entry, Registry
from bordersim.registry.reading import read_registry, registry

__all__ = ["Entry", "Registry", "read_registry", "registry"]
