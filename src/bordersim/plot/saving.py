"""Pages as files: PNG, SVG or PDF, the same bytes for the same page."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure

from bordersim.errors import BordersimError
from bordersim.plot.page import run_page
from bordersim.plot.series import Runs
from bordersim.plot.style import RC
from bordersim.results import RunResults
from bordersim.study import Study

FORMATS: Mapping[str, Mapping[str, None]] = MappingProxyType(
    {
        ".png": {"Software": None},
        ".svg": {"Date": None, "Creator": None},
        ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
)
"""Suffixes, and what is left out of each file so that it does not change by the day."""

DPI = 200
"""Dots per inch of a PNG."""


def save_page(page: Figure | RunResults | Study | Runs, path: str | Path) -> Path:
    """Write a page of figures to a file, whole or not at all.

    Parameters
    ----------
    page
        A page, or a run, study or several runs to draw one from.
    path
        Ends in ``.png``, ``.svg`` or ``.pdf``; its folder is made if it is missing.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    BordersimError
        For another suffix, when the file cannot be written, or when there is nothing
        to draw.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in FORMATS:
        raise BordersimError(f'{file}: got "{file.suffix}"; a page ends in {", ".join(FORMATS)}')
    picture = io.BytesIO()
    with matplotlib.style.context(["default", dict(RC)]):
        more: dict[str, Any] = {"pil_kwargs": {"optimize": True}} if suffix == ".png" else {}
        metadata = dict(FORMATS[suffix])
        _figure(page).savefig(picture, format=suffix[1:], dpi=DPI, metadata=metadata, **more)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(picture.getvalue())
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise BordersimError(f"{file}: cannot be written: {error.strerror or error}") from error
    return file


def _figure(page: Figure | RunResults | Study | Runs) -> Figure:
    if isinstance(page, Figure):
        return page
    return page.plot() if isinstance(page, RunResults | Study) else run_page(page)
