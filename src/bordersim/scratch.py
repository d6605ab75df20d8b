"""Room that kernels use within a month, and tables made once for a run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bordersim.state import F64, I16, I32, I64, U8, Records

OFFERS = 6
"""Room for offers in one decision (upper end of residents.offers_met)."""

ACTOR = np.dtype(
    [
        ("uid", np.int64),
        ("row", np.int64),
        ("seller", np.int32, (OFFERS,)),  # best first
        ("served", np.int32),  # trafficker who takes them, or -1
        ("package", np.uint8, (OFFERS,)),  # 1 with the way onward
        ("mode", np.uint8),
        ("sector", np.uint8),  # where they would cross unaided
        ("fallback", np.uint8),  # best option that needs no trafficker
        ("offers", np.uint8),  # offers better than the fallback
    ],
    align=True,
)
"""A resident who does not stay this month."""

FOUND = np.dtype([("uid", np.int64), ("row", np.int32), ("reason", np.uint8)], align=True)
"""Who considers leaving this month, their row or -1, and what for."""

CALL = np.dtype(
    [
        ("at", np.float64),  # in months; what follows happens no later than 1
        ("first_meeting", np.float64),
        ("rate", np.float64),  # of meetings
        ("row", np.int64),
        ("cause", np.int64),  # whose clock rang at ``at``, 0 none
    ],
    align=True,
)
"""Someone in China to whom something happens this month."""

SPELL = np.dtype(
    [
        (name, np.float64)
        for name in (
            "kin_log",  # log factor on considering, since kin arrived
            "again_log",  # the same since release
            "kin_most",  # their exponentials
            "again_most",
            "still_at_border",  # chance of not having moved inland
            "not_settled",  # onward hazard against that of newcomers
        )
    ]
)
"""What so many months do; the last place stands for never."""


class Scratch(NamedTuple):
    """Tables made once, and room that kernels use within a month and nobody after it."""

    found: Records  # FOUND
    actors: Records  # ACTOR, in no order that matters
    calls: Records  # CALL
    tags: U8  # (AHEAD,)
    left: I16  # (AHEAD,)
    arrived: I32  # rows of this month's arrivals
    points: I32  # (points of a layer,) numbers of points worth a look
    heights: F64  # the same points' heights
    bounds: F64  # (sexes, rank bins) on the intensity in one block
    edges: F64  # (blocks,) draws below these ring no clock
    marked: U8  # (chunk,) already found in this chunk
    marks: I64  # (chunk,)
    counts: F64  # (layers, n) distribution of the number of points
    pieces: I64  # (layers,)
    age_factor: F64  # (age bands,) on the intensity of considering
    spells: Records  # SPELL, (months + 2,)
    utility: F64  # (OFFERS,)
    seller: I64  # (OFFERS,)
    package: U8  # (OFFERS,)
    kin: I64  # uids of one person's kin
