"""The benchmarks measure what they say: draws made, events kept equal, tables rendered."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
import types
from typing import Any

import numba
import numpy as np
import pytest

import bordersim as bs
from benchmarks import plan, steps
from benchmarks.cases import agent_loop, mesa_leavers, profile_month, pure_pass
from benchmarks.cases.command import measure as time_command
from benchmarks.instrument import Stopwatch
from benchmarks.launch import CaseFailedError, run_all, run_case
from benchmarks.markdown import digits, table
from benchmarks.numbers import line_through
from benchmarks.report import PAGE, render
from benchmarks.worlds import EVENTS, NATION, expected_considerations, more_events, same_events
from bordersim.agents.residents import base_intensity, hardship_pressure, sex_factor
from bordersim.codes import Lever
from bordersim.data_files import scenarios_folder
from bordersim.laws import laws_from
from bordersim.population import block_sizes, land_of
from bordersim.scenario import Scenario
from bordersim.simulation import simulate

ROOT = scenarios_folder().parent
GOLDEN, MASK = 0x9E3779B97F4A7C15, 2**64 - 1
POPULATIONS = (1_000_000, 5_000_000, NATION)


@pytest.fixture(scope="module")
def history() -> Scenario:
    return bs.load(scenarios_folder() / "historical.yaml")


# The pass over every resident -------------------------------------------------------------


def mixed(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def drawn(key: int, a: int) -> int:
    return mixed((key + (a + 1) * GOLDEN) & MASK)


def draws_of(residents: int, months: int) -> list[int]:
    """The pass's draws by the definition of SplitMix64, without the engine."""
    stream = mixed((mixed((pure_pass.SEED * GOLDEN + 1) & MASK) + 67 * GOLDEN) & MASK)
    keys = [drawn(stream, month) for month in range(months)]
    return [drawn(key, uid) for key in keys for uid in range(residents)]


@pytest.mark.parametrize("own_limit", [False, True])
@pytest.mark.parametrize("chance", [0.001, 0.3, 0.999])
def test_the_pass_draws_for_every_resident_in_every_month(own_limit: bool, chance: float) -> None:
    residents, months = 1003, 3  # no multiple of a vector's width
    hits = pure_pass.ready_pass(residents, months, chance, own_limit)()
    if own_limit:
        below = [bits >> 32 < int(chance * 2**32) for bits in draws_of(residents, months)]
    else:
        below = [bits < int(chance * 2.0**64) for bits in draws_of(residents, months)]
    assert hits == sum(below)


def test_hits_of_the_pass_are_as_many_as_expected() -> None:
    found = pure_pass.measure(residents=2_000_000, months=4, chance=0.25)
    expected = found["hits_expected"]
    assert expected == 2_000_000
    # binomial, five standard deviations: false alarm below 1e-6
    assert abs(found["hits"] - expected) < 5 * (8e6 * 0.25 * 0.75) ** 0.5
    assert found["vector_bits"] in (64, 128, 256, 512)


# Same events in another population ---------------------------------------------------------


def test_expected_considerations_are_equal_in_every_population(history: Scenario) -> None:
    worlds = [same_events(history, residents) for residents in POPULATIONS]
    for world, residents in zip(worlds, POPULATIONS, strict=True):
        assert int(block_sizes(world).sum()) == pytest.approx(residents, abs=20)
        assert expected_considerations(world) == pytest.approx(EVENTS, rel=1e-9)
    border = [land_of(world) for world in worlds]
    for field in ("guard_size", "pool_size", "informants", "length", "far_bank"):
        values = [land.sector[field] for land in border]
        np.testing.assert_array_equal(values[0], values[-1])


