"""The server of the page: on 127.0.0.1, for this machine's browsers, and in no network.

Solara would ask content networks for what a page loads, report its use, and keep files in
the home folder. All of that is switched off before it is imported, and the browser is told
by the page's content policy to speak to nobody else.
"""

from __future__ import annotations

import os
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from bordersim.errors import BordersimError, Problem, ScenarioError
from bordersim.scenario import Scenario

HOST = "127.0.0.1"
DEFAULT_PORT = 8765

NEEDED = ("solara", "solara_assets", "ipyvuetify", "altair", "starlette", "uvicorn")

NOWHERE = "http://127.0.0.1:9/"
"""Where the server would fetch what is not installed: a port that nobody serves."""

Receive = Callable[[], Any]
Send = Callable[[Any], Any]
Served = Callable[[Any, Any, Any], Any]


def missing_extra() -> str | None:
    """Say what has to be installed first; None when nothing has."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if not missing:
        return None
    return f"the app needs {', '.join(missing)}: pip install 'bordersim[app]'"


def listening(port: int) -> socket.socket:
    """Take a port of this machine.

    Parameters
    ----------
    port
        0 means any that is free.

    Returns
    -------
    socket
        Bound to 127.0.0.1.

    Raises
    ------
    ScenarioError
        When another program has the port.
    """
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A server that was just stopped leaves connections behind, which would hold the port.
    if os.name == "posix":
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((HOST, port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        message = (
            f"port {port} of {HOST} cannot be had ({error.strerror}): another program uses it, "
            "perhaps another `bordersim app`; give another, or 0 for any that is free"
        )
        raise ScenarioError([Problem("command line", "--port", message)]) from None
    return taken


@contextmanager
def _quiet_solara() -> Iterator[None]:
    """Settings without which Solara would leave this machine, or traces on it."""
    with tempfile.TemporaryDirectory(prefix="bordersim-app-") as folder:
        settings = {
            "SOLARA_HOME": folder,
            "IPYTHONDIR": folder,
            "SOLARA_ASSETS_PROXY": "true",
            "SOLARA_ASSETS_CDN": NOWHERE,
            "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
            "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
            "SOLARA_TELEMETRY_SERVER_USER_ID": "nobody",
            "SOLARA_CHECK_HOOKS": "off",  # it complains of Mesa's own components
            "SOLARA_KERNEL_CULL_TIMEOUT": "10m",
            "SOLARA_THEME_VARIANT": "light",  # with "auto" its page lacks the element it fills
            "SOLARA_THEME_TITLE": "bordersim",
            "SOLARA_THEME_SHOW_BANNER": "false",
            "SOLARA_APP": "bordersim.app.page:Page",
        }
        before = {key: os.environ.get(key) for key in settings}
        os.environ.update(settings)
        try:
            yield
        finally:
            for key, value in before.items():
                os.environ.pop(key) if value is None else os.environ.update({key: value})


def content_policy(port: int) -> str:
    """What a browser may load and speak to: this server, and nothing else."""
    own = f"'self' ws://{HOST}:{port} ws://localhost:{port}"
    return (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
        f"connect-src {own}; form-action 'none'; frame-ancestors 'none'; base-uri 'self'"
    )


def guarded(app: Served, port: int) -> Served:
    """Answer only pages of this server, and tell browsers to load nothing else.

    A page of the web may make a browser ask 127.0.0.1; its ``Origin`` or ``Host`` gives
    it away, and it is refused.
    """
    hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
    origins = {f"http://{host}" for host in hosts}
    policy = (b"content-security-policy", content_policy(port).encode())

    async def answer(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if headers.get(b"host") not in hosts or headers.get(b"origin", "") not in {*origins, ""}:
            await _refuse(scope["type"], receive, send)
            return

        async def send_with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), policy]}
            await send(message)

        await app(scope, receive, send_with_policy)

    return answer


async def _refuse(kind: str, receive: Receive, send: Send) -> None:
    if kind == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 403, "headers": []})
    await send({"type": "http.response.body", "body": b"only for pages of this server\n"})


def serve(
    offered: Mapping[str, Scenario],
    begin: Mapping[str, Any],
    port: int,
    told: Callable[[str], None],
) -> None:
    """Serve the page until the process is asked to stop.

    Parameters
    ----------
    offered
        Scenarios by name.
    begin
        What the page begins with: ``scenario``, ``baseline``, ``scale``, ``seed``.
    port
        Of 127.0.0.1; 0 means any that is free.
    told
        Called with the address once it is served.

    Raises
    ------
    BordersimError
        When the extra is not installed.
    ScenarioError
        When the port cannot be had.
    """
    lacking = missing_extra()
    if lacking is not None:
        raise BordersimError(lacking)
    with listening(port) as taken, _quiet_solara():
        import uvicorn

        # Solara would like a cookie that other sites' frames may send; this page has no frames.
        warnings.filterwarnings("ignore", message="Cookies with samesite", category=UserWarning)
        from bordersim.app import page
        from bordersim.app.playing import PlayedModel

        PlayedModel.OFFERED = dict(offered)
        page.BEGIN.update(begin)
        from solara.server.starlette import app

        number = int(taken.getsockname()[1])
        config = uvicorn.Config(
            guarded(app, number),
            log_level="error",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
        told(f"http://{HOST}:{number}")
        uvicorn.Server(config).run(sockets=[taken])
