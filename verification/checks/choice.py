"""What those who consider leaving choose: shares against the nested logit in closed form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bordersim.agents.residents import choose
from bordersim.codes import Lever, Mode, TraffickerStatus
from bordersim.rng import Stream
from bordersim.state import BLOCK_BITS, FLAG_KIN
from verification.battery import Battery
from verification.kernels import give_rows
from verification.keyed import draw, index_below, month_key, normal, stream_key, uniform
from verification.picture import COLOURS, GREY, key_below, label, panels
from verification.verdict import Verdict
from verification.worlds import Stage, base

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

MONTH = 130
NAMES = ("stay", "unaided", "food", "hire", "hire, way onward")
BY_CASE = 1
TASTES = {"residents.gain": 0.3, "residents.gain_food": -0.2, "residents.gain_south": 1.0,
          "residents.gain_hire": 1.2, "residents.a_fee": 1.0, "residents.a_risk": 3.0,
          "residents.case_push": 1.5}  # fmt: skip


@dataclass
class Asked:
    """People asked once, what they could choose, and what they chose.

    ``value`` holds utilities without errors: stay, unaided, food, and for each of three
    offers hiring and hiring with the way onward; what is not possible is -inf.
    """

    value: F64
    mode: I64
    option: I64  # best offer x 2, one more with the way onward, or -1
    fallback: I64  # of those who do not stay
    wealth: F64


class _Crowd:
    """Many residents of one home with their keyed traits, offers and experience."""

    def __init__(self, nest_scale: float, number: int, block: int) -> None:
        scenario = base(
            0.25,
            {"economy.market_index": 0.6, "economy.food_shortage": 0.3},
            {**TASTES, "residents.nest_scale": nest_scale, "china.start_stock": 0},
        )
        self.stage = Stage(scenario, room=number)
        self.uids = (block << BLOCK_BITS) + np.arange(number)
        self.home, self.cls = block // 3, block % 3
        stage = self.stage
        rng = np.random.default_rng(11)
        traders = stage.world.traffickers
        traders.status[:] = np.where(rng.random(len(traders)) < 0.7, TraffickerStatus.ACTIVE, 0)
        traders.generation[:] = rng.integers(1, 5, len(traders))
        traders.fee_border[:] = rng.integers(200, 4000, len(traders))
        traders.fee_interior[:] = traders.fee_border + rng.integers(0, 500, len(traders))
        traders.package[:] = rng.random(len(traders)) < 0.4
        stage.world.beliefs[self.home] = (np.array([0.12, 0.05, 0.2]) * 2**20).astype(int)
        # every other one has a past of their own
        self.rows = number // 2
        month = stage.month(0)
        world = stage.world
        give_rows(month, stage.land, stage.laws.population, world.rows, world.roster,
                  self.uids[: self.rows])  # fmt: skip
        some = world.rows[: self.rows]
        some.balance[:] = rng.integers(-500, 2000, self.rows)
        some.known_total[:] = rng.integers(0, 12, self.rows)
        some.known_caught[:] = some.known_total // 3
        some.tags[:] = np.where(rng.random(self.rows) < 0.5, FLAG_KIN, 0)
        self.case = rng.random(number) < 0.3

    def ask(self) -> Asked:
        """Let the engine decide, and write down what each could choose."""
        stage, n = self.stage, len(self.uids)
        found = stage.scratch.found
        found.uid[:n] = self.uids
        found.row[:n] = np.where(np.arange(n) < self.rows, np.arange(n), -1)
        found.reason[:n] = np.where(self.case, BY_CASE, 0)
        levers = stage.levers({Lever.SOUTH_SETTLEMENT_CASH: 20.0})
        actors_n = choose(stage.month(MONTH, levers), stage.scene(), stage.scratch, n)
        actors = stage.scratch.actors[:actors_n]
        at = np.searchsorted(self.uids, actors.uid)
        value, sellers, wealth = self._values(levers)
        mode = np.zeros(n, np.int64)
        option, fallback = np.full(n, -1), np.zeros(n, np.int64)
        mode[at], fallback[at] = actors.mode, actors.fallback
        hired = actors.mode == Mode.HIRE
        chosen = (sellers[at] == actors.seller[:, :1]) & hired[:, None]
        if not (chosen.sum(axis=1) == hired).all():
            raise AssertionError("somebody hired a trafficker whom they had not met")
        option[at] = np.where(hired, 2 * chosen.argmax(axis=1) + actors.package[:, 0], -1)
        return Asked(value, mode, option, fallback, wealth)

    def _values(self, levers: F64) -> tuple[F64, I64, F64]:
        stage, uids, n = self.stage, self.uids, len(self.uids)
        value, values = stage.scenario.parameters.value, stage.scenario.parameters.values
        land, traders = stage.land, stage.world.traffickers
        n_sectors = len(land.sector)
        reach = land.reach[self.home]
        world = stage.scenario.world_seed
        z = normal(draw(stream_key(world, Stream.WEALTH), uids))
        shift = float(land.home.wealth_shift[self.home])
        markets = levers[Lever.ECONOMY_MARKET_INDEX, n_sectors + self.home]
        own = np.exp(
            np.log(values("population.wealth_median")[self.cls]) + shift
            + value("population.wealth_market_slope") * (markets - 1.0)
            + values("population.wealth_sigma")[self.cls] * z
        )  # fmt: skip
        endowment = own.copy()
        some = stage.world.rows[: self.rows]
        known, caught, kin = (np.zeros(n) for _ in range(3))
        own[: self.rows] = np.maximum(0.0, own[: self.rows] + some.balance / 1000.0)
        known[: self.rows], caught[: self.rows] = some.known_total, some.known_caught
        allowed = levers[Lever.SOUTH_REMITTANCE_ALLOWED, n_sectors + self.home]
        kin[: self.rows] = np.where(some.tags & FLAG_KIN, value("residents.kin_money") * allowed, 0)
        sample, weight = value("residents.belief_sample"), value("residents.experience_weight")
        belief = stage.world.beliefs[self.home] / 2**20
        unaided, hire = (
            (p * sample + weight * caught) / (sample + weight * known) for p in belief[:2]
        )
        tolerance = normal(draw(stream_key(world, Stream.TOLERANCE), uids))
        dread = value("residents.a_risk") * np.exp(
            value("population.risk_tolerance_sigma") * tolerance
        )
        river, china = (value(f"residents.severity_{x}") for x in ("river", "china"))
        gain, a_fee = value("residents.gain"), value("residents.a_fee")
        u = uniform(draw(month_key(stage.seed, Stream.REACH, MONTH), uids))
        reaches = np.searchsorted(reach, u, side="right") < n_sectors
        out = np.full((n, 9), -np.inf)
        out[:, 0] = np.where(self.case, -value("residents.case_push"), 0.0)
        alone = gain - dread * (river * unaided + china * belief[2])
        out[:, 1] = np.where(reaches, alone, -np.inf)
        food = value("residents.gain_food") - dread * river * unaided
        out[:, 2] = np.where(reaches, food, -np.inf)
        sellers = self._sellers(n, reach)
        border = bool(land.home.border[self.home])
        fees = (traders.fee_border if border else traders.fee_interior) / 1000.0
        credit = value("residents.credit_share") * levers[Lever.SOUTH_SETTLEMENT_CASH, 0]
        onward_fee, months = value("china.onward_fee"), value("china.transit_direct")
        hiring = gain + value("residents.gain_hire")
        for k in range(3):
            met, fee = sellers[:, k] >= 0, fees[sellers[:, k]]
            budget = own + kin
            with np.errstate(divide="ignore", invalid="ignore"):
                plain = hiring + a_fee * np.log(1.0 - fee / budget)
                plain -= dread * (river * hire + china * belief[2])
                onward = hiring + value("residents.gain_south")
                onward = onward + a_fee * np.log(1.0 - (fee + onward_fee) / (budget + credit))
                onward -= dread * (river * hire + china * belief[2] * months / 12.0)
            out[:, 3 + 2 * k] = np.where(met & (fee < budget), plain, -np.inf)
            can = met & traders.package[sellers[:, k]].astype(bool)
            can &= fee + onward_fee < budget + credit
            out[:, 4 + 2 * k] = np.where(can, onward, -np.inf)
        return out, sellers, endowment

    def _sellers(self, n: int, reach: F64) -> I64:
        """Place of the trafficker of each of three offers, or -1; each counts once."""
        stage = self.stage
        sectors, status = stage.land.sector, stage.world.traffickers.status
        key = month_key(stage.seed, Stream.OFFER, MONTH)
        probes = int(stage.scenario.parameters.value("traffickers.probes"))
        sellers = np.full((n, 3), -1)
        for offer in range(3):
            bits = draw(key, self.uids, offer)
            s = np.searchsorted(reach, uniform(bits), side="right")
            somewhere = s < len(sectors)
            s = np.minimum(s, len(sectors) - 1)
            for probe in range(probes):
                j = sectors.pool_start[s] + index_below(draw(bits, probe), sectors.pool_size[s])
                take = somewhere & (sellers[:, offer] < 0) & (status[j] == TraffickerStatus.ACTIVE)
                sellers[take, offer] = j[take]
        for offer in (1, 2):
            for earlier in range(offer):
                again = sellers[:, offer] == sellers[:, earlier]
                sellers[again, offer] = -1
        return sellers


def nested_logit(value: F64, nest_scale: float) -> F64:
    """Choice probabilities: three alternatives alone, six in a nest; (people, 9)."""
    with np.errstate(over="ignore"):
        alone = np.exp(value[:, :3])
        inside = np.exp(value[:, 3:] / nest_scale)
        total = inside.sum(axis=1)
        nest = total**nest_scale
        share = np.divide(inside, total[:, None], where=total[:, None] > 0,
                          out=np.zeros_like(inside))  # fmt: skip
        whole = alone.sum(axis=1) + nest
        return np.concatenate([alone, share * nest[:, None]], axis=1) / whole[:, None]


def chosen(asked: Asked) -> I64:
    """Column of ``Asked.value`` that each person chose."""
    return np.where(asked.mode == Mode.HIRE, 3 + asked.option, asked.mode)


def shares(
    quick: bool, out: Path | None, nest_error: float = 1.0, gumbel_scale: float = 1.0
) -> Verdict:
    """Shares of every alternative by wealth, offers and reason, for three nests.

    The closed form is told a dissimilarity and a scale of the errors that are so many
    times the true ones.
    """
    battery, people = Battery(), 0
    shown: list[tuple[float, F64, F64, F64]] = []
    for nest_scale in (0.2, 0.5, 0.9):
        for block in (0, 4):
            crowd = _Crowd(nest_scale, 30_000 if quick else 150_000, block)
            asked = crowd.ask()
            people += len(crowd.uids)
            p = nested_logit(asked.value / gumbel_scale, nest_scale * nest_error)
            option = chosen(asked)
            name = f"nest {nest_scale}, block {block}"
            _compare(battery, name, (p, option), asked, crowd.case)
            if block == 0:
                shown.append((nest_scale, asked.wealth, p, option))
    if out is not None:
        _draw(out, shown)
    return battery.verdict(
        "Do explicit keyed errors give the nested logit, alternative by alternative?",
        f"{people:,} decisions in 6 worlds, each with up to 9 alternatives",
        "choice.png",
    )


def _compare(
    battery: Battery, name: str, found: tuple[F64, I64], asked: Asked, case: NDArray[np.bool_]
) -> None:
    p, option = found
    n_offers = np.isfinite(asked.value[:, 3:]).sum(axis=1)
    rank = np.argsort(np.argsort(asked.wealth)) * 20 // len(p)
    for what, group in (("wealth", rank), ("offers that can be paid", n_offers),
                        ("reason", case.astype(int))):  # fmt: skip
        for k in range(9):
            size = int(group.max()) + 1
            seen = np.bincount(group, option == k, size)
            battery.sums(f"{name}: alternative {k} by {what}", seen, np.bincount(group, p[:, k],
                         size), np.bincount(group, p[:, k] * (1 - p[:, k]), size))  # fmt: skip
    # the best of the alternatives outside the nest is independent of what beats it
    weight = np.exp(asked.value[:, :3])
    weight /= weight.sum(axis=1, keepdims=True)
    hired = asked.mode == Mode.HIRE
    for k in range(3):
        q = weight[hired, k]
        battery.z(f"{name}: fallback {k} of those who hire",
                  float((asked.fallback[hired] == k).sum()), float(q.sum()),
                  float((q * (1 - q)).sum()))  # fmt: skip


def _draw(out: Path, shown: list[tuple[float, F64, F64, I64]]) -> None:
    merged = (0, 1, 2, 3, 4, 3, 4, 3, 4)
    with panels(out / "choice.png", len(shown)) as axes:
        for ax, (nest_scale, wealth, p, option) in zip(axes, shown, strict=True):
            parts = np.array_split(np.argsort(wealth), 20)
            x = [np.median(wealth[part]) for part in parts]
            for k, name in enumerate(NAMES):
                columns = [c for c in range(9) if merged[c] == k]
                law = [p[part][:, columns].sum(axis=1).mean() for part in parts]
                seen = [np.isin(option[part], columns).mean() for part in parts]
                ax.semilogx(x, law, "-", lw=1, color=COLOURS[k])
                ax.semilogx(x, seen, "o", ms=2.5, color=COLOURS[k], label=name)
            label(ax, f"nest scale {nest_scale}", "wealth, KRW million",
                  "share choosing" if ax is axes[0] else "", legend=False)  # fmt: skip
            ax.set_ylim(0)
        axes[0].plot([], [], "-", lw=1, color=GREY, label="closed form")
        axes[0].plot([], [], "o", ms=2.5, color=GREY, label="engine")
        key_below(axes, axes[0])


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    yield shares(quick, out)


PLANTED = {
    "Gumbel errors of scale 0.9": lambda: [shares(True, None, gumbel_scale=0.9)],
    "nest dissimilarity a fifth off": lambda: [shares(True, None, nest_error=0.8)],
}
