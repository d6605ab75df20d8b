"""The command line: parse, call, print."""


def main() -> None:
    """Entry point of the ``bordersim`` command."""
    from bordersim.cli.app import app

    app()
