"""Runs waiting for a worker, handed out in tasks of some seconds of work."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from bordersim.sweeping.tasks import Item, Task

SECONDS_A_TASK = 10.0
"""So much is lost at most when a worker is killed, and so rarely is a part written."""

_LEARNING = 0.2
"""Weight of the latest run in the mean of what a run takes."""


class WorkQueue:
    """Runs in the order of the plan, cut into tasks as workers ask for them.

    Parameters
    ----------
    items
        Runs to be had.
    again
        Runs to be had again: each is a task of its own.
    seconds
        What a run takes, as far as is known before the first.
    together
        Whether all runs of a seed, draw and point go to one task: they share most of a past.
    """

    def __init__(
        self,
        items: Iterable[Item],
        again: Iterable[Item],
        seconds: float,
        *,
        together: bool = False,
    ) -> None:
        self._items = deque(items)
        self._again = deque(again)
        self._alone: deque[Task] = deque()
        self._seconds = max(seconds, 1e-4)
        self._cut = self._at_a_past if together else self._at_a_seed

    def __bool__(self) -> bool:
        return bool(self._items or self._again or self._alone)

    def learn(self, seconds: float) -> None:
        """Take note of what a run took."""
        self._seconds += _LEARNING * (seconds - self._seconds)

    def take(self, n_workers: int) -> Task:
        """Give the next task: smaller towards the end, so that workers end together."""
        if self._again:
            return Task((self._again.popleft(),), again=True)
        if not self._items:
            return self._alone.popleft()
        fair = len(self._items) // (2 * n_workers)
        wanted = max(1, min(round(SECONDS_A_TASK / self._seconds), fair))
        return Task(tuple(self._items.popleft() for _ in range(self._cut(wanted))))

    def give_back(self, task: Task) -> None:
        """Put the runs of a task in front again."""
        (self._again if task.again else self._items).extendleft(reversed(task.items))

    def put_alone(self, item: Item, *, again: bool) -> None:
        """Have one run done in a task of its own, after all others."""
        self._alone.append(Task((item,), again))

    def _at_a_seed(self, wanted: int) -> int:
        """Move a cut to where a seed ends, if that is near: cells of a seed share their past."""
        most = min(len(self._items), wanted + wanted // 2)
        for size in sorted(range(wanted - wanted // 2, most + 1), key=lambda n: abs(n - wanted)):
            if 0 < size < len(self._items) and (
                self._items[size - 1].seed != self._items[size].seed
            ):
                return size
        return min(wanted, len(self._items))

    def _at_a_past(self, wanted: int) -> int:
        """Move a cut to where the scenarios of a seed, draw and point end, never before."""
        size = min(wanted, len(self._items))
        while size < len(self._items) and _past(self._items[size - 1]) == _past(self._items[size]):
            size += 1
        return size


def _past(item: Item) -> tuple[object, ...]:
    return item.seed, item.draw, item.point
