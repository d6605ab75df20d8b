"""What a scenario or a run rests on, as one object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bordersim.citing.inputs import cited_data, cited_parameters
from bordersim.citing.policies import cited_policies, entry_row
from bordersim.dates import month_label
from bordersim.registry import Registry, registry
from bordersim.rerun import scenario_of
from bordersim.results import RunResults
from bordersim.run_catalogue import Entry as StoredRun
from bordersim.scenario import Scenario, load

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

COLUMNS = ("part", "item", "says", "basis", "evidence", "claim", "source", "reliability", "use")


@dataclass(frozen=True)
class Citation:
    """What a result rests on.

    Attributes
    ----------
    subject
        ``kind`` (scenario or run), ``name``, ``title``, span, and of a run its id, study,
        seed and scale.
    policies
        Each with lever, dates, the basis of its size, and the evidence it cites.
    parameters
        By kind, each with source or reason.
    data
        Data files with their sources.
    evidence
        What the model is fitted to and what is held out.
    grades
        Meaning of each grade of reliability.
    """

    subject: Row
    policies: list[Row]
    parameters: list[Row]
    data: list[Row]
    evidence: list[Row]
    grades: dict[str, str]

    def document(self) -> Row:
        """Give everything as plain data.

        Returns
        -------
        dict
            For JSON.
        """
        return {
            "subject": self.subject,
            "policies": self.policies,
            "parameters": self.parameters,
            "data": self.data,
            "evidence": self.evidence,
            "grades": self.grades,
        }

    def to_df(self) -> pd.DataFrame:
        """Give everything as one table.

        Returns
        -------
        DataFrame
            Columns part (policy, parameter, data or evidence), item, says, basis, evidence
            (id), claim, source, reliability, use; a policy has a row for each id it cites.
        """
        import pandas as pd

        rows = [*self._policy_rows(), *map(_parameter_row, self.parameters)]
        rows += [row for file in self.data for row in _data_rows(file)]
        rows += [
            _row("evidence", entry["id"], entry["claim"], entry["kind"], entry)
            for entry in self.evidence
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def _policy_rows(self) -> list[Row]:
        return [
            _row("policy", policy["id"], policy["title"], policy["size"]["basis"], entry)
            for policy in self.policies
            for entry in policy["cites"] or [{}]
        ]

    def _repr_html_(self) -> str:
        html: str = self.to_df().to_html(index=False)
        return html


def cite(what: Scenario | RunResults | StoredRun | str | Path) -> Citation:
    """Say what a scenario, or a run, rests on.

    Parameters
    ----------
    what
        A scenario or its file, or a run, stored or in memory.

    Returns
    -------
    Citation
        Policies, parameters, data files and evidence, each with its sources.

    Raises
    ------
    ScenarioError
        With every mistake of a scenario file or of the evidence.
    NoScenarioError
        When no scenario gives the run's inputs.
    """
    evidence = registry()
    if isinstance(what, RunResults | StoredRun):
        scenario = scenario_of(what)
        subject = _run_subject(what, scenario)
    else:
        scenario = what if isinstance(what, Scenario) else load(what)
        subject = _subject(scenario)
    return citation_of(scenario, subject, evidence)


def citation_of(scenario: Scenario, subject: Row, evidence: Registry) -> Citation:
    """Put together what a scenario rests on.

    Parameters
    ----------
    scenario
        Any scenario.
    subject
        Whose citation it is.
    evidence
        The registry.

    Returns
    -------
    Citation
        Of these.
    """
    fitted = evidence.select(use=("calibrate", "validate"))
    return Citation(
        subject=subject,
        policies=cited_policies(scenario, evidence),
        parameters=cited_parameters(scenario),
        data=cited_data(),
        evidence=[entry_row(entry, evidence) for entry in fitted],
        grades=evidence.grades,
    )


def _subject(scenario: Scenario) -> Row:
    return {
        "kind": "scenario",
        "name": scenario.name,
        "title": scenario.title,
        "files": list(scenario.files),
        "start": month_label(scenario.start_month),
        "end": month_label(scenario.end_month),
    }


def _run_subject(run: RunResults | StoredRun, scenario: Scenario) -> Row:
    stored = isinstance(run, StoredRun)
    about = {
        "run_id": run.run_id,
        "study": run.study if isinstance(run, StoredRun) else "",
        "seed": run.columns["seed"] if isinstance(run, StoredRun) else run.seed,
        "scale": scenario.scale,
    }
    return _subject(scenario) | {"kind": "run", "stored": stored} | about


def _row(part: str, item: str, says: str, basis: str, entry: Row) -> Row:
    return {
        "part": part,
        "item": item,
        "says": says,
        "basis": basis,
        "evidence": entry.get("id", ""),
        "claim": entry.get("claim", ""),
        "source": entry.get("source", ""),
        "reliability": entry.get("reliability", ""),
        "use": entry.get("use", ""),
    }


def _parameter_row(parameter: Row) -> Row:
    basis = "set" if parameter["set_by"] else parameter["kind"]
    source = "; ".join(text for text in (parameter["source"], parameter["reason"]) if text)
    row = _row("parameter", parameter["key"], parameter["title"], basis, {})
    return row | {"source": parameter["set_by"] or source}


def _data_rows(file: Row) -> list[Row]:
    sources = [entry["source"] for entry in file["sources"]] or [file["says"]]
    return [
        _row("data", Path(file["file"]).name, file["says"], "", {}) | {"source": source}
        for source in sources
    ]
