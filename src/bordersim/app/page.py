"""The page: choose, play, move levers, look.

Mesa's ``SolaraViz`` gives play, pause, step and reset (its ``ModelController``) and the
counter by which parts of a page follow the model. Its own frame is not used: it lays
pictures out on a grid of fixed columns, which no phone can show; its parameters act only
on the next reset; and it knows one model, where an effect needs two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import reacton.ipyvuetify as v
import solara
import solara.lab
from mesa.visualization.solara_viz import ModelController
from mesa.visualization.utils import force_update, update_counter

from bordersim.app import figures
from bordersim.app.levers_panel import LeversPanel
from bordersim.app.playing import PlayedModel
from bordersim.app.style import css
from bordersim.app.words import of_scale
from bordersim.codes import EPOCH_YEAR
from bordersim.compiled import compilation_seconds, kernels_are_compiled
from bordersim.dates import month_label
from bordersim.errors import BordersimError

BEGIN: dict[str, Any] = {}
"""What a page begins with: arguments of ``PlayedModel``."""

SCALES = (0.01, 0.1, 1.0)
STEPS = {"1 month": 1, "3 months": 3, "1 year": 12}

RESPONSIBLE = (
    "For research on people in danger, not for planning enforcement: fewer arrivals is no success "
    "where harm is what holds people back. Read docs/responsible-use.md before showing any of it."
)

_compiling = threading.Lock()


@solara.component
def Page() -> None:
    """Everything: the first model is made in a thread, and the page says what it waits for."""
    solara.Title("bordersim app")
    solara.Style(css())
    chosen = solara.use_reactive(dict(BEGIN))
    model: solara.Reactive[PlayedModel | None] = solara.use_reactive(None)
    made = solara.use_reactive(0)

    def make() -> None:
        wanted = chosen.value
        with _compiling:
            fresh = PlayedModel(**wanted)
            if not kernels_are_compiled():
                PlayedModel(**wanted).step()
        if chosen.value is wanted:  # else another was asked for meanwhile
            model.value = fresh
            made.value += 1

    task = solara.lab.use_task(make, dependencies=[chosen.value])
    with solara.AppBar():
        solara.AppBarTitle("bordersim")
        solara.lab.ThemeToggle()
    with v.Html(tag="main", class_="bordersim"):
        with v.Html(tag="section", class_="control", attributes={"aria-label": "Controls"}):
            Choices(chosen.value, chosen.set)
            if model.value is not None:
                Controls(model, chosen.value).key(f"controls {made.value}")
        if task.error:
            v.Html(tag="p", class_="warned now-area", children=[_said(task.exception)])
        elif model.value is None:
            Waiting()
        else:
            Played(model.value, _mover(model)).key(f"played {made.value}")


@solara.component
def Waiting() -> None:
    """What is said until there is a model."""
    text = "Making the people ..."
    if not kernels_are_compiled():
        text = (
            f"Compiling the engine: about {compilation_seconds():.0f} seconds, once on this "
            "machine. The page goes on by itself."
        )
    with v.Html(tag="div", class_="now-area", attributes={"role": "status"}):
        v.Html(tag="p", children=[text])
        v.ProgressLinear(indeterminate=True)


def _said(error: BaseException | None) -> str:
    return str(error) if isinstance(error, BordersimError) else f"This failed: {error!r}"


def _mover(
    model: solara.Reactive[PlayedModel | None],
) -> Callable[[str, float | None], str]:
    """Give what moves a lever of the model there is; it returns what went wrong."""

    def move(lever: str, value: float | None) -> str:
        played = model.value
        assert played is not None
        try:
            if value is None:
                played.release(lever)
            else:
                played.move(lever, value)
        except BordersimError as error:
            return str(error)
        finally:
            force_update()
        return ""

    return move


@solara.component
def Choices(chosen: dict[str, Any], choose: Callable[[dict[str, Any]], None]) -> None:
    """Scenario, baseline, scale and seed: another choice begins anew.

    Parameters
    ----------
    chosen
        Arguments of ``PlayedModel``.
    choose
        Takes other ones.
    """
    names = list(PlayedModel.OFFERED)

    def set_one(key: str) -> Callable[[Any], None]:
        return lambda value: choose({**chosen, key: value})

    def set_scenario(name: str) -> None:
        same = chosen["baseline"] == chosen["scenario"]
        choose({**chosen, "scenario": name, "baseline": name if same else chosen["baseline"]})

    solara.Select("Scenario", names, chosen["scenario"], on_value=set_scenario)
    solara.Select(
        "Baseline (the same: no lever moved)",
        names,
        chosen["baseline"],
        on_value=set_one("baseline"),
    )
    with solara.Row():
        scales = sorted({*SCALES, BEGIN["scale"]})
        solara.Select("Scale", scales, chosen["scale"], on_value=set_one("scale"))
        solara.InputInt("Seed", chosen["seed"], on_value=set_one("seed"))


@solara.component
def Controls(model: solara.Reactive[PlayedModel], chosen: dict[str, Any]) -> None:
    """Mesa's play, step and reset; how far a step goes; a way to a later year.

    Parameters
    ----------
    model
        What is played; a reset replaces it.
    chosen
        What it is made from.
    """
    going_to = solara.use_reactive("")
    interval, months, threads = (solara.use_reactive(start) for start in (60, 1, False))

    def go() -> None:
        if going_to.value:
            model.value.advance(12 * (int(going_to.value) - EPOCH_YEAR), force_update)
            going_to.value = ""
            force_update()

    solara.lab.use_task(go, dependencies=[going_to.value, model.value])
    ModelController(
        model,
        model_parameters=chosen,
        play_interval=interval,
        render_interval=months,
        use_threads=threads,
    )
    first, last = (EPOCH_YEAR + m // 12 for m in _span(model.value))
    with solara.Row():
        named = {number: name for name, number in STEPS.items()}
        solara.Select(
            "A step is",
            list(STEPS),
            named[months.value],
            on_value=lambda name: months.set(STEPS[name]),
        )
        years = ["", *(str(year) for year in range(first + 1, last + 1))]
        solara.Select("Go to January", years, going_to)


def _span(model: PlayedModel) -> tuple[int, int]:
    return model.scenario.start_month, model.scenario.end_month


@solara.component
def Played(model: PlayedModel, move: Callable[[str, float | None], str]) -> None:
    """What changes with every month, and the levers.

    Parameters
    ----------
    model
        What is played.
    move
        Moves a lever and says what went wrong.
    """
    update_counter.get()
    problem, set_problem = solara.use_state("")
    with v.Html(tag="div", class_="parts"):  # of the grid around it
        with v.Html(tag="section", class_="now-area", attributes={"aria-label": "Now"}):
            Now(model)
            solara.HTML(unsafe_innerHTML=figures.table_html(model))
            v.Html(tag="p", class_="warned", children=[RESPONSIBLE])
        with v.Html(tag="section", class_="levers", attributes={"aria-label": "Levers"}):
            v.Html(tag="h2", children=["Levers"])
            v.Html(
                tag="p",
                class_="quiet",
                children=["A move acts everywhere from the coming month on; the run so far stays."],
            )
            if problem:
                v.Html(tag="p", class_="warned", attributes={"role": "alert"}, children=[problem])
            over = not model.running
            LeversPanel(model, model.world.month, over, lambda *what: set_problem(move(*what)))
            Moved(model)
        with v.Html(tag="section", class_="seen", attributes={"aria-label": "Over time"}):
            solara.HTML(unsafe_innerHTML=figures.figure_key() + figures.charts_html(model))
            v.Html(tag="h2", children=["The river, over the last twelve months"])
            solara.HTML(unsafe_innerHTML=figures.river(model))


@solara.component
def Now(model: PlayedModel) -> None:
    """The month, what is played, and what its scale does to counts."""
    update_counter.get()
    done = model.months_done
    end = month_label(model.scenario.end_month)
    says = f"{model.month}" if done else f"before {month_label(model.world.month)}"
    over = "" if model.running else ": the span is over"
    v.Html(tag="div", class_="month", attributes={"role": "status"}, children=[says + over])
    same = model.beside.scenario.name == model.chosen.name
    baseline = "the same with no lever moved" if same else model.beside.scenario.title
    v.Html(tag="p", children=[f"{model.chosen.title}, to {end}; baseline: {baseline}."])
    v.Html(tag="p", class_="quiet", children=[of_scale(model.scenario.scale)])


@solara.component
def Moved(model: PlayedModel) -> None:
    """What was moved, and the file of it."""
    update_counter.get()
    if model.moves.made:
        with v.Html(tag="ul", class_="plain"):
            for one in model.moves.made:
                end = "" if one.until is None else f" to {month_label(one.until)}"
                text = f"{one.lever} = {one.value:g} from {month_label(one.start)}{end}"
                v.Html(tag="li", children=[text])
    solara.FileDownload(
        model.to_yaml,
        filename=f"{model.moves.laid_over(model.chosen).name}.yaml",
        label="Save as YAML",
        mime_type="application/yaml",
    )
