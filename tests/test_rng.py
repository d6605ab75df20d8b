"""Draws: the same bits everywhere, uniform, independent, with the stated moments.

Every statistical test names its sample and how often a sound generator would fail
it; all draws are keyed, so a test that passes once passes always.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from draw_kernels import (
    EXPONENTIAL,
    GUMBEL,
    NEST,
    NORMAL,
    drawn,
    fill_bits,
    fill_index,
    fill_mixed,
    fill_permuted,
    new_rounds,
    table,
)
from scipy import stats

from bordersim.rng import Stream

TESTS = Path(__file__).parent
GOLDEN = (TESTS / "golden" / "draws.txt").read_text().splitlines()
ALARM = 1e-5
"""How often one check alarms on a sound generator."""

Z = float(stats.norm.isf(ALARM / 2))


def parts(line: str) -> tuple[str, list[str]]:
    """What a golden line names, and its values."""
    name, values = line.split(": ")
    return name, values.split()


def test_draws_are_those_of_the_golden_file() -> None:
    assert len(GOLDEN) == len(table())
    for now, kept in zip(map(parts, table()), map(parts, GOLDEN), strict=True):
        if "x" not in kept[1][0]:
            assert now == kept
            continue
        # another system's logarithm may differ in the last bit, its integers may not
        assert now[0] == kept[0]
        floats = [[float.fromhex(value) for value in values] for values in (now[1], kept[1])]
        np.testing.assert_allclose(*floats, rtol=1e-14)


def test_draws_without_the_compiler_are_the_same_bits() -> None:
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, str(TESTS / "draw_kernels.py")],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == table()


def test_the_mixer_is_the_finaliser_of_splitmix64() -> None:
    # Vigna's splitmix64.c seeded with 0 and 1234567 gives these as its first words.
    golden = 0x9E3779B97F4A7C15
    counters = np.array([golden, (2 * golden) % 2**64, 1234567 + golden], np.uint64)
    out = np.zeros(3, np.uint64)
    fill_mixed(out, counters)
    assert [int(word) for word in out] == [
        0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 6457827717110365317,
    ]  # fmt: skip


def test_streams_have_numbers_of_their_own() -> None:
    assert len({int(stream) for stream in Stream}) == len(Stream.__members__)


@pytest.mark.parametrize("stream", [Stream.SEX, Stream.CHOICE, Stream.THIN_PLACE])
def test_uniforms_are_uniform(stream: Stream) -> None:
    n, cells = 400_000, 1000
    values = drawn(n, int(stream), month=100)
    assert values.min() > 0.0
    assert values.max() < 1.0
    counts = np.bincount((values * cells).astype(int), minlength=cells)
    assert stats.chisquare(counts).pvalue > ALARM
    # the low bits carry as much as the high ones
    low = np.bincount((values * 2**40).astype(np.int64) % cells, minlength=cells)
    assert stats.chisquare(low).pvalue > ALARM


def test_every_bit_is_fair_and_no_two_words_agree() -> None:
    n = 200_000
    words = np.zeros(n, np.uint64)
    fill_bits(words, 1, int(Stream.CHOICE), 7)
    assert len(np.unique(words)) == n  # two of 200,000 agree once in 10**9
    ones = np.array([((words >> np.uint64(b)) & np.uint64(1)).sum() for b in range(64)], float)
    z = np.abs(ones - n / 2) / math.sqrt(n / 4)
    assert z.max() < stats.norm.isf(ALARM / 128)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"stream": 36, "month": 10, "shift": 1}, id="next-key"),
        pytest.param({"stream": 36, "month": 10, "shift": 65536}, id="next-chunk"),
        pytest.param({"stream": 36, "month": 11, "shift": 0}, id="next-month"),
        pytest.param({"stream": 37, "month": 10, "shift": 0}, id="next-stream"),
        pytest.param({"stream": 36, "month": 10, "shift": 0, "seed": 2}, id="next-seed"),
        pytest.param({"stream": 37, "month": 9, "shift": 1}, id="shifted-along-all"),
    ],
)
def test_neighbouring_draws_do_not_correlate(other: dict[str, int]) -> None:
    n = 200_000
    shift = other.pop("shift")
    here = drawn(n, 36, 10)
    there = drawn(n + shift, **other)[shift:]
    for one, two in ((here, there), (np.abs(here - 0.5), np.abs(there - 0.5))):
        assert abs(np.corrcoef(one, two)[0, 1]) < Z / math.sqrt(n)
    # and the pairs fill the square
    cells = np.bincount((here * 32).astype(int) * 32 + (there * 32).astype(int), minlength=1024)
    assert stats.chisquare(cells).pvalue > ALARM


@pytest.mark.parametrize("n", [1, 2, 7, 150, 600_000])
def test_an_index_is_below_its_bound_and_even(n: int) -> None:
    draws = 200_000
    out = np.zeros(draws, np.int64)
    fill_index(out, 3, int(Stream.MEETING_WHO), 30, n)
    assert out.min() >= 0
    assert out.max() < n
    cells = min(n, 100)
    counts = np.bincount(out * cells // n, minlength=cells)
    if n > 1:
        edges = np.array([-(-(c * n) // cells) for c in range(cells + 1)])
        expected = np.diff(edges) / n * draws
        assert stats.chisquare(counts, expected).pvalue > ALARM


@pytest.mark.parametrize(
    ("kind", "law"),
    [(EXPONENTIAL, stats.expon), (GUMBEL, stats.gumbel_r), (NORMAL, stats.norm)],
    ids=["exponential", "gumbel", "normal"],
)
def test_variates_follow_their_law(kind: int, law: stats.rv_continuous) -> None:
    n = 200_000
    values = drawn(n, 40, 3, kind)
    mean, variance, _, kurtosis = (float(part) for part in law.stats(moments="mvsk"))
    assert abs(values.mean() - mean) < Z * math.sqrt(variance / n)
    assert abs(values.var() - variance) < Z * variance * math.sqrt((kurtosis + 2.0) / n)
    assert stats.kstest(values, law.cdf).pvalue > ALARM


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5, 0.9, 1.0])
def test_nest_error_and_scaled_gumbel_make_a_gumbel(alpha: float) -> None:
    n = 200_000
    nest = drawn(n, int(Stream.NEST), 3, NEST, alpha=alpha)
    total = nest + alpha * drawn(n, int(Stream.CHOICE), 3, GUMBEL)
    assert stats.kstest(total, stats.gumbel_r.cdf).pvalue > ALARM


def test_explicit_errors_give_the_nested_logit() -> None:
    # Staying against three offers in a nest: closed form with inclusive value.
    n, alpha = 400_000, 0.2
    utilities = np.array([0.3, 0.1, -0.2])
    nest = drawn(n, int(Stream.NEST), 3, NEST, alpha=alpha)
    offers = np.stack(
        [u + nest + alpha * drawn(n, 100 + k, 3, GUMBEL) for k, u in enumerate(utilities)]
    )
    stay = 0.5 + drawn(n, 99, 3, GUMBEL)
    chosen = np.where(stay > offers.max(axis=0), 3, offers.argmax(axis=0))
    inclusive = alpha * np.log(np.exp(utilities / alpha).sum())
    hire = math.exp(inclusive) / (math.exp(inclusive) + math.exp(0.5))
    within = np.exp(utilities / alpha) / np.exp(utilities / alpha).sum()
    expected = np.append(hire * within, 1.0 - hire)
    assert stats.chisquare(np.bincount(chosen, minlength=4), expected * n).pvalue > ALARM


def test_one_more_like_offer_hardly_pulls_people_from_staying() -> None:
    # model.md R5: of two equal offers the second adds alpha ln 2, not ln 2.
    n, alpha = 400_000, 0.2
    nest = drawn(n, int(Stream.NEST), 4, NEST, alpha=alpha)
    stay = drawn(n, 99, 4, GUMBEL)
    one = nest + alpha * drawn(n, 100, 4, GUMBEL)
    two = np.maximum(one, nest + alpha * drawn(n, 101, 4, GUMBEL))
    staying = [float((stay > best).mean()) for best in (one, two)]
    expected = 1.0 / (1.0 + 2.0**alpha)
    assert abs(staying[0] - 0.5) < Z * 0.5 / math.sqrt(n)
    assert abs(staying[1] - expected) < Z * 0.5 / math.sqrt(n)
    assert staying[1] > 0.46  # independent errors would leave a third staying


@pytest.mark.parametrize("bits", [1, 2, 9, 14])
def test_the_keyed_permutation_is_a_bijection_and_its_partners_are_mutual(bits: int) -> None:
    n = 1 << bits
    out, back, paired = (np.zeros(n, np.int64) for _ in range(3))
    fill_permuted(out, back, paired, new_rounds(), bits, 5)
    everyone = np.arange(n)
    np.testing.assert_array_equal(np.sort(out), everyone)
    np.testing.assert_array_equal(back, everyone)
    np.testing.assert_array_equal(paired[paired], everyone)
    assert (paired != everyone).all()
