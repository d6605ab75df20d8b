"""``bordersim doctor``: whether a run would work here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table

from bordersim.cli.console import results_console
from bordersim.cli.output import ExitCode, print_json, say

if TYPE_CHECKING:
    from bordersim.doctor import Diagnosis, Finding

_NAME_WIDTH = 15


def examine(results: Path, *, clean_cache: bool, as_json: bool) -> ExitCode:
    """Print the examination, with what is amiss and what to do at the end."""
    from bordersim.doctor import as_document, diagnose

    cleaned = _clean(quiet=as_json) if clean_cache else None
    diagnosis = diagnose(results)
    if as_json:
        document = dict(as_document(diagnosis))
        print_json(document if cleaned is None else document | {"cleaned": cleaned})
    else:
        _print(diagnosis)
    return ExitCode.OK if diagnosis.works else ExitCode.RUN_FAILED


def _clean(*, quiet: bool) -> dict[str, list[str]]:
    from bordersim.kernel_cache import kernel_cache, remove

    removed, kept = remove(kernel_cache().stale)
    if not quiet:
        freed = sum(cache.size for cache in removed)
        say(f"removed {len(removed)} caches of other engines, {freed / 1e6:,.0f} MB")
        for cache in kept:
            say(f"kept {cache.folder}: written to within the hour, so perhaps in use")
    return {
        "removed": [str(cache.folder) for cache in removed],
        "kept": [str(cache.folder) for cache in kept],
    }


def _print(diagnosis: Diagnosis) -> None:
    console = results_console()
    for section in diagnosis.sections:
        if not section.lines:
            continue
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, min_width=_NAME_WIDTH)
        table.add_column(overflow="fold")
        for name, value in section.lines:
            table.add_row(name, value)
        console.print(section.title, style="bold")
        console.print(Padding(table, (0, 0, 1, 2)))
    found = diagnosis.findings
    console.print(_verdict(found), style="bold")
    for finding in found:
        console.print(f"- {finding.what}.\n  {finding.advice}.", soft_wrap=True)


def _verdict(found: tuple[Finding, ...]) -> str:
    blocking = sum(finding.blocks for finding in found)
    if blocking:
        return f"A run would not work here; {len(found)} remarks:"
    return "A run would work here" + ("; some remarks:" if found else ".")
