"""Time and memory of whole runs: ``make bench``.

Each case runs in a fresh process with the compiled kernels already on disk: start-up
(imports, loading kernels, a tiny run) is timed apart, then the same run is repeated and
the median is reported. Peak memory is the process's own, imports included.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

SCENARIO = Path(__file__).parent.parent / "scenarios" / "historical.yaml"
CASES = ((1.0, 5), (0.3, 5), (0.1, 7))

CHILD = """
import json, resource, statistics, sys, time
started = time.perf_counter()
import bordersim as bs
from bordersim.simulation import simulate
scenario = bs.load(sys.argv[1])
simulate(scenario.scaled(0.001).until("1996-01"), 1)
ready = time.perf_counter() - started
scenario = scenario.scaled(float(sys.argv[2]))
times = []
for seed in range(1, int(sys.argv[3]) + 1):
    begun = time.perf_counter()
    run = simulate(scenario, seed)
    times.append(time.perf_counter() - begun)
print(json.dumps({
    "ready_s": ready, "times": times,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "considerers": float(run.annual("considerers").sum() * run.scale),
    "person_months_in_china": float(run.annual("stock_china").sum() * 12 * run.scale),
    "residents": 24052231 * run.scale, "months": run.n_months,
}))
"""


def main() -> None:
    """Run every case and print a table."""
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    heads = ("scale", "run s (median, min-max)", "start s", "peak MB", "ns a resident-month")
    widths = (6, 26, 8, 8, 20)
    print("".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True)))
    for scale, repeats in CASES:
        command = [sys.executable, "-c", CHILD, str(SCENARIO), str(scale), str(repeats)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        result = json.loads(done.stdout)
        times = result["times"]
        middle = statistics.median(times)
        cells = (
            f"{scale}",
            f"{middle:.2f} ({min(times):.2f}-{max(times):.2f})",
            f"{result['ready_s']:.1f}",
            f"{result['peak_mb']:.0f}",
            f"{middle / (result['residents'] * result['months']) * 1e9:.3f}",
        )
        print("".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True)))


if __name__ == "__main__":
    main()
