"""The command line: parse, call, print."""


def command() -> None:
    """Entry point of ``bordersim``: the process ends here."""
    from bordersim.cli.quick import let_garbage_lie

    let_garbage_lie()
    try:
        main()
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else 1)


def main() -> None:
    """Answer the command line; SystemExit carries the exit code."""
    from bordersim.cli.stopping import Stopped, heeding_signals, said

    with heeding_signals():
        try:
            code = _answered()
        except Stopped as stop:
            said()
            code = _told(stop.text, stop.exit_code, "stopped")
    raise SystemExit(code)


def _answered() -> int:
    """Exit code of the command; what no command may leave to a traceback is told here."""
    import sys

    from bordersim.errors import BordersimError

    try:
        try:
            return _called()
        finally:
            sys.stdout.flush()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BordersimError as error:
        return _told(str(error), 1)
    except MemoryError:
        return _told("out of memory: try a smaller --scale", 1)
    except OSError as error:
        _leave_stdout()
        where = error.filename or "cannot write the output"
        return _told(f"{where}: {error.strerror or error}", 1)


def _called() -> int:
    """Call the command; options that are wrong are told in JSON where JSON is asked for."""
    from bordersim.cli.app import app

    if not _json_wanted():
        app(prog_name="bordersim")
        return 0
    try:
        # Not "standalone": what is wrong with the options is raised instead of printed.
        return app(prog_name="bordersim", standalone_mode=False) or 0
    except Exception as error:
        if not hasattr(error, "format_message"):  # typer's errors have no public base class
            raise
        from bordersim.cli.output import report_problems
        from bordersim.errors import Problem

        # A group whose command is missing has printed its help and has no message.
        message = error.format_message() or "a command is missing"
        return report_problems([Problem("command line", "", message)], as_json=True)


def _json_wanted() -> bool:
    import sys

    return "--json" in sys.argv[1:]


def _told(text: str, code: int, status: str = "failed") -> int:
    from bordersim.cli.output import print_json, say

    say(text)
    if _json_wanted():
        print_json({"status": status, "error": text})
    return code


def _leave(code: int) -> None:
    """End at once: to take apart what the compiler has built would take a quarter of a second."""
    import os
    import sys
    from contextlib import suppress

    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _leave_stdout() -> None:
    """Let what could not be written go: Python would try once more at its end, and complain."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
