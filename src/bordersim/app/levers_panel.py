"""Levers by factor, each with a slider and a number, both from the coming month on."""

from __future__ import annotations

from collections.abc import Callable

import reacton.ipyvuetify as v
import solara

from bordersim.app.playing import PlayedModel
from bordersim.app.sliders import STEPS, scale_of
from bordersim.levers import FACTORS, LeverSpec

FACTOR_TITLES = {
    "guards": "Guards and police in the North",
    "barriers": "Barriers on the river",
    "china": "China",
    "markets": "Hunger, markets, money",
    "south": "The South",
}

Mover = Callable[[str, float | None], None]
"""Moves a lever to a value; None lets it follow the scenario again."""


@solara.component
def LeversPanel(model: PlayedModel, month: int, over: bool, on_move: Mover) -> None:
    """Every lever, a fold for each factor; only open folds are made.

    Parameters
    ----------
    model
        What is played.
    month
        The coming month, so that values are looked up anew.
    over
        Whether the span is over, and nothing can be moved.
    on_move
        What a move does.
    """
    opened, set_opened = solara.use_state([2])
    with v.ExpansionPanels(v_model=opened, on_v_model=set_opened, multiple=True, accordion=True):
        for at, factor in enumerate(FACTORS):
            specs = [spec for spec in model.scenario.catalogue.values() if spec.factor == factor]
            moved = sum(model.moves.in_force(spec.key) is not None for spec in specs)
            count = f" ({moved} moved)" if moved else ""
            with v.ExpansionPanel(class_=f"factor-{factor}"):
                v.ExpansionPanelHeader(children=[FACTOR_TITLES[factor] + count])
                with v.ExpansionPanelContent():
                    if at in opened:
                        for spec in specs:
                            _row(model, spec, over, on_move)


def _row(model: PlayedModel, spec: LeverSpec, over: bool, on_move: Mover) -> None:
    values = model.lever(spec.key)
    move = model.moves.in_force(spec.key)
    low, high = float(values.min()), float(values.max())
    told = f"{low:.4g}" if f"{low:.4g}" == f"{high:.4g}" else f"{low:.4g} to {high:.4g} by place"
    value = float(values.mean()) if move is None else move.value
    budget = " after the budget" if spec.budgeted and move and f"{value:.4g}" != told else ""
    LeverRow(
        spec,
        float(f"{value:.4g}"),
        f"now {told} {spec.unit}{budget}",
        move is not None,
        over,
        on_move,
    ).key(spec.key)


@solara.component
def LeverRow(
    spec: LeverSpec, value: float, told: str, moved: bool, over: bool, on_move: Mover
) -> None:
    """One lever: what it is, where it stands, a slider, a number, and the way back.

    Parameters
    ----------
    spec
        The lever.
    value
        Where slider and number stand.
    told
        What is in force in the coming month.
    moved
        Whether it is the player who set it.
    over
        Whether nothing can be moved any more.
    on_move
        What a move does.
    """
    scale = scale_of(spec)
    with v.Html(tag="div", class_="lever moved" if moved else "lever"):
        v.Html(tag="div", class_="name", children=[spec.title])
        v.Html(tag="div", class_="quiet", children=[told])
        with v.Html(tag="div", class_="row"):
            slider = v.Slider(
                v_model=scale.position(value),
                min=0,
                max=STEPS,
                dense=True,
                hide_details=True,
                disabled=over,
                aria_label=spec.title,
            )
            v.use_event(slider, "change", lambda *args: on_move(spec.key, scale.value(args[-1])))
            number = v.TextField(
                v_model=f"{value:g}",
                dense=True,
                hide_details=True,
                disabled=over,
                style_="max-width: 92px",
                attributes={"aria-label": f"{spec.title}, {spec.unit}", "data-lever": spec.key},
            )
            v.use_event(number, "change", lambda *args: on_move(spec.key, _read(args[-1], value)))
            if moved:
                solara.Button(
                    icon_name="mdi-undo",
                    icon=True,
                    small=True,
                    disabled=over,
                    on_click=lambda: on_move(spec.key, None),
                    attributes={"aria-label": f"{spec.title}: follow the scenario again"},
                )


def _read(text: object, otherwise: float) -> float:
    """Number that was typed; what was there when it is none, since the field shows it again."""
    try:
        return float(str(text).replace(",", "."))
    except ValueError:
        return otherwise
