"""The command line: parse, call, print."""


def main() -> None:
    """Entry point of the ``bordersim`` command."""
    from bordersim.cli.stopping import Stopped, heeding_signals, said

    with heeding_signals():
        try:
            code = _answered()
        except Stopped as stop:
            said()
            code = _told(stop.words, stop.exit_code)
    raise SystemExit(code)


def _answered() -> int:
    """Exit code of the command; what no command may leave to a traceback is told here."""
    import sys

    from bordersim.cli.app import app
    from bordersim.errors import BordersimError

    try:
        try:
            app()
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
    return 0


def _told(text: str, code: int) -> int:
    from bordersim.cli.output import say

    say(text)
    return code


def _leave_stdout() -> None:
    """Let what could not be written go: Python would try once more at its end, and complain."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
