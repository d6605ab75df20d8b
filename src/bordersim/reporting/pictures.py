"""Figures as pictures within the page."""

from __future__ import annotations

import base64
import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.reporting.content import Absent, Block, Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

_DPI = 160
_COLOURS = 160
_SHOWN = 96 * 1.15
"""Units of the page for an inch of a figure: type of 7 points is read on a screen, too."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def picture(figure: Figure, alt: str, caption: str) -> Picture:
    """Draw a figure.

    Parameters
    ----------
    figure
        Any.
    alt
        What it shows, in a sentence or two.
    caption
        How it is to be read.

    Returns
    -------
    Picture
        The same bytes for the same figure.
    """
    import matplotlib.style

    from bordersim.plot.style import RC

    drawn = io.BytesIO()
    with matplotlib.style.context(["default", dict(RC)]):
        metadata: dict[str, Any] = {"Software": None}
        figure.savefig(drawn, format="png", dpi=_DPI, metadata=metadata)
    return _picture(_lighter(drawn.getvalue()), alt, caption, _DPI)


def _lighter(data: bytes) -> bytes:
    """The same picture in few colours: a third of the bytes, and a page may hold twenty."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        few = image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        written = io.BytesIO()
        few.save(written, format="PNG", optimize=True)
    return written.getvalue()


def saved_picture(path: Path, alt: str, caption: str) -> Block:
    """Take in a picture that was drawn before; say so where it cannot be read."""
    from bordersim.plot.saving import DPI

    try:
        data = path.read_bytes()
        if not data.startswith(_SIGNATURE):
            raise ValueError("it is no PNG")
        return _picture(data, alt, caption, DPI)
    except (OSError, ValueError, struct.error) as error:
        what = error.strerror if isinstance(error, OSError) else error
        return Absent(f"{path.name} cannot be shown: {what}.")


def drawn(draw: Callable[[], Figure], alt: str, caption: str) -> Block:
    """Draw a figure; where it cannot be drawn, say why in its place."""
    from bordersim.errors import BordersimError

    try:
        return picture(draw(), alt, caption)
    except BordersimError as error:
        return Absent(f"{caption.rstrip('.')}: not drawn; {error}")


def _picture(data: bytes, alt: str, caption: str, dpi: int) -> Picture:
    width, height = struct.unpack(">II", data[16:24])
    return Picture(
        source=f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}",
        alt=alt,
        caption=caption,
        width=round(width / dpi * _SHOWN),
        height=round(height / dpi * _SHOWN),
    )
