"""The river as a row of cards: sectors in order, drawn as a scheme and never as a map."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bordersim.app.readings import Stretch
from bordersim.app.words import html, plain, share

WIDTH, HEIGHT = 120, 96
WATER = (34, 58)
POSTS = 12
"""Places along a card for wire posts, and for cameras: each stands for a twelfth."""

LEGEND = (
    ("arrow", "people who crossed, a year; wider for more"),
    ("caught", "people caught at the river, a year; larger for more"),
    ("wire", "share behind wire"),
    ("camera", "share under cameras"),
)


def river_html(stretches: Sequence[Stretch], titles: Sequence[str]) -> str:
    """Draw every sector, upstream to downstream of neither: in the order of the border.

    Parameters
    ----------
    stretches
        As they stand.
    titles
        Their names for people.

    Returns
    -------
    str
        A list of cards and a legend.
    """
    most = max((_known(value) for s in stretches for value in (s.crossings, s.caught)), default=0)
    cards = "".join(_card(s, title, most) for s, title in zip(stretches, titles, strict=True))
    items = "".join(f"<li>{_symbol(name)} {html(text)}</li>" for name, text in LEGEND)
    return f'<ol class="river">{cards}</ol><ul class="legend">{items}</ul>'


def _known(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _card(stretch: Stretch, title: str, most: float) -> str:
    alt = (
        f"{title}: {plain(stretch.crossings)} crossed a year, {plain(stretch.caught)} caught, "
        f"fee {plain(stretch.fee, 2)}, wire {share(stretch.wire)}, cameras {share(stretch.cameras)}"
    )
    rows = (
        ("crossed", plain(stretch.crossings)),
        ("caught", plain(stretch.caught)),
        ("fee", plain(stretch.fee, 2)),
        ("now in China", plain(stretch.staying)),
        ("sealed", share(stretch.closed)),
    )
    told = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    return (
        f'<li><h3>{html(title)}</h3><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{html(alt)}">{_drawing(stretch, most)}</svg><dl>{told}</dl></li>'
    )


def _drawing(stretch: Stretch, most: float) -> str:
    top, bottom = WATER
    middle = (top + bottom) / 2
    water = (
        f'<rect class="water" x="0" y="{top}" width="{WIDTH}" height="{bottom - top}"/>'
        f'<path class="wave" d="M0 {middle} q15 -6 30 0 t30 0 t30 0 t30 0"/>'
    )
    banks = (
        '<text class="bank" x="4" y="12">China</text>'
        f'<text class="bank" x="4" y="{HEIGHT - 4}">North</text>'
    )
    wide = 14.0 * math.sqrt(_known(stretch.crossings) / most) if most else 0.0
    big = 11.0 * math.sqrt(_known(stretch.caught) / most) if most else 0.0
    return water + _posts(stretch) + banks + _arrow(44, wide) + _cross(84, big)


def _posts(stretch: Stretch) -> str:
    bottom, gap = WATER[1], WIDTH / POSTS
    wired, seen = (round(POSTS * value) for value in (stretch.wire, stretch.cameras))
    wires = "".join(
        f'<path class="wire" d="M{gap * i + 2:.0f} {bottom + 3} l6 7 m-6 0 l6 -7"/>'
        for i in range(wired)
    )
    cameras = "".join(
        f'<path class="camera" d="M{gap * i + 5:.0f} {bottom + 13} l4 7 h-8 z"/>'
        for i in range(seen)
    )
    return wires + cameras


def _arrow(x: float, wide: float) -> str:
    if wide <= 0.0:
        return ""
    half, head = wide / 2, wide / 2 + 4
    return (
        f'<path class="arrow" d="M{x - half:.1f} 74 V28 H{x - head:.1f} L{x} 16 '
        f'L{x + head:.1f} 28 H{x + half:.1f} V74 z"/>'
    )


def _cross(x: float, big: float) -> str:
    if big <= 0.0:
        return ""
    return (
        f'<path class="caught" d="M{x - big:.1f} {46 - big:.1f} L{x + big:.1f} {46 + big:.1f} '
        f'M{x - big:.1f} {46 + big:.1f} L{x + big:.1f} {46 - big:.1f}"/>'
    )


def _symbol(name: str) -> str:
    shapes = {
        "arrow": '<path class="arrow" d="M6 16 V8 H3 L8 1 L13 8 H10 V16 z"/>',
        "caught": '<path class="caught" d="M3 3 L13 13 M3 13 L13 3"/>',
        "wire": '<path class="wire" d="M2 4 l6 8 m-6 0 l6 -8 M9 4 l6 8 m-6 0 l6 -8"/>',
        "camera": '<path class="camera" d="M8 3 l5 10 h-10 z"/>',
    }
    return f'<svg class="symbol" viewBox="0 0 17 17" aria-hidden="true">{shapes[name]}</svg>'
