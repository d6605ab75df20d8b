"""What a check of the suite hands back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Verdict:
    """One question asked of the engine, and the answer.

    Attributes
    ----------
    question
        What is asked, in words a researcher would use.
    passed
        Whether the answer is within what is allowed.
    measured, allowed
        What was seen, and the bar with its reason (a false-alarm rate, a bound).
    n
        How many observations the answer rests on, in words: "2 million draws".
    figure
        Name of the picture in the output folder that shows it, or None.
    detail
        What a reader needs to follow up a failure.
    """

    question: str
    passed: bool
    measured: str
    allowed: str
    n: str = ""
    figure: str | None = None
    detail: str = ""


Check = Callable[[Path, bool], Iterable[Verdict]]
"""A check: given the folder for figures, and whether to be quick, its verdicts."""