def test_expected_considerations_follow_the_engines_equations(history: Scenario) -> None:
    world = same_events(history, 1_000_000).until("1995-02")
    laws, levers = laws_from(world.parameters), world.lever_paths()
    law, people = laws.intensity, laws.population
    sectors = len(world.places.sectors)
    sizes = block_sizes(world).reshape(-1, 3)
    ranks = (np.arange(400) + 0.5) / 400
    total = 0.0
    for month in range(2):
        for (home, cls), size in np.ndenumerate(sizes):
            place = sectors + home
            markets = levers[month, Lever.ECONOMY_MARKET_INDEX, place]
            pressure = hardship_pressure(
                levers[month, Lever.ECONOMY_FOOD_SHORTAGE, place],
                world.places.home["hunger_exposure"][home],
                law.class_exposure[cls], law.buffer, markets,
            )  # fmt: skip
            women = sex_factor(law.sex_base, law.sex_market, law.sex_market_half, markets)
            for share, age in zip(people.age_shares, np.exp(law.age_effect), strict=True):
                for of_sex, sex in ((people.female_share, women), (1 - people.female_share, 1.0)):
                    rates = [
                        base_intensity(law.k0_log, law.k_hardship, pressure * rank, age, sex)
                        for rank in ranks[::20]
                    ]
                    total += size * share * of_sex * float(np.mean(rates))
    # 20 ranks stand for a smooth function of all: good to a part in some hundreds
    assert expected_considerations(world) == pytest.approx(total, rel=0.04)


def test_what_happens_is_nearly_equal_too(history: Scenario) -> None:
    counts, expected = [], []
    for residents in (1_000_000, NATION):
        world = same_events(history, residents).until("1995-03")
        counts.append(float(simulate(world).value("considerers").sum()))
        expected.append(expected_considerations(world))
    assert expected[0] == pytest.approx(expected[1], rel=1e-3)
    for found, mean in zip(counts, expected, strict=True):
        # Poisson, six standard deviations; those away and waiting clients move it by a %
        assert abs(found - mean) < 6 * mean**0.5 + 0.02 * mean


def test_more_events_are_so_many_times_more(history: Scenario) -> None:
    once = expected_considerations(history)
    assert expected_considerations(more_events(history, 4.0)) == pytest.approx(4 * once)


# Peers that need nothing installed ---------------------------------------------------------


def test_the_agent_loop_keeps_its_people() -> None:
    people = agent_loop.new_people(400)
    law = agent_loop.Law(k0_log=-2.0)
    np.random.seed(3)
    shortage = np.full(agent_loop.HOMES, 0.5)
    month = agent_loop.live_a_month.py_func
    totals = np.zeros(3, int)
    for _ in range(12):
        totals += month(people, law, shortage, agent_loop.AGE_EFFECT)
    considered, crossed, arrived = totals
    status = np.bincount(people.status, minlength=4)
    assert considered > crossed > arrived > 0
    assert status[agent_loop.ARRIVED] == arrived
    assert status[agent_loop.CHINA] <= crossed - arrived
    assert status[agent_loop.CUSTODY] > 0


@pytest.mark.parametrize("shuffled", [False, True])
def test_mesas_agents_draw_every_month(shuffled: bool) -> None:
    found = mesa_leavers.measure(residents=2000, months=30, shuffled=shuffled)
    expected = 2000 * (1 - (1 - mesa_leavers.CHANCE) ** 30)
    assert abs(found["left"] - expected) < 5 * expected**0.5


# The profile -------------------------------------------------------------------------------


@numba.njit
def doubled(x):  # type: ignore[no-untyped-def]
    return 2 * x


@numba.njit
def added(total, x):  # type: ignore[no-untyped-def]
    total[0] += x


@numba.njit
def inner(total, n):  # type: ignore[no-untyped-def]
    for k in range(n):
        added(total, k)


@numba.njit
def outer(total, n):  # type: ignore[no-untyped-def]
    inner(total, n)
    if n > 2:
        added(total, 100)
    return doubled(total[0])


def test_clocks_between_kernels_change_no_result() -> None:
    module: Any = types.ModuleType("made_up")
    vars(module).update(doubled=doubled, added=added, inner=inner, outer=outer)
    stopwatch = Stopwatch(module, ("outer", "inner", "gone"))
    assert stopwatch.opened == ["outer", "inner"]
    total = np.zeros(1, np.int64)
    assert stopwatch.stand_in("outer")(total, 5) == 2 * (10 + 100)
    seconds = stopwatch.seconds()
    named = [("outer", "added"), ("outer", "doubled"), ("inner", "added")]
    assert [key for key in seconds if key[1] != "rest"] == named
    assert all(seconds[key] > 0 for key in named)
    stopwatch.reset()
    assert not any(stopwatch.seconds().values())


