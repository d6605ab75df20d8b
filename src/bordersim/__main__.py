"""``python -m bordersim`` is the command line."""

from bordersim.cli import main

if __name__ == "__main__":
    main()
