"""Prices, capacity, entry and exit of traffickers, in markets that can be solved by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bordersim.agents.guards import update_going_bribe
from bordersim.agents.traffickers import close_month, match, set_prices
from bordersim.codes import Lever, Mode, Obs, TraffickerStatus
from bordersim.rng import Stream
from bordersim.scratch import ACTOR
from bordersim.state import new_links, new_traffickers, records
from verification.battery import Battery, exact
from verification.keyed import draw, month_key
from verification.picture import COLOURS, GREY, key_below, label, panels
from verification.verdict import Verdict
from verification.worlds import Stage, base

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
GRID = 2.0**-20

MARKET = {"china.start_stock": 0, "traffickers.markup_gain": 0.05, "traffickers.markup_pull": 0.02,
          "traffickers.markup_high": 1.5, "traffickers.markup_low": 0.0,
          "traffickers.capacity": 4, "traffickers.average_months": 6}  # fmt: skip
COST = {Lever.ECONOMY_MARKET_INDEX: 0.6, Lever.CHINA_PATROL_RATE: 0.03,
        Lever.CHINA_LOCAL_TOLERANCE: 0.8, Lever.CHINA_HELPER_FINE: 5000.0,
        Lever.ECONOMY_EXCHANGE_RATE: 0.17}  # fmt: skip
BRIBE = 640  # KRW thousand, paid in every deal
STAYS = {"trafficker.entry_rate": 0.0, "trafficker.exit_rate": 0.0}


def market(months: int) -> tuple[Stage, dict[str, F64]]:
    """Traffickers with so many requests a month, always the same, month after month.

    Place k of a sector is asked by k mod 7 clients, each pays 2 million over all costs,
    and every deal of the month buys consent for ``BRIBE``.
    """
    stage = Stage(base(0.5, None, MARKET), STAYS)
    world, land = stage.world, stage.land
    traders, sectors = world.traffickers, world.sectors
    traders.status[:] = TraffickerStatus.ACTIVE
    traders.generation[:] = 1
    traders.operating[:] = 50 + np.arange(len(traders)) % 90
    traders.markup[:] = int(0.5 / GRID)
    traders.crowding[:] = int(0.7 / GRID)
    sectors.danger[:] = int(0.02 / GRID)
    traders.belief[:] = int(0.05 / GRID)
    levers = stage.levers(COST)
    asked = np.arange(len(traders)) % 7
    found = {name: np.zeros((months, len(traders))) for name in ("markup", "border", "interior",
             "profit", "danger")}  # fmt: skip
    found["bribe"] = np.zeros((months, len(land.sector)))
    for t in range(months):
        month = stage.month(t, levers)
        set_prices(month, land, stage.laws, sectors, traders, world.links)
        found["border"][t], found["interior"][t] = traders.fee_border, traders.fee_interior
        found["markup"][t] = traders.markup * GRID
        traders.requests[:] = asked
        traders.earned[:] = 2000 * asked
        month.tally[Obs.DEALS, : len(land.sector), 0, 0] = 10
        month.tally[Obs.BRIBES, : len(land.sector), 0, 0] = 10
        month.tally[Obs.BRIBE_SUM, : len(land.sector), 0, 0] = 10 * BRIBE
        update_going_bribe(month, sectors, stage.laws.trafficker.bribe_half_life)
        found["bribe"][t] = sectors.bribe
        close_month(month, land, stage.laws, sectors, traders, 4)
        found["profit"][t], found["danger"][t] = traders.profit, traders.belief * GRID
    return stage, found


def solved(stage: Stage, months: int, pull: float) -> dict[str, F64]:
    """The same market in closed form: every average is a sum of decaying powers.

    Crowding nears requests/capacity with a = 1/average_months; the markup is pulled to
    its centre with ``pull`` and pushed by what crowding exceeds its target. With
    r = 1 - pull and q = 1 - a the solution is a sum of powers of r and of q.
    """
    p = stage.scenario.parameters.value
    n = len(stage.world.traffickers)
    t = np.arange(months)[:, None]
    asked = np.arange(n) % 7
    a, gain = 1.0 / p("traffickers.average_months"), p("traffickers.markup_gain")
    target, centre = p("traffickers.markup_target"), p("traffickers.markup_centre")
    goal = np.minimum(asked / 4.0, p("traffickers.crowding_most"))
    r, q = 1.0 - pull, 1.0 - a
    # m[t+1] - centre = r (m[t] - centre) + gain (goal - target) + gain (start - goal) q^(t+1)
    rest = gain * (goal - target) / pull
    slow = gain * (0.7 - goal) * q / (q - r)
    markup = centre + rest + (0.5 - centre - rest - slow) * r**t + slow * q**t
    # nobody is arrested: the sector's danger fades with its sample, the trafficker's follows it
    share = 1.0 - a * min(10.0, p("traffickers.danger_sample")) / p("traffickers.danger_sample")
    mixed = a * share * 0.02 * (share**t - q**t) / (share - q)
    danger = 0.05 * q**t + mixed
    lam = 2.0 ** (-1.0 / p("traffickers.bribe_half_life"))
    first = 1000.0 * stage.scenario.parameters.value("guards.minimum_bribe")
    bribe = BRIBE + (first - BRIBE) * lam**t
    faded = q ** (t + 1)
    profit = 2000.0 * asked * (1.0 - faded) + _first_profit(stage) * faded
    return {"markup": markup, "danger": danger, "bribe": bribe, "profit": profit}


def _first_profit(stage: Stage) -> F64:
    profit: F64 = Stage(stage.scenario, STAYS).world.traffickers.profit.astype(float)
    return profit


def posted(stage: Stage, law: dict[str, F64], border: bool) -> F64:
    """Fee = cost e^markup, KRW thousand, from the solution alone."""
    p = stage.scenario.parameters.value
    sector = stage.world.traffickers.sector.astype(int)
    slope = p("population.wealth_market_slope") * (COST[Lever.ECONOMY_MARKET_INDEX] - 1.0)
    own = np.floor((50 + np.arange(len(sector)) % 90) * np.exp(slope) + 0.5) / 1000.0
    enforced = 1.0 - COST[Lever.CHINA_LOCAL_TOLERANCE]
    fine = COST[Lever.CHINA_HELPER_FINE] * COST[Lever.ECONOMY_EXCHANGE_RATE] / 1000.0
    loss = COST[Lever.CHINA_PATROL_RATE] * p("traffickers.chinese_loss")
    chinese = p("traffickers.chinese_base") + enforced * (
        loss + p("traffickers.fine_exposure") * fine
    )
    chinese = stage.land.sector.chinese_cost[sector] * chinese
    # the bribe posted in month t is the one going at the end of t - 1
    bribe = law["bribe"] / 1000.0
    cost = bribe + chinese + own + law["danger"] * p("traffickers.penalty")
    if not border:
        cost = cost + p("traffickers.interior_surcharge") * (bribe + chinese)
    return 1000.0 * cost * np.exp(law["markup"])


def formation(quick: bool, out: Path | None, pull_error: float = 1.0) -> Iterable[Verdict]:
    """Markups, beliefs, bribes, profits and fees along the whole path, and at its end."""
    months = 120 if quick else 360
    stage, found = market(months)
    p = stage.scenario.parameters.value
    pull = p("traffickers.markup_pull")
    law = solved(stage, months, pull * pull_error)
    low, high = p("traffickers.markup_low"), p("traffickers.markup_high")
    free = (law["markup"].min(axis=0) > low) & (law["markup"].max(axis=0) < high)
    size = f"{len(free)} traffickers x {months} months"
    drift = np.abs(found["markup"] - law["markup"])[:, free].max()
    # every month rounds crowding and markup by half a step; the pulls sum what they leave
    bound = GRID * (0.5 / pull + 0.5 * p("traffickers.markup_gain") / pull * 6.0 + 1.0)
    yield exact("Does the markup converge as T2 says, to centre + gain/pull (crowding - target)?",
                float(drift), bound, "half a step of the grid a month, summed by the pulls",
                size, "prices.png")  # fmt: skip
    held = np.clip(law["markup"][-1], low, high)[~free]
    reached = np.abs(found["markup"][-1][~free] - held).max()
    yield exact("Is a markup that would leave its bounds held there?", float(reached), bound,
                "the bound itself", f"{int((~free).sum())} traffickers")  # fmt: skip
    bribe = np.abs(found["bribe"] - np.vstack([law["bribe"][1:], law["bribe"][-1:]]))[:-1].max()
    half = p("traffickers.bribe_half_life")
    yield exact("Does the going bribe near what is paid with its half-life?", float(bribe),
                0.5 / (1.0 - 2.0 ** (-1.0 / half)) + 1e-9,
                "half a KRW thousand a month, summed by the pull", size)  # fmt: skip
    profit = np.abs(found["profit"] - law["profit"]).max()
    yield exact("Is the average profit the exponential average of what was earned?", float(profit),
                0.5 * 6.0 + 1e-9, "half a KRW thousand a month, summed over six", size)  # fmt: skip
    worst = 0.0
    for kind, border in (("border", True), ("interior", False)):
        fee = posted(stage, law, border)[:, free]
        # rounding of the bribe (asked in full, and again in the surcharge), of cost and fee
        thousands = (1.7 * 0.5 / (1.0 - 2.0 ** (-1.0 / half)) + 1.0) * np.exp(law["markup"])
        slack = thousands[:, free] + 0.5 + 2.0 * bound * fee
        worst = max(worst, float((np.abs(found[kind][:, free] - fee) / slack).max()))
    yield exact("Is the posted fee cost e^markup all along the path, for both kinds of clients?",
                worst, 1.0, "in units of what rounding of bribe, markup and fee allows", size,
                "prices.png")  # fmt: skip
    if out is not None:
        _draw(out, stage, found, law, posted(stage, law, True), free)


def _draw(out: Path, stage: Stage, found, law, fee, free) -> None:  # type: ignore[no-untyped-def]
    with panels(out / "prices.png", 2) as (left, right):
        for k in range(7):
            j = int(np.flatnonzero(np.arange(len(free)) % 7 == k)[0])
            shape = law["markup"][:, j] if free[j] else np.clip(law["markup"][:, j], 0.0, 1.5)
            left.plot(shape, "-", lw=1, color=GREY)
            left.plot(np.arange(0, len(fee), 12), found["markup"][::12, j], "o", ms=2.5,
                      color=COLOURS[k], label=f"{k / 4:g}")  # fmt: skip
            if free[j]:
                right.plot(fee[:, j] / 1000, "-", lw=1, color=GREY)
                right.plot(np.arange(0, len(fee), 12), found["border"][::12, j] / 1000, "o",
                           ms=2.5, color=COLOURS[k])  # fmt: skip
        label(left, "Markup by requests per place (lines: solution)", "months", "log markup", False)
        key_below((left,), left, "requests per place")
        label(right, "Fee posted to border clients", "months", "KRW million of 2015", legend=False)


def rationing(quick: bool) -> Verdict:
    """Serving: stable, full, and a fair lottery where there are more clients than places."""
    rounds, capacity, n = (400 if quick else 4000), 3, 240
    stage = Stage(base(0.5, None, MARKET), STAYS)
    traders = stage.world.traffickers
    traders.status[:] = TraffickerStatus.ACTIVE
    traders.generation[:] = 1
    rng = np.random.default_rng(8)
    battery, blocking, lucky, single = Battery(), 0, np.zeros(n), 0
    for t in range(rounds):
        actors = records(ACTOR, n)
        actors.uid[:] = np.arange(n) + 1000 * (t % 3)
        actors.mode[:] = Mode.HIRE
        crowd = t % 10 > 0  # everybody wants the same seller, or everybody wants what they like
        actors.offers[:] = 1 if crowd else rng.integers(1, 6, n)
        actors.seller[:] = 7 if crowd else [rng.permutation(40)[:6] for _ in range(n)]
        month = stage.month(t)
        traders.requests[:] = 0
        match(month, traders, actors, n, capacity)
        if crowd:
            lucky += actors.served >= 0
            single += int((actors.served >= 0).sum())
            blocking += int((actors.served >= 0).sum() != capacity) + int(traders.requests[7] != n)
        else:
            blocking += _blocking_pairs(stage, actors, t, capacity)
    battery.add("no blocking pair, no idle place, every proposal a request",
                1.0 if blocking == 0 else 0.0)  # fmt: skip
    battery.shares("who wins, by position", lucky.reshape(24, -1).sum(1), np.ones(24) * single / 24)
    return battery.verdict(
        "Is nobody served whose place a better placed client wanted, and is the lottery fair?",
        f"{rounds} months with {n} clients; {single:,} winners among equals",
    )


def _blocking_pairs(stage: Stage, actors, t: int, capacity: int) -> int:  # type: ignore[no-untyped-def]
    key = month_key(stage.seed, Stream.LOTTERY, t)
    held: dict[int, list[int]] = {j: [] for j in range(40)}
    ticket = {}
    for a in range(len(actors)):
        for j in map(int, actors.seller[a, : actors.offers[a]]):
            ticket[a, j] = int(draw(key, int(actors.uid[a]), 4096 + j)[0])
        if actors.served[a] >= 0:
            held[int(actors.served[a])].append(a)
    bad = sum(len(clients) > capacity for clients in held.values())
    for a in range(len(actors)):
        for j in map(int, actors.seller[a, : actors.offers[a]]):
            if j == actors.served[a]:
                break
            worst = max((ticket[other, j] for other in held[j]), default=0)
            bad += len(held[j]) < capacity or ticket[a, j] < worst
    return bad


def turnover(quick: bool, out: Path | None, entry_error: float = 1.0) -> Verdict:
    """T4 with profits held: every place is a chain of two states."""
    months, places = (300 if quick else 1500), 4096
    parameters = {**MARKET, "traffickers.entry_rate": 0.1, "traffickers.exit_rate": 0.2}
    stage = Stage(base(0.5, None, parameters))
    world, p = stage.world, stage.scenario.parameters.value
    land = stage.land
    n_sectors = len(land.sector)
    size = places // n_sectors
    sector = land.sector.copy()
    sector.pool_size[:] = size
    sector.pool_start[:] = np.arange(n_sectors) * size
    land = land._replace(sector=sector)
    traders = new_traffickers(np.repeat(np.arange(n_sectors), size).astype(np.uint8))
    links = new_links(len(traders))
    levers = stage.levers(COST)
    slope = p("population.wealth_market_slope") * (COST[Lever.ECONOMY_MARKET_INDEX] - 1.0)
    outside = p("traffickers.outside_income") * np.exp(slope)
    profit = outside * np.array([0.2, 0.6, 1.0, 1.3, 2.0, 3.0])
    world.sectors.profit[:] = np.floor(1000 * profit + 0.5)
    profit = world.sectors.profit / 1000.0
    x = (profit - outside) / (p("traffickers.income_width") * outside)
    enters = p("traffickers.entry_rate") * entry_error / (1.0 + np.exp(-x))
    leaves = p("traffickers.exit_rate") / (1.0 + np.exp(x))
    active = np.zeros((months + 1, n_sectors, size), bool)
    for t in range(months):
        set_prices(stage.month(t % 372, levers)._replace(month=t), land, stage.laws,
                   world.sectors, traders, links)  # fmt: skip
        active[t + 1] = (traders.status == TraffickerStatus.ACTIVE).reshape(n_sectors, size)
    battery = Battery()
    for s in range(n_sectors):
        was, now = active[:-1, s], active[1:, s]
        battery.binomial(f"entries at profit {profit[s] / outside:.1f} w", int((~was & now).sum()),
                         int((~was).sum()), enters[s])  # fmt: skip
        battery.binomial(f"exits at profit {profit[s] / outside:.1f} w", int((was & ~now).sum()),
                         int(was.sum()), leaves[s])  # fmt: skip
        memory = 1.0 - enters[s] - leaves[s]
        share = enters[s] / (enters[s] + leaves[s])
        late = active[100:, s].mean(axis=0)  # beginnings have faded
        n = len(active) - 100
        spread = share * (1 - share) * (1 + memory) / (1 - memory) / n
        battery.z(f"share taken at profit {profit[s] / outside:.1f} w", float(late.mean()), share,
                  spread / size)  # fmt: skip
        # no memory beyond the state: who has just come leaves like anybody else
        came, went = ~was[:-1] & now[:-1], was[:-1] & ~now[:-1]
        battery.binomial(f"exits of newcomers at {profit[s] / outside:.1f} w",
                         int((came & ~now[1:]).sum()), int(came.sum()), leaves[s])  # fmt: skip
        battery.binomial(f"entries just after an exit at {profit[s] / outside:.1f} w",
                         int((went & now[1:]).sum()), int(went.sum()), enters[s])  # fmt: skip
    if out is not None:
        _draw_turnover(out, active, enters, leaves, profit / outside)
    return battery.verdict(
        "With profits held, do places fill and empty as a chain of two states (T4)?",
        f"{n_sectors * size:,} places x {months} months at six levels of profit",
        "turnover.png",
    )


def _draw_turnover(out: Path, active, enters: F64, leaves: F64, profit: F64) -> None:  # type: ignore[no-untyped-def]
    months = np.arange(0, 121)
    with panels(out / "turnover.png", 2) as (left, right):
        for s in range(len(enters)):
            share, memory = enters[s] / (enters[s] + leaves[s]), 1 - enters[s] - leaves[s]
            left.plot(months, share * (1 - memory**months), "-", lw=1, color=GREY)
            left.plot(months[::6], active[:121:6, s].mean(axis=1), "o", ms=2.5, color=COLOURS[s],
                      label=f"{profit[s]:.1f}")  # fmt: skip
        label(left, "Places taken (lines: chain)", "months", "share of places", False)
        key_below((left,), left, "profit / outside income")
        for s, colour in ((1, COLOURS[1]), (4, COLOURS[4])):
            lag = np.arange(0, 25)
            late = active[100:, s].astype(float)
            centred = late - late.mean()
            seen = [float((centred[k:] * centred[: len(centred) - k]).mean()) for k in lag]
            right.plot(lag, (1 - enters[s] - leaves[s]) ** lag, "-", lw=1, color=GREY)
            right.plot(lag, np.array(seen) / seen[0], "o", ms=2.5, color=colour)
        label(right, "Memory of a place", "months between", "correlation of being taken",
              False)  # fmt: skip


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    yield from formation(quick, out)
    yield rationing(quick)
    yield turnover(quick, out)


PLANTED = {
    "pull to the centre a fiftieth off": lambda: list(formation(True, None, pull_error=1.02)),
    "entry a tenth rarer": lambda: [turnover(True, None, entry_error=0.9)],
}
