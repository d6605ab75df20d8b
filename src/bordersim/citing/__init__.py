"""What a result rests on: evidence, sources and assumptions of a scenario or a run."""

from bordersim.citing.citation import Citation, cite

__all__ = ["Citation", "cite"]