def test_the_profiles_rows_add_up() -> None:
    parts = profile_month.Parts()
    step = parts.timed(steps.PYTHON_PARTS["Engine.step"], lambda: sum(range(10_000)))
    parts.timed("whole", step)()
    stopwatch: Any = types.SimpleNamespace(seconds=lambda: {("act", "cross"): 0.25})
    rows = profile_month.rows_of(2.0, stopwatch, parts)
    assert sum(row[2] for row in rows) == pytest.approx(2.0)
    assert rows[0][:3] == ["act", "cross", 0.25]


def test_the_time_of_a_part_inside_another_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 1.0, 3.0, 7.0))  # outer begins, inner begins and ends, outer ends
    monkeypatch.setattr(profile_month, "time", types.SimpleNamespace(perf_counter=clock.__next__))
    parts = profile_month.Parts()
    parts.timed("outer", parts.timed("inner", lambda: None))()
    assert parts.seconds == {"inner": 2.0, "outer": 5.0}


def test_steps_names_what_the_month_has() -> None:
    month = importlib.import_module(steps.MONTH)
    engine = importlib.import_module(steps.ENGINE)
    for name in steps.OPENED:
        assert hasattr(getattr(engine, name), "py_func"), f"{name}: mend benchmarks/steps.py"
    missing = [name for name in steps.UNITS if not hasattr(month, name)]
    assert not missing, f"{missing} are no steps any more: mend benchmarks/steps.py"


# The tool ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cases", [plan.FULL, plan.quick()])
def test_every_case_has_a_measure_that_takes_its_options(cases: tuple[plan.Case, ...]) -> None:
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        module = importlib.import_module(f"benchmarks.cases.{case.module}")
        inspect.signature(module.measure).bind(**case.options)


def test_a_command_is_timed_and_a_failing_one_reported() -> None:
    found = time_command(["-c", "pass"])
    assert found["seconds"] > 0
    assert found["peak_mb"] > 1
    with pytest.raises(RuntimeError, match="no such thing"):
        time_command(["-c", "raise SystemExit('no such thing')"])


def test_a_case_that_fails_is_said_and_the_others_go_on() -> None:
    bad = plan.Case("bad", "command", {"words": ["-c", "raise SystemExit(7)"]}, rounds=3)
    good = plan.Case("good", "command", {"words": ["-c", "pass"]}, rounds=1, peers=False)
    with pytest.raises(CaseFailedError):
        run_case(bad)
    said: list[str] = []
    found = run_all([bad, good], said.append, warm=False)
    assert found["bad"]["error"]
    assert found["bad"]["runs"] == []
    assert len(found["good"]["runs"]) == 1
    assert sum("bad failed" in line for line in said) == 1


# The report --------------------------------------------------------------------------------


def whole_run(seconds: float, residents: float = 1e6, considerers: float = 1e5) -> dict[str, Any]:
    counts = dict.fromkeys(("crossings", "arrivals", "candidates", "person_months_in_china"), 1234)
    return {
        "seconds": seconds, "cpu_seconds": seconds, "peak_mb": 300.4, "residents": residents,
        "months": 100, "considerers": considerers, **counts,
    }  # fmt: skip


def results() -> dict[str, Any]:
    rows = [
        ["act", "cross", 0.3, "crossings", "crossing"],
        ["python", "everything else", 0.1, "", ""],
    ]
    one = {"plain": {"seconds": 0.4}, "clocked": {"seconds": 0.4}, "rows": rows}
    runs: dict[str, list[dict[str, Any]]] = {
        "run_1": [whole_run(0.2), whole_run(0.4), whole_run(0.3)],
        "pass": [
            {"seconds": s, "cpu_seconds": s, "agents": 1e6, "steps": 100, "vector_bits": 512}
            for s in (0.1, 0.1, 0.2)
        ],
        "mesa": [{"seconds": 4.0, "cpu_seconds": 4.0, "agents": 1000, "steps": 20}],
        "events_1": [whole_run(1.0, considerers=1e6)],
        "events_2": [whole_run(1.5, considerers=2e6)],
        "profile": [{"rounds": [one], "counts": {"crossings": 1e6}}],
        "help": [{"seconds": 0.5, "cpu_seconds": 0.5, "peak_mb": 30.0}],
    }
    cases = {name: {"options": {}, "runs": found, "error": None} for name, found in runs.items()}
    cases["starsim_1m"] = {"options": {}, "runs": [], "error": "No module named 'starsim'"}
    return {
        "quick": False, "commit": "abc", "engine": "e1", "date": "2026-01-02", "minutes": 9.5,
        "machine": {
            "processor": "Some CPU", "cores": 2, "memory_gb": 24.0, "system": "Linux 6.1",
            "load_before": 0.1, "load_after": 1.0,
        },
        "versions": {"python": "3.11"}, "cases": cases,
    }  # fmt: skip


