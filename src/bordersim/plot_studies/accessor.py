"""``study.plot``: a call draws the page of one scenario, its methods draw the study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bordersim.errors import StoreError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bordersim.scenario import Scenario
    from bordersim.study import Study

At = Mapping[str, float] | None


class StudyPlots:
    """Figures of a study, as ``plot`` of a data frame has them.

    ``at`` holds levers and parameters of the design at a value each, such as
    ``{"china.patrol_rate": 2}``.
    """

    def __init__(self, study: Study) -> None:
        self._study = study

    def __call__(self, scenario: Scenario | None = None) -> Figure:
        """One page of figures: the mean and band over runs that differ in seed alone.

        Parameters
        ----------
        scenario
            The scenario that was simulated, whose dated policies stand above the
            figures; looked for among the shipped ones when None.

        Raises
        ------
        StoreError
            When the study holds runs of different inputs, or no finished run.
        """
        from bordersim.plot import run_page

        runs = list(self._study)
        if not runs:
            raise StoreError("no finished run to draw")
        if any(run.inputs != runs[0].inputs for run in runs):
            raise StoreError(
                "these runs differ in more than their seed; draw them together with "
                "study.plot.series(), .fan(lever), .heat_map(x, y) or .fees(), one with "
                "study.run(...).plot(), or choose: bordersim.plot.run_page([...])"
            )
        return run_page(runs, scenario=scenario)

    def series(
        self,
        observable: str | Sequence[str] = "arrivals",
        *,
        scenarios: Sequence[str] = (),
        at: At = None,
    ) -> Figure:
        """Draw scenarios over time, with bands over runs and what was reported.

        Parameters
        ----------
        observable
            One or several; harm is added beside arrivals.
        scenarios
            Names; all when empty.
        at
            A point of the design; needed where there are several.
        """
        from bordersim.plot_studies.over_time import series_figure

        return series_figure(self._study, observable, scenarios, at or {})

    def fan(
        self,
        lever: str,
        observable: str | Sequence[str] = "arrivals",
        *,
        scenario: str | None = None,
        at: At = None,
    ) -> Figure:
        """Draw every value of one lever or parameter of the design over time.

        Parameters
        ----------
        lever
            Key of a lever or parameter that the design varies.
        observable
            One or several; harm is added beside arrivals.
        scenario
            Needed where there are several.
        at
            Values of the other axes; the mean over them where they are not named.
        """
        from bordersim.plot_studies.over_time import fan_figure

        return fan_figure(self._study, lever, observable, scenario, at or {})

    def heat_map(
        self,
        x: str,
        y: str,
        observable: str | Sequence[str] = "arrivals",
        *,
        scenario: str | None = None,
        against: str | Mapping[str, float] | None = None,
        window: str | Sequence[str | int] | None = None,
        at: At = None,
    ) -> Figure:
        """Draw a level or an effect over two levers of a grid, with its Monte-Carlo error.

        Parameters
        ----------
        x, y
            Levers or parameters of the design.
        observable
            One or several; harm is added beside arrivals.
        scenario
            Needed where there are several.
        against
            None for levels. For effects, the name of a scenario, which is the baseline at
            the same point; or one point of the design, such as ``{x: 0, y: 1}``, which is
            the baseline of all others.
        window
            As for ``compare``; the whole span when None.
        at
            Values of further axes; the mean over them where they are not named.
        """
        from bordersim.plot_studies.heat import Asked, heat_figure

        asked = Asked((x, y), observable, scenario, against, window, at or {})
        return heat_figure(self._study, asked)

    def fees(
        self,
        *,
        scenario: str | None = None,
        years: Sequence[int] = (),
        at: At = None,
    ) -> Figure:
        """Draw tenth percentile, median and ninetieth of fees by place and year.

        Parameters
        ----------
        scenario
            Needed where there are several.
        years
            All whole years when empty.
        at
            A point of the design; needed where there are several.
        """
        from bordersim.plot_studies.fees import fees_figure

        return fees_figure(self._study, scenario, years, at or {})
