"""What this machine offers: memory, processors, room on disk, as far as the system tells."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

_NO_LIMIT = 1 << 60
"""Limits above are how a control group says that it has none."""


@dataclass(frozen=True)
class Memory:
    """Bytes of memory; None where the system does not tell.

    Attributes
    ----------
    total, available
        Of the machine; what could be had now without swapping.
    limit, used
        Of the tightest control group this process is in (a container, a batch job).
    """

    total: int | None
    available: int | None
    limit: int | None
    used: int | None

    @property
    def free(self) -> int | None:
        """Bytes that a run could have now; None when nothing is known."""
        bounds = [] if self.available is None else [self.available]
        if self.limit is not None:
            bounds.append(max(0, self.limit - (self.used or 0)))
        return min(bounds, default=self.total)


def memory(root: Path = Path("/")) -> Memory:
    """Measure memory.

    Parameters
    ----------
    root
        Where ``proc`` and ``sys`` are.

    Returns
    -------
    Memory
        On systems without ``/proc``, the machine's total alone.
    """
    known = _meminfo(root / "proc/meminfo")
    total = known.get("MemTotal")
    if total is None and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit, used = _control_group(root)
    return Memory(total, known.get("MemAvailable"), limit, used)


def resident(root: Path = Path("/")) -> int:
    """Measure the memory this process has.

    Parameters
    ----------
    root
        Where ``proc`` is.

    Returns
    -------
    int
        Bytes; 0 where the system does not tell.
    """
    pages = _read(root / "proc/self/statm").split()[1:2]
    return int(pages[0]) * os.sysconf("SC_PAGE_SIZE") if pages else 0


def _meminfo(path: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in _read(path).splitlines():
        name, _, rest = line.partition(":")
        number = rest.split()
        if number and number[0].isdigit():
            found[name] = int(number[0]) * 1024
    return found


def _control_group(root: Path) -> tuple[int | None, int | None]:
    """Limit and use of the tightest group from this process's own up to the top."""
    tightest: tuple[int | None, int | None] = (None, None)
    for line in _read(root / "proc/self/cgroup").splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers == "":  # version 2: one tree for all
            top, names = root / "sys/fs/cgroup", ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            limit, used = (_number(folder / name) for name in names)
            if used is not None:
                used = max(0, used - _cached(folder / "memory.stat"))
            if limit is not None and (tightest[0] is None or limit < tightest[0]):
                tightest = (limit, used)
            if folder == top:
                break
    return tightest


def _cached(path: Path) -> int:
    """Bytes of files that the system keeps in memory and gives up when it is short."""
    fields = dict(line.split()[:2] for line in _read(path).splitlines() if " " in line)
    return int(fields.get("total_inactive_file") or fields.get("inactive_file") or 0)


def _number(path: Path) -> int | None:
    text = _read(path).strip()
    number = int(text) if text.isdigit() else None
    return number if number is not None and number < _NO_LIMIT else None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def processors() -> tuple[int, int]:
    """Processors of the machine, and those that this process may use."""
    there = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else there
    return there, usable


@dataclass(frozen=True)
class Disk:
    """Where results would go.

    Attributes
    ----------
    folder
        The folder asked for, or the nearest one above it that exists.
    free
        Bytes that may still be written there.
    refusal
        Why nothing can be written there; None if something can.
    """

    folder: Path
    free: int
    refusal: str | None


def disk(folder: Path) -> Disk:
    """Measure the disk under a folder, and whether it takes a file.

    Parameters
    ----------
    folder
        It need not exist, and is not made.

    Returns
    -------
    Disk
        Found out by writing an empty file that has no name or loses it at once:
        permission bits say nothing about read-only disks and network shares.
    """
    nearest = folder.absolute()
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir():
        return Disk(nearest, 0, "it is a file, not a folder")
    refusal = None
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        refusal = error.strerror or str(error)
    return Disk(nearest, shutil.disk_usage(nearest).free, refusal)