def cells(page: str, start: str) -> list[str]:
    line = next(line for line in page.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_report_states_medians_ratios_and_what_is_missing() -> None:
    page = render(results(), figure="cost.png")
    assert "{{" not in page
    assert "![" in page
    assert cells(page, "1:1 run, 264 months")[2:] == ["0.30 (0.20-0.40) s", "yes"]
    assert cells(page, "1:1 run over the pass")[2:] == ["2.00 (1.50-4.00)", "yes"]
    assert cells(page, "`bordersim --help`")[2:] == ["0.50 s", "no"]
    # 4 s / 20,000 steps = 200,000 ns beside 2 ns in the first round
    assert cells(page, "(c) Mesa, `agents.do`")[3] == "200,000 (200,000-200,000)"
    assert cells(page, "(c) Mesa, `agents.do`")[5].startswith("100,000")
    assert cells(page, "(d) starsim, SIR")[5] in ("not measured", "No module named 'starsim'")
    assert "No module named 'starsim'" in page
    assert "Seconds = 0.50 + 500 ns for each considerer" in page
    assert cells(page, "act | cross")[2:] == ["300", "75.0%", "300 ns a crossing"]
    assert "busy" not in page
    assert "1.00 times the plain run" in re.sub(r"\s+", " ", page)


def test_a_ratio_that_misses_its_limit_and_a_quick_run_say_so() -> None:
    slow = results()
    for run in slow["cases"]["run_1"]["runs"]:
        run["seconds"] *= 10
        run["cpu_seconds"] = run["seconds"] / 2
    assert cells(render(slow), "1:1 run over the pass")[3] == "no"
    assert cells(render(slow), "1:1 run, 264 months")[3] == "no"
    assert "busy with other work: the 1:1 run had a processor 50%" in render(slow)
    page = render({**results(), "quick": True})
    assert cells(page, "1:1 run, 264 months")[3] == ""
    assert "Nothing here is a result" in page


def test_a_report_of_nothing_is_still_a_page() -> None:
    page = render({**results(), "cases": {}})
    assert page.count("not measured") > 10
    assert PAGE.read_text().splitlines()[0] == page.splitlines()[0]


def test_tables_refuse_rows_of_another_width() -> None:
    with pytest.raises(ValueError, match="2 cells under 3 heads"):
        table(("a", "b", "c"), [("1", "2")])
    assert [digits(x) for x in (0.25811, 12.34, 1234.5, 0, 123456)] == [
        "0.258", "12.3", "1,230", "0", "123,000",
    ]  # fmt: skip


def test_the_line_is_fitted_to_every_repetition() -> None:
    fit = line_through(results(), ["events_1", "events_2"], "considerers")
    assert fit is not None
    assert (fit.fixed, fit.slope * 1e9) == pytest.approx((0.5, 500))
    assert line_through(results(), ["events_1"], "considerers") is None


def test_peers_are_locked_by_hash_in_a_file_of_their_own() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    wanted = (ROOT / "requirements" / "bench.in").read_text().splitlines()
    assert {line for line in wanted if line and not line.startswith("#")} == set(extras["bench"])
    locked = (ROOT / "requirements" / "bench.txt").read_text()
    assert "://" not in locked
    assert not re.search(r"^\s*--(?!hash=)", locked, flags=re.MULTILINE)
    entries = re.split(r"^(?=[A-Za-z0-9])", locked, flags=re.MULTILINE)[1:]
    assert all(re.match(r"\S+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert {"starsim", "laser-generic"} <= {entry.split("==")[0] for entry in entries}


def test_peers_files_import_nothing_of_ours() -> None:
    for name in ("child", "starsim_sir", "laser_seir", "command"):
        tree = ast.parse((ROOT / "benchmarks" / "cases" / f"{name}.py").read_text())
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        assert not any(module.startswith("bordersim") for module in modules | names)
        ours = {module for module in modules if module.startswith("benchmarks")}
        assert ours <= {"benchmarks.cases.child"}
