"""``bordersim runs compact``: few large parts of many small."""

from __future__ import annotations

from pathlib import Path

from bordersim.cli.output import ExitCode, print_json, report_problems
from bordersim.errors import Problem, StoreError, suggestion


def compact_study(results: Path, study: str, *, as_json: bool) -> ExitCode:
    """Compact one study of a folder of results, and say what became of its parts."""
    from bordersim.compaction import compact
    from bordersim.run_catalogue import study_folders
    from bordersim.wording import count

    try:
        folders = {folder.resolve().name: folder for folder in study_folders(results)}
    except StoreError as error:
        return report_problems([Problem("--out", "", str(error))], as_json=as_json)
    if study not in folders:
        message = f'no study "{study}" in {results}{suggestion(study, folders)}'
        return report_problems([Problem("STUDY", "", message)], as_json=as_json)
    done = compact(folders[study])
    if as_json:
        document = {"study": study, "before": done.before, "after": done.after}
        print_json({"status": "ok", **document, "runs": done.n_runs})
    else:
        moved = f"; {count(done.n_runs, 'run')} moved" if done.n_runs else ": nothing to do"
        print(f"{study}: {count(done.before, 'part')} before, {done.after:,} now{moved}")
    return ExitCode.OK
