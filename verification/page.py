"""``README.md`` of the suite, from what is in ``results.json`` and nothing else."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import table
from verification.suite import failures

QUICK = "**A quick run: everything is small. Nothing here is a result.**\n"
HEAD = """# Verification

Written by `make verify` from [results.json](results.json); edits here are overwritten.
What is asked, and why, is in [docs/verification.md](../docs/verification.md).
"""


def render(found: dict[str, Any]) -> str:
    """The whole page."""
    checks = found["checks"]
    parts = [HEAD, QUICK if found["quick"] else "", summary(found), measured_on(found)]
    for check in checks:
        parts.append(section(check))
    if any(check["planted"] for check in checks):
        parts.append(faults(checks))
    return "\n".join(part for part in parts if part)


def summary(found: dict[str, Any]) -> str:
    """How many questions, and what failed."""
    verdicts = [verdict for check in found["checks"] for verdict in check["verdicts"]]
    passed = sum(verdict["passed"] for verdict in verdicts)
    failed = failures(found["checks"])
    word = "Passed" if not failed else "FAILED"
    text = f"**{word}: {passed} of {len(verdicts)} questions, {len(found['checks'])} checks, "
    text += f"{found['minutes']:.1f} minutes.**\n"
    return text + "".join(f"\n- FAIL {line}" for line in failed) + ("\n" if failed else "")


def measured_on(found: dict[str, Any]) -> str:
    """The machine and the software, in a line."""
    machine, versions = found["machine"], found["versions"]
    software = ", ".join(f"{name} {number}" for name, number in versions.items())
    return (
        f"Measured on {found['date']}: {machine['processor']}, {machine['cores']} cores, "
        f"{machine['system']}; {software}; commit {found['commit']}, engine {found['engine']}.\n"
    )


def section(check: dict[str, Any]) -> str:
    """One check: its questions, its pictures, its table."""
    rows = [
        ("pass" if verdict["passed"] else "**FAIL**", verdict["question"], verdict["measured"],
         verdict["allowed"], verdict["n"])
        for verdict in check["verdicts"]
    ]  # fmt: skip
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    heads = ("", "question", "measured", "allowed", "observations")
    parts = [f"## {check['title']}\n", table(heads, cells, left=5), ""]
    figures = dict.fromkeys(v["figure"] for v in check["verdicts"] if v["figure"])
    parts += [f"![{check['title']}]({figure})\n" for figure in figures]
    if check["table"]:
        parts.append(check["table"])
    took = f"{check['seconds']:.0f} s, {check['processor_seconds']:.0f} of a processor"
    parts.append(f"`verification/checks/{check['name']}.py`: {took}.\n")
    return "\n".join(parts)


def faults(checks: list[dict[str, Any]]) -> str:
    """Wrong laws that must be noticed, and what noticed them."""
    rows = [
        (planted["fault"], check["name"], "yes" if planted["noticed"] else "**NO**", planted["by"])
        for check in checks
        for planted in check["planted"]
    ]
    text = "## Would a fault be noticed?\n\nWrong laws planted one at a time, in small samples.\n\n"
    return text + table(("fault", "check", "noticed", "by"), rows, left=4) + "\n"
