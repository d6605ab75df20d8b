"""``python -m bordersim`` is the command line."""

from bordersim.cli import command

if __name__ == "__main__":
    command()
