"""Keyed draws: uniform, and unrelated across neighbours, streams, months and seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bordersim.codes import LAST_MONTH
from bordersim.rng import Stream
from bordersim.state import BLOCK_BITS
from verification import keyed
from verification.battery import Battery, exact
from verification.kernels import fill_uniform, fill_uniform_2
from verification.picture import BLUE, GREY, ORANGE, label, panels
from verification.verdict import Verdict

F64 = NDArray[np.float64]
Source = Callable[[int, Stream, int, int, int], F64]
"""Draws of a stream: how many, stream, month (-1: none), seed, first key."""

CELLS = 4096
PART = 50_000
FIRST = 3 << BLOCK_BITS
"""Keys are consecutive from here on, as uids of a block are."""


def engine(n: int, stream: Stream, month: int, seed: int, first: int = FIRST) -> F64:
    """As the kernels draw them."""
    out = np.zeros(n)
    fill_uniform(out, seed, int(stream), month, first)
    return out


def same_bits() -> Verdict:
    """The kernels' draws and docs/draws.md written in numpy."""
    worst, n = 0.0, 2000
    for stream in Stream:
        for month in (-1, 0, 263):
            key = keyed.stream_key(7, stream)
            key = keyed.draw(key, month) if month >= 0 else key
            uids = FIRST + np.arange(n)
            worst = max(worst, np.abs(engine(n, stream, month, 7)
                                      - keyed.uniform(keyed.draw(key, uids))).max())  # fmt: skip
            out = np.zeros(n)
            fill_uniform_2(out, 7, int(stream), month, FIRST, 5)
            two = keyed.uniform(keyed.draw(key, uids, 5))
            worst = max(worst, float(np.abs(out - two).max()))
    return exact("Are the kernels' draws those of docs/draws.md?", worst, 0.0, "the same bits",
                 f"{len(Stream)} streams, {6 * n * len(Stream):,} draws")  # fmt: skip


