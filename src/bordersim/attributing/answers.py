"""The answer: shares of a change under every set of draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bordersim.attributing.coalitions import inert
from bordersim.attributing.dividing import interaction_rows, level_rows, parts_of, rows_of
from bordersim.attributing.measuring import Games, Measured
from bordersim.attributing.spec import ALTERNATIVE, PRIOR, Question
from bordersim.attributing.verdicts import verdict_rows
from bordersim.errors import Problem, ScenarioError, suggestion

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Row = dict[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class Attribution:
    """A change divided among factors.

    Attributes
    ----------
    question
        What was asked.
    games
        What was measured, by set of draws.
    folder
        Where the runs are.
    """

    question: Question
    games: Mapping[str, Games]
    folder: str

    def __repr__(self) -> str:
        said = self.question.plain()
        names = ", ".join(self.question.names)
        return f"Attribution({said['from']} -> {said['to']}: {names})"

    @property
    def main(self) -> str:
        """Name of the set that answers."""
        return self.question.sets[0].name

    @property
    def observables(self) -> tuple[str, ...]:
        """What was divided, and had something to measure."""
        return tuple(self.games[self.main].of)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Names of the sets of other structures."""
        return tuple(one.name for one in self.question.sets if one.role == ALTERNATIVE)

    def rows(self, observable: str = "arrivals", under: str | None = None) -> list[Row]:
        """One row for each factor, then momentum, then the change they add up to.

        Parameters
        ----------
        observable
            One of those that were divided.
        under
            Set of draws; the main one when None.

        Raises
        ------
        ScenarioError
            When there is no such observable or set.
        """
        game = self.game(observable, under)
        shared = {"set": under or self.main, "observable": observable, "unit": game.quantity.unit}
        return [shared | row for row in rows_of(game, self.question.names)]

    def interactions(self, observable: str = "arrivals", under: str | None = None) -> list[Row]:
        """One row for each pair of factors, the strongest first."""
        shared = {"set": under or self.main, "observable": observable}
        game = self.game(observable, under)
        return [shared | row for row in interaction_rows(game, self.question.names)]

    def levels(self, observable: str = "arrivals", under: str | None = None) -> Row:
        """The first period, the last, and the last with all held: value, low and high."""
        return dict(level_rows(self.game(observable, under)))

    def verdicts(self, observable: str = "arrivals") -> list[Row]:
        """One row for each factor and momentum: what the data say of it."""
        prior = next((one.name for one in self.question.sets if one.role == PRIOR), None)
        there = prior is not None and observable in self.games[prior].of
        before = self.game(observable, prior) if there else None
        rows = verdict_rows(
            before,
            self.game(observable),
            self.question.names,
            self.question.identified_below,
        )
        return [{"observable": observable, **row} for row in rows]

    def game(self, observable: str, under: str | None = None) -> Measured:
        """What was measured of one observable under one set of draws."""
        name = under or self.main
        if name not in self.games:
            message = f'no set "{name}"{suggestion(name, self.games)}'
            raise ScenarioError([Problem("attribution", "set", message)])
        if observable not in self.games[name].of:
            message = f'"{observable}" was not divided{suggestion(observable, self.games[name].of)}'
            raise ScenarioError([Problem("attribution", "observable", message)])
        return self.games[name].of[observable]

    def table(self, observable: str | None = None) -> pd.DataFrame:
        """Give ``rows`` of one observable, or of all, under every set as a frame."""
        import pandas as pd

        rows = [
            row
            for part, games in self.games.items()
            for name in (games.of if observable is None else (observable,))
            for row in self.rows(name, part)
        ]
        return pd.DataFrame(rows)

    def identifiability(self, observable: str | None = None) -> pd.DataFrame:
        """Give ``verdicts`` of one observable, or of all, as a frame."""
        import pandas as pd

        names = self.observables if observable is None else (observable,)
        return pd.DataFrame([row for name in names for row in self.verdicts(name)])

    def to_df(self) -> pd.DataFrame:
        """Every share of every draw and seed: set, observable, draw, seed, part, value."""
        import pandas as pd

        frames = []
        for part, games in self.games.items():
            for name, game in games.of.items():
                for one in parts_of(game, self.question.names):
                    columns = {"draw": game.draw, "seed": game.seed, "part": one.name}
                    frame = pd.DataFrame(columns | {"value": one.values})
                    frame.insert(0, "observable", name)
                    frame.insert(0, "set", part)
                    frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def notes(self) -> list[str]:
        """What a reader has to know of what is missing."""
        found = []
        for name, games in self.games.items():
            whole = games.n_groups - games.left_out
            if games.left_out:
                lacks = f"{games.left_out} of {games.n_groups} draws x seeds left out"
                found.append(f"{name}: {lacks}, a run is missing")
            for key in self.question.observables:
                lost = whole - (len(games.of[key].draw) if key in games.of else 0)
                if lost:
                    lacks = f"nothing to measure in {lost} of {whole} draws x seeds"
                    found.append(f"{name}: {key} has {lacks}, which are left out of it")
        return found

    def document(self) -> Row:
        """Everything but single draws, as plain data."""
        listed = [(part, name) for part, games in self.games.items() for name in games.of]
        return {
            "question": self.question.plain(),
            "coalitions": self.question.n_coalitions,
            "folder": self.folder,
            "inert": list(inert(self.question)),
            "groups": {
                name: {"planned": games.n_groups, "left_out": games.left_out}
                for name, games in self.games.items()
            },
            "levels": [
                {"set": part, "observable": name, **self.levels(name, part)}
                for part, name in listed
            ],
            "shares": [row for part, name in listed for row in self.rows(name, part)],
            "interactions": [row for part, name in listed for row in self.interactions(name, part)],
            "verdicts": [row for name in self.observables for row in self.verdicts(name)],
            "notes": self.notes(),
        }

    def waterfall(self, *observables: str) -> Figure:
        """Draw from the first period to the last, factor by factor; arrivals by default."""
        from bordersim.plot_attribution import waterfall_figure

        return waterfall_figure(self, observables or self.observables[:1])

    plot = waterfall

    def _repr_html_(self) -> str:
        from bordersim.attributing.showing import attribution_html

        return attribution_html(self)
