"""``bordersim compare``: find or make the runs of both sides, compare, print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.cli.option_checks import figure_problems
from bordersim.cli.output import ExitCode, print_json, report_problems, say
from bordersim.cli.progress import Reporter
from bordersim.cli.stopping import last_words
from bordersim.errors import Problem, ScenarioError, StoreError

if TYPE_CHECKING:
    from bordersim.comparing import Comparison, Ledger, Side
    from bordersim.remote_place import Place
    from bordersim.running import Options
    from bordersim.scenario import Scenario
    from bordersim.study import Study

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Request:
    """Options of the command as typed."""

    sides: tuple[str, str]
    metrics: tuple[str, ...]
    window: str | None
    cut: tuple[str | None, str | None, str | None]
    precision: str
    ledger: bool
    split: bool
    figure: Path | None
    scenarios: tuple[Path, ...]
    seeds: int
    scale: float | None
    until: str | None
    out: Place
    as_json: bool
    quiet: bool


def compare_sides(request: Request) -> ExitCode:
    """Compare what is asked for; nothing starts unless it can be."""
    from bordersim.rerun import NoScenarioError

    problems = _early_problems(request)
    try:
        sides, failed = _sides(request, problems)
        comparison = _comparison(sides, request)
    except ScenarioError as error:
        return report_problems(map(_as_typed, error.problems), as_json=request.as_json)
    except StoreError as error:
        return report_problems([Problem("A, B", "", str(error))], as_json=request.as_json)
    try:
        ledgers = _ledgers(comparison, request) if request.ledger else {}
    except NoScenarioError as error:
        return report_problems([Problem("--ledger", "", str(error))], as_json=request.as_json)
    if request.figure is not None:
        _draw(comparison, list(ledgers.values()), request.figure)
    if request.as_json:
        document = {"status": "failed" if failed else "ok"} | comparison.document(request.precision)
        told = [{"point": point, **ledger.document()} for point, ledger in ledgers.items()]
        print_json(document | {"ledgers": told})
    else:
        from bordersim.cli.compare_text import print_comparison, print_ledger

        print_comparison(comparison, request.precision)
        for point, ledger in ledgers.items():
            print_ledger(ledger, comparison.point_words(point))
    return ExitCode.RUN_FAILED if failed else ExitCode.OK


def _as_typed(problem: Problem) -> Problem:
    """Name the option that was typed instead of the argument of ``compare``."""
    if problem.where != "compare":
        return problem
    return Problem(f"--{problem.key}" if problem.key else "A, B", "", problem.message)


def outcome_problems(
    window: str | None, metrics: Sequence[str], figure: Path | None
) -> list[Problem]:
    """What is wrong with the options that say what is looked at, whatever the runs are."""
    from bordersim.comparing.pairing import read_window
    from bordersim.comparing.quantities import name_problems

    return [*read_window(window)[1], *name_problems(metrics), *figure_problems(figure)]


def _early_problems(request: Request) -> list[Problem]:
    """What is wrong whatever the runs are."""
    from bordersim.comparing.estimates import read_precision
    from bordersim.scenario import load

    problems = outcome_problems(request.window, request.metrics, request.figure)
    for path in request.scenarios:
        try:
            load(path)
        except ScenarioError as error:
            problems.extend(error.problems)
    try:
        read_precision(request.precision)
    except ScenarioError as error:
        problems.extend(error.problems)
    return problems


def _sides(request: Request, problems: list[Problem]) -> tuple[tuple[Side, Side], bool]:
    """Both sides, and whether a run of them failed; what was wrong before is raised, too."""
    files = [
        Path(text).suffix.lower() in _SUFFIXES or Path(text).is_file() for text in request.sides
    ]
    if all(files):
        if not isinstance(request.out, Path):
            message = f"got {request.out}; runs of scenario files go to a folder of this machine"
            raise ScenarioError([*problems, Problem("--out", "", message)])
        return _simulated(request, request.out, problems)
    if any(files):
        message = "one is a scenario file, the other stored runs; give two of a kind"
        problems.append(Problem("A, B", " ".join(request.sides), message))
    for option, value in (("--scale", request.scale), ("--until", request.until)):
        if value is not None:
            message = "is for scenario files; stored runs are what they are"
            problems.append(Problem(option, "", message))
    sides = [] if any(files) else _stored(request, problems)
    if problems:
        raise ScenarioError(problems)
    return (sides[0], sides[1]), False


def _simulated(
    request: Request, out: Path, problems: list[Problem]
) -> tuple[tuple[Side, Side], bool]:
    """Runs of two scenario files; what is not stored is simulated."""
    from bordersim.cli.quick import without_scipy

    with without_scipy():
        from bordersim.comparing.sides import side_of
        from bordersim.running import Options, execute, jobs_of, study_of

        options = Options(out=out)
        scenarios = _prepared(request, options, problems)
        jobs = [job for one in scenarios for job in jobs_of(one, 1, request.seeds)]
        reporter = Reporter(" and ".join(one.name for one in scenarios), quiet=request.quiet)
        kept = f"runs that ended are stored in {out} and stay there"
        with last_words(lambda: kept), reporter:
            outcomes = execute(jobs, options, reporter)
    failures = [(one.job, one.failure) for one in outcomes if one.failure is not None]
    for job, failure in failures:
        say(f"{job.scenario.name}, seed {job.seed} failed: {failure.error}")
    study = study_of(outcomes)
    a, b = (side_of(study, one.name, one) for one in scenarios)
    return (a, b), bool(failures)


def _prepared(request: Request, options: Options, problems: list[Problem]) -> list[Scenario]:
    """Load both scenarios; every problem of both, and of the options."""
    from bordersim.running import prepare, request_problems

    scenarios: list[Scenario] = []
    for text in request.sides:
        try:
            scenarios.append(prepare(text, scale=request.scale, until=request.until))
        except ScenarioError as error:
            problems.extend(error.problems)
    problems.extend(request_problems(scenarios, options, 1, request.seeds))
    if len(scenarios) == 2:
        problems.extend(_pair_problems(scenarios, request))
    if problems:
        told = (_option(problem) for problem in dict.fromkeys(problems))
        raise ScenarioError(tuple(told))
    return scenarios


def _pair_problems(scenarios: Sequence[Scenario], request: Request) -> list[Problem]:
    """What would be found wrong only after an hour of simulating."""
    from bordersim.comparing.pairing import read_window, window_problems
    from bordersim.comparing.quantities import Cut, cut_problems
    from bordersim.reports import Period

    a, b = scenarios
    window, wrong = read_window(request.window)
    covered = Period(max(a.start_month, b.start_month), min(a.end_month, b.end_month))
    found = [] if wrong else window_problems(window, covered)
    found += cut_problems(request.metrics, Cut(*request.cut), a.places.homes, a.places.sectors)
    if a.name == b.name:
        message = f'both are named "{a.name}"; give one of them another name'
        found.append(Problem("A, B", "name", message))
    if (a.scale, a.world_seed) != (b.scale, b.world_seed):
        message = "the two differ in scale or world seed: nobody would have a counterpart"
        found.append(Problem("A, B", "population", message))
    return found


def _option(problem: Problem) -> Problem:
    """Name the option of this command."""
    if problem.where in ("--replicates", "--seed"):
        return Problem("--seeds", problem.key, problem.message)
    typed = {"population.scale": "--scale", "time.end": "--until"}
    if problem.where == "--set" and problem.key in typed:
        return Problem(typed[problem.key], "", problem.message)
    return problem


def _stored(request: Request, problems: list[Problem]) -> list[Side]:
    """Two scenarios of one study in OUT, or two folders of results."""
    from bordersim.comparing.sides import side_of
    from bordersim.study import Study

    study = _study_at(request.out)
    folders = [_folder(text, request.out) for text in request.sides]
    if study is None and None in folders:
        study = _study_of_both(request)
    sides: list[Side] = []
    for text, folder in zip(request.sides, folders, strict=True):
        try:
            if study is not None and text in _names(study):
                sides.append(side_of(study, text))
            elif folder is not None:
                sides.append(side_of(Study.open(folder)))
            else:
                problems.append(Problem("A, B", text, _missing(study, request.out)))
        except StoreError as error:
            problems.append(Problem("A, B", text, str(error)))
    return sides


def _folder(text: str, out: Place) -> Path | None:
    """Folder of results that was meant, if one was."""
    places = (Path(text), out / text)
    return next((one for one in places if isinstance(one, Path) and one.is_dir()), None)


def _study_of_both(request: Request) -> Study | None:
    """The one study in OUT that holds both scenarios."""
    if not isinstance(request.out, Path):
        return None
    studies = [_study_at(path.parent) for path in sorted(request.out.glob("*/runs"))]
    found = [study for study in studies if study and {*request.sides} <= {*_names(study)}]
    return found[0] if len(found) == 1 else None


def _study_at(place: Place) -> Study | None:
    from bordersim.study import Study

    if isinstance(place, Path) and not (place / "runs").is_dir():
        return None
    try:
        return Study.open(place)
    except StoreError as error:
        raise ScenarioError([Problem("--out", str(place), str(error))]) from error


def _names(study: Study) -> list[str]:
    return sorted(set(study.cells["scenario"]))


def _missing(study: Study | None, out: Place) -> str:
    if study is not None:
        return f"no such scenario in {out}; there are {', '.join(_names(study))}"
    if not isinstance(out, Path):
        return f"{out} holds no runs"
    there = sorted(path.parent.name for path in out.glob("*/runs")) if out.is_dir() else []
    known = f"; {out} holds {', '.join(there)}" if there else ""
    return (
        f"no scenario file, no folder of results, and nothing of that name in {out}{known}; for "
        "scenarios of a sweep, name its folder with --out"
    )


def _comparison(sides: tuple[Side, Side], request: Request) -> Comparison:
    from bordersim.comparing import compare
    from bordersim.comparing.quantities import Cut

    return compare(*sides, request.metrics, request.window, Cut(*request.cut))


def _ledgers(comparison: Comparison, request: Request) -> dict[int, Ledger]:
    """Follow everybody through the runs of every pair; one ledger for each point."""
    from bordersim.batch import Standing
    from bordersim.scenario import load

    doing = "following everybody"
    reporter = Reporter(doing, quiet=request.quiet)
    before, all_runs = 0, len(comparison.pairs) * (3 if request.split else 2)

    def tell(done: int, _: int = 0) -> None:
        ended = before + done
        reporter(Standing(ended, ended, float(ended), all_runs, doing))

    scenarios = [load(path) for path in request.scenarios]
    ledgers: dict[int, Ledger] = {}
    kept = "nothing of the ledger is kept; the same command starts it again"
    with last_words(lambda: kept), reporter:
        tell(0)
        for point in comparison.points:
            ledgers[point] = comparison.ledger(
                scenarios, split=request.split, point=point, progress=tell
            )
            before += len(ledgers[point].matrices) * (3 if request.split else 2)
    return ledgers


def _draw(comparison: Comparison, ledgers: Sequence[Ledger], file: Path) -> None:
    from bordersim.plot import save_page

    written = [save_page(comparison.plot(), file)]
    for number, ledger in enumerate(ledgers):
        which = f"-{number}" if len(ledgers) > 1 else ""
        beside = file.with_name(f"{file.stem}-fates{which}{file.suffix}")
        written.append(save_page(ledger.plot(), beside))
    say(f"drawn: {', '.join(map(str, written))}")