def uniformity(number: int, source: Source, out: Path | None) -> Verdict:
    """High bits, low bits, tails and clumps of every stream."""
    battery, scores, tails = Battery(), [], np.zeros(2)
    for stream in Stream:
        high, low = np.zeros(CELLS, np.int64), np.zeros(1024, np.int64)
        sums = []
        for part in range(number // PART):
            u = source(PART, stream, 100, 1, FIRST + part * PART)
            high += np.bincount((u * CELLS).astype(np.int64), minlength=CELLS)
            low += np.bincount((u * 2.0**40).astype(np.int64) & 1023, minlength=1024)
            tails += (u < 2.0**-14).sum(), (u > 1.0 - 2.0**-14).sum()
            sums.append(u.reshape(-1, 50).sum(axis=1))
        for what, counts in (("4096 cells", high), ("low bits", low)):
            battery.shares(f"{stream.name}: {what}", counts, np.full(len(counts), counts.mean()))
        # twice the root of a Poisson count is nearly normal even far out (Anscombe)
        scores.extend(2.0 * (np.sqrt(high + 0.375) - np.sqrt(high.mean() + 0.125)))
        blocks = np.concatenate(sums)
        battery.z(f"{stream.name}: mean", float(blocks.sum()), 25.0 * len(blocks),
                  50 / 12 * len(blocks))  # fmt: skip
        # sums of fifty neighbours spread as sums of independent draws do; kurtosis -1.2/50
        law = 50 / 12
        battery.z(f"{stream.name}: spread of fifty neighbours", float(((blocks - 25) ** 2).mean()),
                  law, law**2 * (2 - 1.2 / 50) / len(blocks))  # fmt: skip
    total = len(Stream) * (number // PART) * PART
    for name, seen in zip(("below", "above 1 less"), tails, strict=True):
        battery.binomial(f"draws {name} 2^-14", int(seen), total, 2.0**-14)
    if out is not None:
        _draw(out, np.array(scores), _matrix(min(number, 200_000), source))
    return battery.verdict(
        "Is every stream uniform, in its high bits, its low bits and its tails?",
        f"{len(Stream)} streams, {total:,} draws",
        "draws.png",
    )


def _standard(u: F64) -> F64:
    return (u - 0.5) * np.sqrt(12.0)


def _folded(u: F64) -> F64:
    """Distance from the middle, standardised: sees what a correlation of signs does not."""
    return (np.abs(u - 0.5) - 0.25) * np.sqrt(48.0)


def _matrix(number: int, source: Source) -> F64:
    """Correlations of all pairs of streams at the same keys, standardised."""
    total = np.zeros((len(Stream), len(Stream)))
    for part in range(number // PART):
        z = np.stack([_standard(source(PART, stream, 100, 1, FIRST + part * PART))
                      for stream in Stream])  # fmt: skip
        total += z @ z.T
    return total / np.sqrt(number // PART * PART)


def _pairs(battery: Battery, what: str, scores: F64) -> None:
    """Many nearly independent standard scores, together and by the largest."""
    battery.add(f"{what}: {len(scores):,} correlations together",
                float(stats.chi2.sf((scores**2).sum(), len(scores))))  # fmt: skip
    largest = 2.0 * float(stats.norm.sf(np.abs(scores).max())) * len(scores)
    battery.add(f"{what}: the largest of {len(scores):,}", min(1.0, largest))


def neighbours(number: int, source: Source) -> Verdict:
    """The next key, the household, the chunk, and the numbers drawn under one key."""
    battery = Battery()
    n = number // PART * PART
    lags = (1, 2, 3, 4, 50, 64, 1024)
    far = (65_536, 1 << BLOCK_BITS)
    for fold, name in ((_standard, "values"), (_folded, "distances from the middle")):
        scores = []
        for stream in Stream:
            here = np.concatenate([fold(source(PART, stream, 100, 1, FIRST + k * PART))
                                   for k in range(n // PART // 4 or 1)])  # fmt: skip
            scores.extend(
                float((here[k:] * here[:-k]).sum() / np.sqrt(len(here) - k)) for k in lags
            )
            first = here[:PART]
            scores.extend(float((first * fold(source(PART, stream, 100, 1, FIRST + k))).sum()
                                / np.sqrt(PART)) for k in far)  # fmt: skip
        _pairs(battery, f"{len(lags) + len(far)} lags, {name}", np.array(scores))
    u = source(n, Stream.CHOICE, 100, 1, FIRST)
    square = np.bincount(
        (u[1::2] * 64).astype(int) * 64 + (u[::2] * 64).astype(int), minlength=4096
    )
    battery.shares("pairs of neighbours fill the square", square, np.full(4096, len(u) / 2 / 4096))
    return battery.verdict(
        "Do neighbouring keys have unrelated draws: the next uid, the household, the chunk, the "
        "next block?",
        f"{len(Stream)} streams, {len(lags) + len(far)} lags, up to {n // 4:,} draws each",
        "draws.png",
    )


def across(number: int, source: Source) -> Verdict:
    """All pairs of streams, of months, of seeds, of months of one stream and the next."""
    battery = Battery()
    above = np.triu_indices(len(Stream), 1)
    _pairs(battery, "pairs of streams", _matrix(number, source)[above])
    n = max(PART // 5, number // 40)
    shown = (Stream.CHOICE, Stream.THIN_KEEP, Stream.HAZARD, Stream.MEETING_GAP)
    for stream in shown:
        by_month = np.stack([_standard(source(n, stream, month, 1, FIRST))
                             for month in range(LAST_MONTH + 1)])  # fmt: skip
        months = np.triu_indices(len(by_month), 1)
        scores = (by_month @ by_month.T / np.sqrt(n))[months]
        _pairs(battery, f"pairs of months, {stream.name}", scores)
    by_seed = np.stack([_standard(source(n, Stream.CHOICE, 100, seed, FIRST))
                        for seed in range(1, 129)])  # fmt: skip
    seeds = np.triu_indices(len(by_seed), 1)
    _pairs(battery, "pairs of seeds, CHOICE", (by_seed @ by_seed.T / np.sqrt(n))[seeds])
    # the world seed is one number, the dynamics seed another: they may be equal
    scores = []
    for stream in Stream:
        one = _standard(source(n, stream, 100, 1, FIRST))
        scores.append(float((one * _standard(source(n, stream, -1, 1, FIRST))).sum() / np.sqrt(n)))
        shifted = _standard(source(n, stream, 101, 1, FIRST - 1))
        scores.append(float((one * shifted).sum() / np.sqrt(n)))
    _pairs(battery, "months against none, and one month on with the key before", np.array(scores))
    return battery.verdict(
        "Are streams, months and seeds unrelated at the same keys?",
        f"{len(Stream) * (len(Stream) - 1) // 2:,} pairs of streams x {number // PART * PART:,}; "
        f"{(LAST_MONTH + 1) * LAST_MONTH // 2:,} pairs of months x {len(shown)} x {n:,}; 8,128 "
        f"pairs of seeds x {n:,} draws",
        "draws.png",
    )


def _draw(out: Path, scores: F64, matrix: F64) -> None:
    with panels(out / "draws.png", 2) as (left, right):
        pairs = matrix[np.triu_indices(len(Stream), 1)]
        for ax, z, colour, title, x in (
            (left, scores, BLUE, "Counts in 4096 cells, all streams", "standard score of a cell"),
            (right, pairs, ORANGE, "All pairs of streams at the same keys",
             "standard score of a correlation"),
        ):  # fmt: skip
            edges = np.linspace(-5, 5, 51)
            seen = np.histogram(z, edges)[0]
            middle = (edges[1:] + edges[:-1]) / 2
            law = len(z) * np.diff(stats.norm.cdf(edges))
            ax.plot(middle, law, "-", lw=1, color=GREY, label="standard normal")
            ax.plot(middle[seen > 0], seen[seen > 0], "o", ms=3, color=colour, label="engine")
            ax.set_yscale("log")
            ax.set_ylim(0.5)
            label(ax, title, x, "number")


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    number = 2 * PART if quick else 40 * PART
    yield same_bits()
    yield uniformity(number, engine, out)
    yield neighbours(number, engine)
    yield across(number, engine)


def _biased(n: int, stream: Stream, month: int, seed: int, first: int = FIRST) -> F64:
    """One stream a little too low: u^1.05."""
    u = engine(n, stream, month, seed, first)
    return u**1.05 if stream == Stream.HAZARD else u


def _copied(n: int, stream: Stream, month: int, seed: int, first: int = FIRST) -> F64:
    """Two streams that are one."""
    return engine(n, Stream.RIVER if stream == Stream.DETECTION else stream, month, seed, first)


def _sticky(n: int, stream: Stream, month: int, seed: int, first: int = FIRST) -> F64:
    """Every sixteenth resident keeps the luck of the month before."""
    u = engine(n, stream, month, seed, first)
    if month > 0:
        u[::16] = engine(n, stream, month - 1, seed, first)[::16]
    return u


def _additive(n: int, stream: Stream, month: int, seed: int, first: int = FIRST) -> F64:
    """A key made by adding uid and month, so that the next resident lives a month behind."""
    return engine(n, stream, 0, seed, first + max(month, 0))


PLANTED: dict[str, Callable[[], Iterable[Verdict]]] = {
    "one stream biased, u^1.05": lambda: [uniformity(2 * PART, _biased, None)],
    "two streams with one number": lambda: [across(2 * PART, _copied)],
    "luck that stays a month for one in sixteen": lambda: [across(2 * PART, _sticky)],
    "keys that add uid and month": lambda: [across(2 * PART, _additive)],
}
