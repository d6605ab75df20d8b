"""Every figure of the evidence on a line: run this file to write the golden one.

A change of a figure, a unit, a kind or a use shows there as a changed line.
"""

from __future__ import annotations

from pathlib import Path

from bordersim.registry import Entry, Registry, registry

GOLDEN = Path(__file__).parent / "golden" / "evidence.txt"


def listing(evidence: Registry) -> list[str]:
    """Lines of every entry that gives a number, in order of id."""
    return sorted(_line(entry) for entry in evidence.values() if entry.is_figure)


def _line(entry: Entry) -> str:
    printed = f"{entry.reported_low:.10g}..{entry.reported_high:.10g}"
    read = f"{entry.low:.10g}..{entry.high:.10g}"
    told = printed if printed == read else f"{printed}, read as {read}"
    place = f" ({entry.place})" if entry.place else ""
    return f"{entry.id}: {entry.period}{place}: {told} {entry.unit}, {entry.kind}, {entry.use}"


if __name__ == "__main__":
    GOLDEN.write_text("\n".join(listing(registry())) + "\n", "utf-8")
