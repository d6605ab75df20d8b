"""What the measurements were taken on and with: never a host's or a user's name."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding

from bordersim._jit import engine_hash

ROOT = Path(__file__).parent.parent
PACKAGES = ("bordersim", "numpy", "numba", "llvmlite", "mesa")
MEASURED = ("src", "scenarios", "benchmarks/*.py", "benchmarks/cases", "requirements")


def processor() -> str:
    """Model of the processor, as the system names it, and as the compiler does."""
    model = platform.processor() or platform.machine()
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", listing.read_text(), re.MULTILINE)
        model = found.group(1).strip() if found else model
    return f"{model} ({llvmlite.binding.get_host_cpu_name()})"


def cores() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_gb() -> float:
    """Memory of the machine, in GB (2**30 bytes)."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def kernel_release() -> str:
    """System and the number of its kernel, without what its builder appended."""
    number = re.match(r"[0-9.]+", platform.release())
    return f"{platform.system()} {number.group(0).rstrip('.') if number else ''}".strip()


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stdout.strip()


def commit() -> str:
    """Commit of the checkout, and whether what is measured differs from it."""
    name = _git("rev-parse", "--short=10", "HEAD") or "unknown"
    changed = _git("status", "--porcelain", "--", *MEASURED)
    return f"{name} with uncommitted changes" if changed else name


def facts() -> dict[str, Any]:
    """Everything about the machine and the software that the report states."""
    return {
        "machine": {
            "processor": processor(),
            "cores": cores(),
            "memory_gb": round(memory_gb(), 1),
            "system": kernel_release(),
            "load_before": round(os.getloadavg()[0], 2),
        },
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "commit": commit(),
        "engine": engine_hash(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
