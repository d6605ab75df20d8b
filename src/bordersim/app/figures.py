"""The part of the page that changes with every month: table, charts and river."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bordersim.app.charts import Chart
from bordersim.app.readings import QUANTITIES, Quantity, lines, series, stretches
from bordersim.app.river import river_html
from bordersim.app.words import NOTHING, html, number, signed

if TYPE_CHECKING:
    from bordersim.app.playing import PlayedModel


def table_html(model: PlayedModel) -> str:
    """Arrivals with every harm below them: now, the baseline, the effect so far."""
    rows = "".join(
        f'<tr class="{"harm" if line.quantity.harm else "count"}" id="row-{line.quantity.key}">'
        f'<th scope="row">{html(line.quantity.title)}'
        f"<small>{html(line.quantity.unit)}</small></th>"
        f"<td>{number(line.played, line.quantity)}</td>"
        f"<td>{number(line.baseline, line.quantity)}</td>"
        f'<td class="effect">{signed(line.effect, line.quantity)}</td></tr>'
        for line in lines(model)
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("played", "baseline", "effect so far")
    )
    return (
        '<table class="now"><caption>Over the last twelve months; the effect is played minus '
        "baseline, people added up since the start, for stocks and fees as they are now. One "
        f"seed: no interval.</caption><thead><tr><td></td>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def charts_html(model: PlayedModel) -> str:
    """Every quantity over time, harms among them."""
    return f'<div class="charts">{"".join(_figure(model, one) for one in QUANTITIES)}</div>'


def _figure(model: PlayedModel, quantity: Quantity) -> str:
    played, baseline = series(model, quantity), series(model.beside, quantity)
    now, then = (
        number(float(values[-1]), quantity) if len(values) else NOTHING
        for values in (played, baseline)
    )
    scenario = model.scenario
    chart = Chart(
        title=quantity.title,
        alt=f"{quantity.title}, {quantity.unit}, to {model.month}: {now}; baseline {then}",
        played=played,
        baseline=baseline,
        first_month=scenario.start_month,
        last_month=scenario.end_month,
        moves=_moved_in(model),
    )
    kind = "harm" if quantity.harm else "count"
    return (
        f'<figure class="{kind}" id="chart-{quantity.key}"><figcaption>{html(quantity.title)}'
        f"<small>{html(quantity.unit)}</small></figcaption>{chart.svg()}</figure>"
    )


def _moved_in(model: PlayedModel) -> list[int]:
    ends = [move.until + 1 for move in model.moves.made if move.until is not None]
    return [move.start for move in model.moves.made] + ends


def river(model: PlayedModel) -> str:
    """The sectors of the played run."""
    return river_html(stretches(model), model.scenario.places.sector_titles)


def figure_key() -> str:
    """What the lines of the charts mean."""
    shapes = (
        ("played", "played", '<path class="played" d="M0 8 H26"/>'),
        ("baseline", "baseline", '<path class="baseline" d="M0 8 H26"/>'),
        ("moved", "a lever moved", '<line class="moved" x1="13" x2="13" y1="0" y2="16"/>'),
    )
    items = "".join(
        f'<li><svg class="symbol long" viewBox="0 0 26 16" aria-hidden="true">{shape}</svg> '
        f"{text}</li>"
        for _, text, shape in shapes
    )
    return f'<ul class="legend">{items}</ul>'
