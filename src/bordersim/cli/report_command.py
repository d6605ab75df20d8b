"""``bordersim report``: its options. Everything heavy is imported inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bordersim.cli.options import AsJson, Quiet


def report_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Write the page here.")
    ] = Path("report.html"),
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Heading; the folder's name by default.")
    ] = None,
    attributions: Annotated[
        list[Path] | None,
        typer.Option(
            "--attribution",
            metavar="FILE",
            help="Of an attribution that does not ship; may be repeated.",
        ),
    ] = None,
    fates: Annotated[
        int,
        typer.Option(
            metavar="N", help="Follow everybody through N pairs of each comparison, run anew."
        ),
    ] = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write all that a folder of results holds as one page that needs no network.

    DIR is the folder of runs, of a sweep, a calibration, an attribution or a
    scorecard, or one that holds several of these. The page tells what was run,
    the evidence, fit, attribution, scenarios, harms and limits, and says where
    there is nothing to tell. Nothing is simulated but for --fates.
    """
    from bordersim.cli.report import Request, write_report

    request = Request(
        folder=folder,
        out=out,
        title=title,
        attributions=tuple(attributions or ()),
        fates=fates,
        as_json=as_json,
        quiet=quiet,
    )
    raise typer.Exit(write_report(request))
