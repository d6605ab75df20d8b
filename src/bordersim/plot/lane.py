"""The lane of dated policies above the panels: one row a group of causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from matplotlib.axes import Axes

from bordersim.codes import EPOCH_YEAR
from bordersim.plot.policies import FACTOR_TITLES, label_of
from bordersim.plot.style import INK, LEADING, MUTED, SMALL
from bordersim.plot.text import width_of
from bordersim.policies import Policy

LINE = SMALL * LEADING
"""Height of a line of labels, in points."""

GAP = 3.5
"""Between a dot and its label, and between a label and the next dot, in points."""

RIGHT, LEFT = 1, -1


@dataclass(frozen=True)
class Room:
    """Points across: ``width`` of the axis, ``margin`` right of it that labels may use."""

    width: float
    margin: float


@dataclass(frozen=True)
class Placed:
    """A policy on a line of its row, with its label right or left of its dot."""

    policy: Policy
    line: int
    side: int


@dataclass(frozen=True)
class Row:
    """Policies of one factor, and the number of lines they need."""

    factor: str
    placed: tuple[Placed, ...]
    lines: int


def rows_of_lane(policies: Sequence[Policy], span: tuple[float, float], room: Room) -> list[Row]:
    """Arrange policies in as few lines as their labels need.

    Parameters
    ----------
    policies
        In order of time.
    span
        Limits of the axis, decimal years.
    room
        For dots and for labels.
    """
    rows = []
    for factor in FACTOR_TITLES:
        members = [policy for policy in policies if policy.factor == factor]
        if members:
            tries = [
                _arranged(members, span, room, order, side)
                for order, side in product((1, -1), (RIGHT, LEFT))
            ]
            rows.append(min(tries, key=lambda placed: placed.lines))
    return rows


def height_of(rows: Sequence[Row]) -> float:
    """Height of the lane in points."""
    return LINE * sum(row.lines for row in rows) + 3.0 * len(rows)


def draw_lane(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw dots at the start of policies, bars over ramps and limited lives, and labels."""
    height = height_of(rows)
    axes.set_ylim(height, 0)
    top = 0.0
    for index, row in enumerate(rows):
        if index % 2 == 0:
            bottom = top + LINE * row.lines + 3.0
            axes.axhspan(top, bottom, color="#F4F4F4", linewidth=0, zorder=0)
        axes.annotate(
            FACTOR_TITLES[row.factor],
            (0, top + (LINE * row.lines + 3.0) / 2),
            (-6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            gid=f"factor: {row.factor}",
            annotation_clip=False,
        )
        for placed in row.placed:
            _draw_policy(axes, placed, top + 1.5 + LINE * (placed.line + 0.5))
        top += LINE * row.lines + 3.0


def _draw_policy(axes: Axes, placed: Placed, y: float) -> None:
    policy = placed.policy
    start, end = _life(policy)
    if end > start:
        axes.plot(
            [start, end],
            [y + 3.8] * 2,
            color=MUTED,
            linewidth=1.2,
            solid_capstyle="butt",
            gid=f"lasts: {policy.id}",
        )
    axes.plot([start], [y], marker="o", markersize=2.6, color=INK, gid=f"policy: {policy.id}")
    axes.annotate(
        label_of(policy),
        (start, y),
        (GAP * placed.side, -0.3),
        textcoords="offset points",
        ha="left" if placed.side == RIGHT else "right",
        va="center_baseline",
        gid=f"policy label: {policy.id}",
        annotation_clip=False,
    )


def _life(policy: Policy) -> tuple[float, float]:
    """Start of a policy, and end of its ramp or of its limited life, in decimal years."""
    start = EPOCH_YEAR + policy.start / 12
    if policy.until is None:
        return start, start + policy.ramp / 12
    return start, EPOCH_YEAR + (policy.until + 1) / 12


def _arranged(
    members: Sequence[Policy], span: tuple[float, float], room: Room, order: int, first: int
) -> Row:
    """Put each label on the first line with room, trying one side before the other."""
    lines: list[list[tuple[float, float]]] = []
    placed = []
    for policy in members[::order]:
        x, end = ((at - span[0]) / (span[1] - span[0]) * room.width for at in _life(policy))
        reach = width_of(label_of(policy)) + 2 * GAP
        extents = {RIGHT: (x - 2.0, max(x + reach, end + 2)), LEFT: (x - reach, max(x, end) + 2)}
        inside = {RIGHT: x + reach <= room.width + room.margin, LEFT: x - reach >= -3.0}
        sides = [side for side in (first, -first) if inside[side]] or [first]
        line, side = _slot(lines, extents, sides)
        if line == len(lines):
            lines.append([])
        lines[line].append(extents[side])
        placed.append(Placed(policy, line, side))
    return Row(members[0].factor, tuple(placed), len(lines))


def _slot(
    lines: Sequence[Sequence[tuple[float, float]]],
    extents: Mapping[int, tuple[float, float]],
    sides: Sequence[int],
) -> tuple[int, int]:
    """First line and side where an extent overlaps none; a new line if need be."""
    for line, taken in enumerate(lines):
        for side in sides:
            low, high = extents[side]
            if all(high <= begin or end <= low for begin, end in taken):
                return line, side
    return len(lines), sides[0]
