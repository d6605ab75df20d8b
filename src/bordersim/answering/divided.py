"""Questions that an attribution answers: its shares, from the folder of its runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bordersim.answering.spec import Asked
from bordersim.errors import BordersimError, Problem, ScenarioError

if TYPE_CHECKING:
    from bordersim.attributing.answers import Attribution


def attributions_of(asked: Asked, results: Path, named: Path | None) -> dict[str, Attribution]:
    """Work out the attributions that questions name, as far as their runs are stored.

    Parameters
    ----------
    asked
        The questions.
    results
        Folder that holds studies, this among them under its name.
    named
        Folder of the attribution itself, where it is elsewhere.

    Raises
    ------
    ScenarioError
        When the folder that is named holds nothing that answers.
    """
    from bordersim.attributing.reading import read_attribution
    from bordersim.attributing.stored import stored_attribution

    found = {}
    for question in asked.questions:
        if question.attribution is None:
            continue
        if named is None and not results.is_dir():
            continue
        folder = named or results / read_attribution(question.attribution).name
        if named is None and not folder.is_dir():
            continue
        try:
            found[question.id] = stored_attribution(question.attribution, folder)
        except BordersimError as error:
            if named is None:
                continue  # of another engine or posterior: the page says how to make it anew
            message = f"its runs do not answer {question.attribution.name}: {error}"
            raise ScenarioError([Problem("--attribution", str(folder), message)]) from error
    if named is not None and not found:
        message = "no question names an attribution"
        raise ScenarioError([Problem("--attribution", str(named), message)])
    return found
