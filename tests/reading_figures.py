"""Reading a page of figures back: panels by letter, artists by what they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

POINT = 72
"""Points an inch: text is measured at one pixel a point."""


Mark = tuple[float, float, float, str]
"""Middle of the period in decimal years, low and high (equal for points), use."""


def panel(page: Figure, letter: str) -> Axes:
    """Panel that carries a letter."""
    (axes,) = (axes for axes in page.axes if any(text.get_text() == letter for text in axes.texts))
    return axes


def named(axes: Axes, beginning: str) -> list[Line2D | Rectangle]:
    """Lines and boxes of a panel whose id begins so, in the order drawn."""
    artists = [*axes.get_lines(), *axes.patches, *axes.collections]
    return [a for a in artists if (a.get_gid() or "").startswith(beginning)]


def curve(axes: Axes, name: str) -> Line2D:
    """Simulated line of a panel."""
    (line,) = named(axes, f"simulated: {name}")
    return line


def reported(axes: Axes) -> list[Mark]:
    """Marks of a panel, sorted."""
    found = []
    for artist in named(axes, "reported, "):
        use = artist.get_gid().split(",")[1].split(":")[0].strip()
        if isinstance(artist, Rectangle):
            (x, low), width, height = artist.get_xy(), artist.get_width(), artist.get_height()
            found.append((x + width / 2, low, low + height, use))
        else:
            xs, ys = artist.get_xdata(), artist.get_ydata()
            assert len(set(xs)) == 1
            found.append((float(xs[0]), float(min(ys)), float(max(ys)), use))
    return sorted(found)


def texts_of(page: Figure) -> list[Text]:
    """Every text that is on the page, ticks' labels within the limits only."""
    strays = {id(label) for axes in page.axes for label in _strays(axes)}
    texts = page.findobj(Text)
    return [t for t in texts if t.get_visible() and t.get_text().strip() and id(t) not in strays]


def boxes_of(page: Figure) -> list[tuple[str, Bbox]]:
    """Words and their extents in points from the lower left of the page."""
    page.set_dpi(POINT)
    canvas = FigureCanvasAgg(page)
    canvas.draw()
    renderer = canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts_of(page)]


def collisions(page: Figure, slack: float = 0.8) -> list[tuple[str, str]]:
    """Pairs of texts whose extents overlap by more than some points both ways."""
    found = []
    for (words, box), (others, other) in combinations(boxes_of(page), 2):
        shared = Bbox.intersection(box, other)
        if shared is not None and shared.width > slack and shared.height > slack:
            found.append((words, others))
    return found


def _strays(axes: Axes) -> Iterator[Text]:
    """Labels of ticks outside the limits of their axis."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)
