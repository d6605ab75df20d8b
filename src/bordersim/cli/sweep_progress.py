"""Progress of a sweep on stderr: as of a batch, with the rate at which runs end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bordersim.cli.progress import Reporter

if TYPE_CHECKING:
    from bordersim.batch import Standing

_ENOUGH_SECONDS = 2.0
"""So long a rate is not told: the first runs wait for libraries and kernels."""


class SweepReporter(Reporter):
    """As ``Reporter``, with runs per second, minute or hour."""

    def __init__(self, label: str, *, quiet: bool) -> None:
        super().__init__(label, quiet=quiet)
        self._since: tuple[float, float] | None = None

    def _share(self, standing: Standing) -> str:
        share = super()._share(standing)
        now = time.perf_counter()
        if self._since is None:
            self._since = now, standing.done
        began, first = self._since
        if now - began < _ENOUGH_SECONDS or standing.done <= first:
            return share
        return f"{share}, {rate_text((standing.done - first) / (now - began))}"


def rate_text(per_second: float) -> str:
    """Rate in the unit in which it is a number of some size."""
    units = (("s", 1.0), ("min", 60.0), ("h", 3600.0))
    unit, seconds = next((u for u in units if per_second * u[1] >= 1.0), units[-1])
    rate = per_second * seconds
    return f"{rate:.{1 if rate < 10 else 0}f} runs/{unit}"
