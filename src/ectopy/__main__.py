"""Run the command line with ``python -m ectopy``."""

from ectopy.cli import main

if __name__ == "__main__":
    main()
