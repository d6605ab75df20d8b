"""Ctrl-C and SIGTERM: stop within a second or so, and say what is kept.

The handler raises ``Stopped`` wherever Python is. Where Python is not, as in the compiler,
or where ``Stopped`` gets lost on its way, a second thread hears of the signal from the
system and ends the process after a second, and in any case after five: what is written is
written by renaming whole files, so an end at any instant is a clean one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

GRACE = 1.0
"""Seconds until Python must have heard of the signal."""

LONG_GRACE = 5.0
"""Seconds until the program must have ended by itself when it has heard, and not lost it."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_SHOW_CURSOR = b"\x1b[?25h\n"


class Stopped(BaseException):
    """The person or the system asked the program to stop; ``words`` say what is kept."""

    def __init__(self, number: int, words: Iterable[str]) -> None:
        self.number = number
        self.words = tuple(words)
        super().__init__(number, self.words)

    @property
    def text(self) -> str:
        """What to say at the end."""
        by = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}[signal.Signals(self.number)]
        return "; ".join([f"stopped by {by}", *self.words])

    @property
    def exit_code(self) -> int:
        """What a shell expects of a process that ended by this signal."""
        return 128 + self.number


Hook = Callable[["sys.UnraisableHookArgs"], object]

_words: list[Callable[[], str]] = []
_under_way = threading.Event()
"""``Stopped`` is raised and has not been seen to get lost."""

_gone = threading.Event()
"""The last words are said."""


@contextmanager
def last_words(words: Callable[[], str]) -> Iterator[None]:
    """Say these, too, when the program is stopped inside the block.

    Parameters
    ----------
    words
        Called at any instant, perhaps from another thread: looks things up in memory
        and nothing else.
    """
    _words.append(words)
    try:
        yield
    finally:
        _words.remove(words)


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Raise ``Stopped`` in the main thread at SIGINT and SIGTERM; end after ``GRACE``."""
    heard, told = os.pipe()
    os.set_blocking(told, False)
    previous = {number: signal.signal(number, _stop) for number in SIGNALS}
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    sys.unraisablehook, usual = _ignore_stopped(sys.unraisablehook), sys.unraisablehook
    watch = threading.Thread(target=_end_in_time, args=(heard, _under_way, _gone), daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)
        os.close(told)  # which the watch takes for the end
        watch.join(GRACE)
        os.close(heard)
        sys.unraisablehook = usual
        if not _gone.is_set():  # else nothing more is to be interrupted
            for number, handler in previous.items():
                signal.signal(number, handler)


def said() -> None:
    """Take note that the last words are said: the process ends by itself."""
    _gone.set()


def _stop(number: int, _frame: FrameType | None) -> None:
    for other in SIGNALS:  # once is enough: the next would interrupt the stopping
        signal.signal(other, signal.SIG_IGN)
    _under_way.set()
    raise _stopped(number)


def _ignore_stopped(usual: Hook) -> Hook:
    """Say nothing of a ``Stopped`` that was raised where it gets lost: the watch ends it."""

    def hook(what: sys.UnraisableHookArgs) -> None:
        if issubclass(what.exc_type, Stopped):
            _under_way.clear()
        else:
            usual(what)

    return hook


def _stopped(number: int) -> Stopped:
    return Stopped(number, (words() for words in _words))


def _end_in_time(heard: int, under_way: threading.Event, gone: threading.Event) -> None:
    asked = os.read(heard, 1)
    if not asked or gone.wait(GRACE):
        return
    deadline = time.monotonic() + LONG_GRACE - GRACE
    while under_way.is_set() and time.monotonic() < deadline:
        if gone.wait(0.05):
            return
    stop = _stopped(asked[0])
    if sys.stderr.isatty():
        os.write(2, _SHOW_CURSOR)
    os.write(2, f"{stop.text}\n".encode())
    if "--json" in sys.argv:
        document = {"status": "stopped", "error": stop.text}
        os.write(1, f"{json.dumps(document, indent=1)}\n".encode())
    os._exit(stop.exit_code)
